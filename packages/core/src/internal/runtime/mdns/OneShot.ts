/**
 * A question from a port of its own, for which nobody need let us have port 5353 (RFC 6762, sections 5.1 and 6.7).
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as Claim from "../../../Claim.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Limits from "../../../Limits.ts"
import * as Network from "../../../Network.ts"
import type * as NetworkInterface from "../../../NetworkInterface.ts"
import * as Link from "../../../protocol/mdns/Link.ts"
import * as Message from "../../../protocol/mdns/Message.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import * as Domain from "../../../protocol/mdns/querier/Domain.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import * as Writer from "../../../protocol/mdns/Writer.ts"
import * as Arrival from "../Arrival.ts"
import * as LinkSockets from "./LinkSockets.ts"
import * as MdnsError from "./MdnsError.ts"
import * as Service from "./Service.ts"

/** How it is asked. */
export interface Options {
  readonly interfaces: NetworkInterface.Predicate
  readonly timeout: Duration.Input
}

type Answer = Result.Result<Addresses, MdnsError.ResolveError>
type Addresses = ReadonlyArray<NetAddress.InetAddress>

/** The addresses of a host: those in the first reply. */
export const lookup = Effect.fnUntraced(function*(host: string, options: Options) {
  const name = Result.getOrUndefined(Name.fromString(host))
  if (name === undefined || !Domain.isLinkLocal(name)) {
    return yield* MdnsError.make(
      new MdnsError.InvalidQuestion({ name: host, limit: "a name below local, such as printer.local" })
    )
  }
  const network = yield* Network.Network
  const all = Option.getOrElse(yield* Stream.runHead(network.interfaces), () => [])
  const links = all.filter(options.interfaces).flatMap((networkInterface) =>
    (["IPv4", "IPv6"] as const).map((family) => ({
      family,
      network,
      networkInterface: () => networkInterface,
      limits: Limits.defaults
    }))
  ).filter(({ family, networkInterface }) => LinkSockets.sendersOf(networkInterface(), family).length > 0)
  if (!Arr.isReadonlyArrayNonEmpty(links)) {
    return yield* failed(
      DiscoveryError.make(
        new DiscoveryError.NoUsableInterface({ source: "mdns", available: all.map(({ name }) => name) })
      )
    )
  }
  const id = yield* Random.nextIntBetween(0, 0xffff)
  const millis = Duration.toMillis(Duration.fromInputUnsafe(options.timeout))
  const asked = links.map((link) => ask(link, () => all, { id, name }))
  return yield* Effect.raceAll(asked).pipe(
    Effect.scoped,
    Effect.flatMap(Effect.fromResult),
    Effect.timeoutOrElse({
      duration: millis,
      orElse: () => Effect.fail(MdnsError.make(new MdnsError.NoAnswer({ name: host, millis })))
    })
  )
})

const failed = (cause: unknown) => MdnsError.make(new MdnsError.Failed({ cause }))

interface Question {
  readonly id: number
  readonly name: Name.Name
}

// on one link, until there is a reply; a second question makes up for one that is lost
const ask = Effect.fnUntraced(
  function*(
    link: LinkSockets.Options,
    interfaces: () => ReadonlyArray<NetworkInterface.NetworkInterface>,
    question: Question
  ) {
    const { reader, writer } = yield* LinkSockets.openAsker(link)
    const write = writer.write({ payload: encode(question), address: LinkSockets.groupOf(link) })
    yield* Effect.forkScoped(Effect.ignore(Effect.andThen(Effect.sleep("1 second"), write)))
    yield* write
    const surroundings = { networkInterface: link.networkInterface, interfaces }
    const read: Effect.Effect<Answer, DatagramSocket.DatagramSocketError> = Effect.flatMap(
      reader.pull,
      (datagrams) => {
        const replies = datagrams.flatMap((datagram) => replyIn(surroundings, question, datagram))
        const addresses = Service.unionOf(replies.flatMap((reply) => addressesIn(reply, question.name, link)))
        if (addresses.length > 0) return Effect.succeed(Result.succeed(addresses))
        return replies.some(({ message }) => message.isTruncated)
          ? Effect.succeed(Result.fail(MdnsError.make(new MdnsError.Truncated({ name: Name.format(question.name) }))))
          : read
      }
    )
    return yield* read
  },
  Effect.mapError(failed)
)

const encode = ({ id, name }: Question): Uint8Array => {
  const writer = Writer.make({ kind: "query", id, limit: 512 })
  for (const type of [Record.Type.A, Record.Type.AAAA]) {
    Writer.question(writer, { name, type, class: Record.IN, unicast: false })
  }
  return Writer.finish(writer)
}

/** A message, and who sent it. */
interface Reply {
  readonly message: Message.Message
  readonly source: NetAddress.InetAddress
}

// from the port of mDNS on this link, and to our question
const replyIn = (
  surroundings: Arrival.Surroundings,
  { id }: Question,
  datagram: DatagramSocket.Datagram
): ReadonlyArray<Reply> => {
  const source = Arrival.sourceOf(datagram)
  if (source === undefined || source.port !== Link.port) return []
  if (Arrival.linkOf(surroundings, source, false) !== "accept") return []
  const message = Result.getOrUndefined(Message.decode(datagram.payload))
  return message !== undefined && message.isResponse && message.id === id ? [{ message, source }] : []
}

const addressesIn = (
  { message: { additionals, answers }, source }: Reply,
  name: Name.Name,
  link: LinkSockets.Options
): Addresses =>
  [...answers, ...additionals].flatMap((record) => {
    if (!Name.equals(record.name, name) || record.data._tag !== "Address") return []
    const { octets } = record.data
    const address = octets.length === 4
      ? NetAddress.ipv4FromBytesUnsafe(octets)
      : NetAddress.ipv6FromBytesUnsafe(octets)
    // with any port, since a host without one is asked for as such
    if (!Claim.isDialable(NetAddress.inetAddressUnsafe(address, 1), source.address)) return []
    return [LinkSockets.withScope(NetAddress.inetAddressUnsafe(address, 0), link.networkInterface().index)]
  })
