/**
 * What subscribers are told of types, hosts and single records.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import * as Record from "../Record.ts"
import * as ServiceType from "../ServiceType.ts"
import type * as Subscription from "../Subscription.ts"
import * as Addresses from "./Addresses.ts"
import * as Heard from "./Heard.ts"
import type * as State from "./State.ts"

export const where = (link: Link.Link, origin: string): Subscription.Where => ({
  link: link.key,
  interface: link.interface,
  origin
})

/** Tells a record of a name that is asked for; the first time only when it says which types there are. */
export const tell = (
  { key, subscription, told }: State.Subscriber,
  link: Link.Link,
  heard: Heard.Heard,
  out: Array<Engine.Output>
): void => {
  const known = told.get(link.key) ?? new Map<string, State.Said>()
  const { origin, record } = heard
  const recordKey = Record.key(record)
  const isNew = !known.has(recordKey)
  // what was told is ended in the same letters
  if (isNew) told.set(link.key, known.set(recordKey, { record, origin }))
  if (subscription._tag === "Records") {
    out.push({ _tag: "RecordSeen", key, where: where(link, origin), record })
  } else if (isNew && isType(record)) out.push(typeNotice("TypeSeen", key, link, { record, origin }))
}

/** Tells that a record is gone. */
export const untell = (
  { key, subscription, told }: State.Subscriber,
  link: Link.Link,
  recordKey: string,
  out: Array<Engine.Output>
): void => {
  const said = told.get(link.key)?.get(recordKey)
  if (said === undefined) return
  told.get(link.key)!.delete(recordKey)
  if (subscription._tag === "Records") {
    out.push({ _tag: "RecordLost", key, where: where(link, said.origin), record: said.record })
  } else if (isType(said.record)) out.push(typeNotice("TypeLost", key, link, said))
}

// of this link: one of another domain would be told in the same words
const isType = ({ data }: Record.Record): boolean =>
  data._tag === "Pointer" && ServiceType.isType(data.target) &&
  Name.equals(Name.parent(Name.parent(data.target)), ServiceType.local)

const typeNotice = (
  _tag: "TypeSeen" | "TypeLost",
  key: number,
  link: Link.Link,
  { origin, record: { data } }: State.Said
): Subscription.Notice => ({
  _tag,
  key,
  where: where(link, origin),
  type: data._tag === "Pointer" ? ServiceType.format(data.target) : ""
})

/** Tells the addresses of a host, when they are others than were told. */
export const tellHost = (
  self: State.Browsing,
  { addresses: told, key, name, types }: State.Subscriber,
  link: Link.Link,
  out: Array<Engine.Output>
): void => {
  const own = ownAddresses(self, name, types, link)
  const heards = own.length > 0
    ? own
    : types.flatMap((type) => Heard.current(Querier.records(self.querier, link.key, name, type)))
  const { addresses } = Addresses.fromRecords(heards, 0, link)
  const text = addresses.map(String).join()
  if (text === (told.get(link.key) ?? "")) return
  told.set(link.key, text)
  out.push({ _tag: "HostSeen", key, where: where(link, heards[0]?.origin ?? ""), addresses })
}

// nobody else answers for a host that we are ourselves
const ownAddresses = (
  { owned }: State.Browsing,
  name: Name.Name,
  types: ReadonlyArray<number>,
  link: Link.Link
): ReadonlyArray<Addresses.Said> => {
  const origin = link.addresses.map(({ address }) => NetAddress.formatIp(address))[0] ?? ""
  return types.flatMap((type) => owned(link.key, name.key, type)).map(({ data }) => ({ data, origin }))
}
