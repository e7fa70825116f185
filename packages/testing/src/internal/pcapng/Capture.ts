/**
 * A journal as a capture file: an interface for each one there is, and one more for what faults and sockets took away.
 */
import * as NetworkEvent from "../../NetworkEvent.ts"
import * as Log from "../journal/Log.ts"
import type { Journal } from "../journal/Model.ts"
import * as Block from "./Block.ts"
import * as Packet from "./Packet.ts"
import * as Ports from "./Ports.ts"

/**
 * What a capture shows.
 *
 * **Details**
 *
 * From the perspective of the `wire`, the default, every datagram is there once as it was sent, and its headers once more on the interface "fault" for each
 * receiver that it was lost for; that a host did not join a group is not worth a packet. From that of a host it is what the interfaces of the host saw, in and out, with what was
 * lost on the way from or to it on the interface "fault", whole where the host has not sent it. `start` is the wall clock at the time 0 of the network, in milliseconds since 1970, 0 by default.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What passed on the wire, or what the interfaces of one host saw. Default: `wire`. */
  readonly perspective?: "wire" | { readonly host: string } | undefined
  /** The wall clock at the time 0 of the network, in milliseconds since 1970. Default: 0. */
  readonly start?: number | undefined
}

interface Shown {
  readonly port: number
  readonly direction: 0 | 1 | 2
  readonly comment: string | undefined
}

/** @internal */
export const of = (journal: Journal, options: Options): Uint8Array => {
  const perspective = options.perspective ?? "wire"
  const start = Math.round((options.start ?? 0) * 1000)
  const ports = Ports.of(journal, perspective === "wire" ? undefined : perspective.host)
  const parts: Array<Uint8Array> = [...section(journal), ...ports.all.flatMap(Ports.description), ...names(journal)]
  const pending: Array<string> = []
  const known = new Set<number>()
  for (const event of visible(journal, perspective)) {
    if (event.kind === "fault" || event.kind === "mark" || event.kind === "host") pending.push(remark(event))
    const shown = show(event, ports, perspective)
    const datagram = event.datagram === undefined ? undefined : journal.datagram(event.datagram)
    if (shown === undefined || datagram === undefined) continue
    // what is looped back to the interface it left by is not captured there a second time
    if (event.kind === "deliver" && known.has(datagram.id) && isSender(datagram, event)) continue
    const comments = [...pending.splice(0), ...(shown.comment === undefined ? [] : [shown.comment])]
    const isRepeated = known.has(datagram.id) &&
      (shown.direction === 0 || (shown.direction === 1 && isSender(datagram, event)))
    known.add(datagram.id)
    parts.push(...packet(event, datagram, { ...shown, isRepeated }, comments, start))
  }
  const end = start + (journal.events.at(-1)?.time ?? 0)
  return Block.join([...parts, ...ports.all.flatMap((port, i) => Ports.statistics(port, i, stamp(end)))])
}

const isSender = (datagram: NetworkEvent.Datagram, event: NetworkEvent.NetworkEvent): boolean =>
  datagram.host === event.host && datagram.interface === event.interface

const section = ({ forgotten, seed }: Journal): ReadonlyArray<Uint8Array> =>
  Block.block(
    0x0a0d0d0a,
    Block.words(0x1a2b3c4d),
    Block.halfWords(1, 0),
    Block.words(0xffffffff, 0xffffffff),
    ...Block.options([
      Block.text(4, `effect-discovery simulated network, seed ${seed}`),
      ...(forgotten === 0 ? [] : [Block.text(1, `${forgotten} earlier events forgotten`)])
    ])
  )

// The host that has an address now, else the one that sent from it. Loopback addresses are everybody's.
const names = (journal: Journal): ReadonlyArray<Uint8Array> => {
  const found = new Map<string, string>()
  for (const { interfaces, name } of journal.hosts) {
    for (const { address } of interfaces.flatMap(({ addresses }) => addresses)) {
      if (!isLoopback(address) && !found.has(address)) found.set(address, name)
    }
  }
  for (const event of journal.events) {
    const datagram = event.kind === "send" ? journal.datagram(event.datagram!) : undefined
    const address = datagram?.source.address
    if (address !== undefined && !isLoopback(address) && !found.has(address)) found.set(address, datagram!.host)
  }
  const records = Array.from(found, ([address, name]) => {
    const octets = Packet.octetsOf(address)
    return Block.record(
      octets.length === 4 ? 1 : 2,
      Block.join([octets, utf8.encode(`${name.replaceAll("\0", "")}\0`)])
    )
  })
  return records.length === 0 ? [] : Block.block(4, ...records.flat(), Block.halfWords(0, 0))
}

