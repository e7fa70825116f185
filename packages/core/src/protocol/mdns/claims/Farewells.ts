/**
 * Goodbyes once more: one datagram is easily lost, and would leave what was taken back with others for as long as it was to hold.
 */
import type * as Engine from "../Engine.ts"
import type * as Message from "../Message.ts"
import type * as Record from "../Record.ts"
import * as Offer from "./Offer.ts"
import * as Packets from "./Packets.ts"
import type * as State from "./State.ts"

/** Says records to be gone, now and as soon as that may be said again. */
export const say = (
  { farewells, link }: State.Presence,
  gone: ReadonlyArray<State.Holding>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const dueAt = now + Packets.spacing
  for (const holding of gone) {
    const part = Offer.partKey(holding.record)
    const others = farewells.get(part)?.gone.filter(({ key }) => key !== holding.key) ?? []
    farewells.set(part, { gone: [...others, holding], dueAt })
  }
  Packets.takeBack(link, gone, out)
}

/** Hears another's response. */
export const hear = (presence: State.Presence, { additionals, answers, authorities }: Message.Message): void => {
  if (presence.farewells.size === 0) return
  for (const record of [...answers, ...authorities, ...additionals]) if (record.ttl > 0) spare(presence, record)
}

/** A record is said: it is there again, or what it is of is another's now. */
export const spare = ({ farewells }: State.Presence, record: Record.Record): void => {
  if (farewells.size > 0) farewells.delete(Offer.partKey(record))
}

/** Says what is due. */
export const step = ({ farewells, link }: State.Presence, now: number, out: Array<Engine.Output>): void => {
  const due: Array<State.Holding> = []
  for (const [part, farewell] of farewells) {
    if (farewell.dueAt > now) continue
    farewells.delete(part)
    due.push(...farewell.gone)
  }
  Packets.takeBack(link, due, out)
}
