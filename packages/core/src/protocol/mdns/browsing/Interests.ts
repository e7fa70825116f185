/**
 * Names that are listened to, and questions that are asked for an instance.
 */
import type * as Engine from "../Engine.ts"
import type * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import type * as State from "./State.ts"

/** Begins to tell whoever listens what becomes of a name's records. Most names have one listener. */
export const listen = ({ listeners }: State.Browsing, name: Name.Name, listener: State.Listener): void => {
  const known = listeners.get(name.key)
  if (known === undefined || known === listener) listeners.set(name.key, listener)
  else if (known instanceof Set) known.add(listener)
  else listeners.set(name.key, new Set([known, listener]))
}

export const unlisten = ({ listeners }: State.Browsing, name: Name.Name, listener: State.Listener): void => {
  const known = listeners.get(name.key)
  if (known === listener) listeners.delete(name.key)
  if (!(known instanceof Set) || !known.delete(listener)) return
  if (known.size === 0) listeners.delete(name.key)
}

/** Who listens to a name now. */
export const listenersOf = ({ listeners }: State.Browsing, nameKey: string): ReadonlyArray<State.Listener> => {
  const known = listeners.get(nameKey)
  if (known === undefined) return none
  return known instanceof Set ? Array.from(known) : [known]
}

const none: ReadonlyArray<State.Listener> = []

/** Asks for the records of a set, besides listening to them. */
export const ask = (
  self: State.Browsing,
  instance: State.Instance,
  question: { readonly set: number; readonly type: number; readonly name: Name.Name; readonly refresh: boolean },
  now: number,
  out: Array<Engine.Output>
): void => {
  const { name, refresh, set, type } = question
  if (instance.interests.some((interest) => interest.set === set)) return
  const { subscription } = instance.subscriber
  const isOnce = subscription._tag === "Instance" && subscription.isOnce
  const id = self.nextInterest++
  instance.interests = [...instance.interests, { id, set }]
  Querier.ask(self.querier, { id, name, type, link: instance.link.key, mode: "resolve", refresh, isOnce }, now, out)
}

/** Asks for the records of some sets no more. */
export const release = (self: State.Browsing, instance: State.Instance, sets: number, now: number): void => {
  if (!instance.interests.some(({ set }) => (sets & set) !== 0)) return
  for (const { id, set } of instance.interests) if ((sets & set) !== 0) Querier.release(self.querier, id, now)
  const left = instance.interests.filter(({ set }) => (sets & set) === 0)
  instance.interests = left.length === 0 ? nothing : left
}

const nothing: ReadonlyArray<never> = []
