/**
 * The answering part alone on one link: messages as literals in, decoded datagrams with their times out.
 */
import { assert } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Answering from "../../../../src/protocol/mdns/Answering.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Zone from "../../../../src/protocol/mdns/Zone.ts"

export const name = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

const base = (owner: string, type: number, ttl: number, flush: boolean) => ({
  name: name(owner),
  type,
  class: Record.IN,
  ttl,
  flush
})

export const a = (owner: string, last: number): Record.Record => ({
  ...base(owner, Record.Type.A, Record.hostTtl, true),
  data: { _tag: "Address", octets: Uint8Array.of(192, 168, 1, last) }
})

export const aaaa = (owner: string, last: number): Record.Record => ({
  ...base(owner, Record.Type.AAAA, Record.hostTtl, true),
  data: { _tag: "Address", octets: Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last) }
})

export const ptr = (owner: string, target: string): Record.Record => ({
  ...base(owner, Record.Type.PTR, Record.otherTtl, false),
  data: { _tag: "Pointer", target: name(target) }
})

export const srv = (owner: string, target: string, port = 80): Record.Record => ({
  ...base(owner, Record.Type.SRV, Record.hostTtl, true),
  data: { _tag: "Service", priority: 0, weight: 0, port, target: name(target) }
})

export const txt = (owner: string, length = 1): Record.Record => ({
  ...base(owner, Record.Type.TXT, Record.otherTtl, true),
  data: { _tag: "Text", octets: new Uint8Array(length) }
})

export const opaque = (owner: string, type: number, flush = true): Record.Record => ({
  ...base(owner, type, Record.otherTtl, flush),
  data: { _tag: "Opaque", octets: Uint8Array.of(1, 2, 3) }
})

export const nsec = (owner: string, types: ReadonlyArray<number>, ttl: number): Record.Record => ({
  ...base(owner, Record.Type.NSEC, ttl, true),
  data: { _tag: "Denial", next: name(owner), types }
})

/** Owns records; names all of whose records are unique are ours alone, but for those in `others`. */
export const zone = (records: ReadonlyArray<Record.Record>, others: ReadonlyArray<string> = []): Zone.Zone => {
  const zone = Zone.make()
  for (const record of records) {
    const owned = { record, key: Record.key(record), multicastAt: -Infinity }
    const before = zone.names.get(record.name.key)?.records ?? []
    const all = [...before, owned]
    const isSole = all.every(({ record }) => record.flush) &&
      !others.some((other) => Name.equals(name(other), record.name))
    zone.names.set(record.name.key, { isSole, records: all })
  }
  return zone
}

/** A host and a service on it, as most are. */
export const http = [
  ptr("_http._tcp.local", "x._http._tcp.local"),
  srv("x._http._tcp.local", "h.local"),
  txt("x._http._tcp.local"),
  a("h.local", 2),
  aaaa("h.local", 2)
]

export const link: Link.Link = {
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [],
  maxPayload: 1_472,
  isPortOwned: true
}

export const origin = (host = "192.168.1.9", port = 5353, options: Partial<Link.Origin> = {}): Link.Origin => ({
  source: NetAddress.inetAddressFromStringUnsafe(`${host}:${port}`),
  host,
  isMulticast: true,
  isOnLink: true,
  isOwnAddress: false,
  ...options
})

export const question = (
  owner: string,
  type: number,
  options: { readonly unicast?: boolean; readonly class?: number } = {}
): Message.Question => ({
  name: name(owner),
  type,
  class: options.class ?? Record.IN,
  unicast: options.unicast === true
})

export const query = (
  questions: ReadonlyArray<Message.Question>,
  options: Partial<Message.Message> = {}
): Message.Message => ({
  id: 0,
  isResponse: false,
  isTruncated: false,
  questions,
  answers: [],
  authorities: [],
  additionals: [],
  skipped: 0,
  ...options
})

export const response = (answers: ReadonlyArray<Record.Record>): Message.Message => ({
  ...query([]),
  isResponse: true,
  answers
})

