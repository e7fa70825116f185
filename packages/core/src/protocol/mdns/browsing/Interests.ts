/**
 * Names that are listened to, and questions that are asked for an instance.
 */
import type * as Engine from "../Engine.ts"
import type * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import type * as State from "./State.ts"

export const listen = ({ listeners }: State.Browsing, name: Name.Name, listener: State.Listener): void => {
  const known = listeners.get(name.key)
  if (known === undefined) listeners.set(name.key, new Set([listener]))
  else known.add(listener)
}

export const unlisten = ({ listeners }: State.Browsing, name: Name.Name, listener: State.Listener): void => {
  const known = listeners.get(name.key)
  known?.delete(listener)
  if (known?.size === 0) listeners.delete(name.key)
}

/** Asks for a slot's records in a way, on the instance's link. */
export const ask = (
  self: State.Browsing,
  { isFollowed, link }: State.Instance,
  slot: State.Slot,
  name: Name.Name,
  mode: Querier.Interest["mode"],
  now: number,
  out: Array<Engine.Output>
): void => {
  if (slot.interest?.mode === mode && slot.interest.name.key === name.key) return
  const id = slot.interest?.id ?? self.nextInterest++
  slot.interest = { id, name, mode }
  const refresh = isFollowed && mode === "resolve"
  Querier.ask(self.querier, { id, name, type: slot.type, link: link.key, mode, refresh }, now, out)
}

/** Asks for a slot's records no more. */
export const release = (self: State.Browsing, slot: State.Slot, now: number): void => {
  if (slot.interest !== undefined) Querier.release(self.querier, slot.interest.id, now)
  slot.interest = undefined
}