const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1"

const utf8 = new TextEncoder()

// A datagram that several sockets of an interface get came by it once.
const visible = (journal: Journal, perspective: NonNullable<Options["perspective"]>) => {
  if (perspective === "wire") return journal.events.filter(({ kind }) => kind !== "deliver")
  const seen = new Set<string>()
  return journal.events.filter((event) => {
    if (event.host !== undefined && event.host !== perspective.host) return false
    if (event.kind !== "deliver" && !(event.kind === "drop" && isArrived(event.reason))) return true
    const arrival = `${event.interface} ${event.datagram} ${event.time}`
    return !seen.has(arrival) && seen.add(arrival)
  })
}

const show = (
  event: NetworkEvent.NetworkEvent,
  ports: Ports.Ports,
  perspective: NonNullable<Options["perspective"]>
): Shown | undefined => {
  const port = Ports.find(ports, event.host, event.interface)
  switch (event.kind) {
    case "send":
    case "forward":
      return { port, direction: 2, comment: event.kind === "forward" ? remark(event) : undefined }
    case "deliver":
      return { port, direction: 1, comment: undefined }
    case "drop":
      if (perspective === "wire" && event.reason === "not-joined") return undefined
      return perspective !== "wire" && isArrived(event.reason)
        ? { port, direction: 1, comment: remark(event) }
        : { port: Ports.find(ports, undefined, undefined), direction: 0, comment: remark(event) }
    case "duplicate":
    case "corrupt":
    case "hold":
      return { port: Ports.find(ports, undefined, undefined), direction: 0, comment: remark(event) }
    default:
      return undefined
  }
}

// Reasons to drop what came all the way to the host.
const arrived: ReadonlySet<NetworkEvent.DropReason> = new Set([
  "no-listener",
  "not-joined",
  "not-peer",
  "firewall",
  "buffer"
])

const isArrived = (reason: NetworkEvent.DropReason): boolean => arrived.has(reason)

const remark = (event: NetworkEvent.NetworkEvent): string =>
  [
    event.kind.toUpperCase(),
    event.kind === "drop" ? event.reason : "",
    event.text,
    `at ${Log.place(event)}`,
    event.rule === undefined ? "" : `rule=${event.rule}`,
    `event=${event.seq}`,
    event.kind === "drop" ? `(${NetworkEvent.dropReasons[event.reason]})` : ""
  ].filter((part) => part !== "" && part !== "at -").join(" ")

const packet = (
  event: NetworkEvent.NetworkEvent,
  datagram: NetworkEvent.Datagram,
  { direction, isRepeated, port }: Shown & { readonly isRepeated: boolean },
  comments: ReadonlyArray<string>,
  start: number
): ReadonlyArray<Uint8Array> => {
  const octets = Packet.of(datagram, event.kind === "forward" ? datagram.ttl - 1 : datagram.ttl)
  const captured = isRepeated ? Packet.headers(datagram, octets) : octets
  return Block.block(
    6,
    Block.words(port, ...stamp(start + event.time), captured.length, octets.length),
    ...Block.padded(captured),
    ...Block.options([
      ...comments.map((comment) => Block.text(1, comment)),
      Block.uint32(2, direction | casts[datagram.kind] << 2)
    ])
  )
}

const casts = { Unicast: 1, Icmp: 1, Multicast: 2, Broadcast: 3 }

/** Microseconds as nanoseconds in two words, the upper one first. */
const stamp = (micros: number): readonly [number, number] => {
  const nanos = BigInt(micros) * 1000n
  return [Number(nanos >> 32n), Number(nanos & 0xffffffffn)]
}