/** A datagram that went out. */
export interface Sent {
  readonly at: number
  readonly to: string
  readonly length: number
  readonly flags: number
  readonly message: Message.Message
}

export interface Bench {
  readonly answering: Answering.Answering
  readonly link: Link.Link
  zone: Zone.Zone
  now: number
  readonly sent: Array<Sent>
  readonly rejected: Array<string>
}

export const make = (
  zone: Zone.Zone,
  options: { readonly seed?: number; readonly link?: Partial<Link.Link>; readonly limits?: Partial<Engine.Limits> } = {}
): Bench => ({
  answering: Answering.make({ seed: options.seed ?? 1, limits: { ...Engine.limits, ...options.limits } }),
  link: { ...link, ...options.link },
  zone,
  now: 0,
  sent: [],
  rejected: []
})

const collect = (self: Bench, out: ReadonlyArray<Engine.Output>): void => {
  for (const output of out) {
    if (output._tag === "Rejected") self.rejected.push(output.reason)
    if (output._tag !== "Transmit") continue
    const to = output.to === "group" ? "group" : NetAddress.formatSocketAddress(output.to)
    const message = Result.getOrThrow(Message.decode(output.payload))
    const flags = output.payload[2]! << 8 | output.payload[3]!
    self.sent.push({ at: self.now, to, length: output.payload.length, flags, message })
  }
}

/** Lets time pass, waking the part whenever it wants. */
export const passUntil = (self: Bench, until: number): void => {
  for (let wakes = 0;; wakes++) {
    assert(wakes < 10_000, "wakes without end")
    const wakeAt = Answering.wakeAt(self.answering)
    if (wakeAt > until) break
    self.now = Math.max(self.now, wakeAt)
    const out: Array<Engine.Output> = []
    Answering.wake(self.answering, () => self.zone, self.now, out)
    collect(self, out)
  }
  self.now = until
}

export const hear = (self: Bench, message: Message.Message, from: Link.Origin = origin(), at = self.now): void => {
  passUntil(self, at)
  const out: Array<Engine.Output> = []
  const hear = message.isResponse ? Answering.hearResponse : Answering.hearQuery
  hear(self.answering, self.link, self.zone, message, from, at, out)
  collect(self, out)
}

/** Records as text: `PTR _http._tcp.local`, with `!` for the flush bit. */
export const show = (records: ReadonlyArray<Record.Record>): ReadonlyArray<string> =>
  records.map(({ flush, name, type }) => `${typeNames.get(type) ?? type}${flush ? "!" : ""} ${Name.format(name)}`)

const typeNames = new Map(Object.entries(Record.Type).map(([name, type]) => [type as number, name]))

/**
 * Holds that delays over 1,000 seeds lie in a range, and that each quarter of it has 25 % of them, give or take 5 % (`within` of the
 * checklist).
 */
export const within = (min: number, max: number, delay: (seed: number) => number): void => {
  const quarters = [0, 0, 0, 0]
  for (let seed = 0; seed < 1_000; seed++) {
    const value = delay(seed)
    assert(value >= min && value <= max, `${value} with seed ${seed}`)
    quarters[Math.min(3, Math.floor((value - min) / ((max - min + 1) / 4)))]! += 1
  }
  for (const count of quarters) assert(count >= 200 && count <= 300, `quarters ${quarters.join()}`)
}

/** All answers that went out by multicast. */
export const multicasts = (self: Bench): ReadonlyArray<Sent> => self.sent.filter(({ to }) => to === "group")

export const markSent = (zone: Zone.Zone, at: number): Zone.Zone => {
  for (const { records } of zone.names.values()) for (const owned of records) owned.multicastAt = at
  return zone
}

export const linkDown = (self: Bench): void => Answering.linkDown(self.answering, self.link.key)

/** The octets of the first datagram that answers a query at once. */
export const octetsOf = (self: Bench, message: Message.Message, from: Link.Origin): Uint8Array => {
  const out: Array<Engine.Output> = []
  Answering.hearQuery(self.answering, self.link, self.zone, message, from, self.now, out)
  const [first] = out
  assert(first?._tag === "Transmit")
  return first.payload
}
