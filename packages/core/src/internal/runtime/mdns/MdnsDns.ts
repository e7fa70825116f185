/**
 * DNS for names of the link: `.local` and the reverse names of link-local addresses go by multicast, all else to another resolver
 * (RFC 6762, sections 3, 4 and 22.1).
 */
import * as Effect from "effect/Effect"
import * as Dns from "effect/net/Dns"
import * as Host from "effect/net/Host"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import * as Domain from "../../../protocol/mdns/querier/Domain.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import type * as MdnsError from "./MdnsError.ts"
import type { RecordEvent } from "./RecordEvent.ts"

/** The part of the service that DNS needs. */
export interface Mdns {
  readonly lookup: (host: string) => Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, MdnsError.ResolveError>
  readonly records: (name: string, type: number) => Stream.Stream<RecordEvent, DiscoveryError.DiscoveryError>
}

/** A resolver that asks `other` for what is not of the link. */
export const make = (mdns: Mdns, other: Dns.Dns["Service"]): Dns.Dns["Service"] =>
  Dns.make({
    lookup: (host, family) => {
      if (isOfLink(host)) return Effect.mapBoth(mdns.lookup(host), { onFailure: failure(host), onSuccess: usable })
      return other.lookup(host, { family })
    },
    resolve: (name, type) => isOfLink(name) ? resolve(mdns, name, type) : other.resolve(name, type),
    reverse: (address) => {
      const name = Dns.reverseName(address)
      return isOfLink(name)
        ? Effect.mapBoth(resolve(mdns, name, "PTR"), {
          onFailure: ({ cause, reason }) =>
            new Dns.DnsError({ reason, method: "reverse", hostname: NetAddress.formatIp(address), cause }),
          onSuccess: (records) => records.flatMap(hostOf)
        })
        : other.reverse(address)
    }
  })

const isOfLink = (text: string): boolean => {
  const name = Result.getOrUndefined(Name.fromString(text))
  return name !== undefined && Domain.isLinkLocal(name)
}

const reasons: { readonly [Tag in MdnsError.Reason["_tag"]]: Dns.DnsErrorReason } = {
  // where nobody is in charge of all names, no answer is how a name is known not to be
  NoAnswer: "NotFound",
  Denied: "NotFound",
  InvalidQuestion: "BadName",
  Truncated: "InvalidResponse",
  Failed: "Temporary"
}

const failure = (hostname: string) => (cause: MdnsError.ResolveError): Dns.DnsError =>
  new Dns.DnsError({ reason: reasons[cause.reason._tag], method: "lookup", hostname, cause })

// what cannot be dialed without the interface comes only where there is nothing else, since a resolver cannot say the interface
const usable = (addresses: ReadonlyArray<NetAddress.InetAddress>): ReadonlyArray<NetAddress.IpAddress> => {
  const all = addresses.map(({ address }) => address)
  const dialable = all.filter((address) => NetAddress.isIpv4Address(address) || !NetAddress.isLinkLocal(address))
  return dialable.length > 0 ? dialable : all
}

// RFC 6762 gives none; as for other questions that are asked once
const patience = "3 seconds"

const numbers: { readonly [Type in Dns.RecordType]?: number } = {
  A: Record.Type.A,
  AAAA: Record.Type.AAAA,
  CNAME: Record.Type.CNAME,
  PTR: Record.Type.PTR,
  SRV: Record.Type.SRV,
  TXT: Record.Type.TXT
}

const resolve = (
  mdns: Mdns,
  hostname: string,
  recordType: Dns.RecordType
): Effect.Effect<ReadonlyArray<Dns.DnsRecord>, Dns.DnsError> => {
  const error = (reason: Dns.DnsErrorReason, cause?: unknown) =>
    new Dns.DnsError({ reason, method: "resolve", hostname, recordType, cause })
  const type = numbers[recordType]
  if (type === undefined) return Effect.fail(error("Unsupported"))
  return mdns.records(hostname, type).pipe(
    Stream.groupedWithin(64, "100 millis"),
    Stream.runHead,
    Effect.timeoutOption(patience),
    Effect.mapError((cause) => error("Temporary", cause)),
    Effect.map((events) => Option.getOrElse(Option.flatten(events), () => []).flatMap(recordOf))
  )
}

/** A record of DNS, of the types that there are for it. */
const recordOf = (event: RecordEvent): ReadonlyArray<Dns.DnsRecord> => {
  if (event._tag !== "RecordFound") return []
  const { data, type } = event.record
  switch (type) {
    case Record.Type.A:
      return data.length === 4 ? [Dns.makeRecordUnsafe("A", { address: NetAddress.ipv4FromBytesUnsafe(data) })] : []
    case Record.Type.AAAA:
      return data.length === 16 ? [Dns.makeRecordUnsafe("AAAA", { address: NetAddress.ipv6FromBytesUnsafe(data) })] : []
    case Record.Type.PTR:
      return [Dns.makeRecordUnsafe("PTR", { host: qualified(data) })]
    case Record.Type.CNAME:
      return domainName(data).map((target) => Dns.makeRecordUnsafe("CNAME", { target }))
    case Record.Type.SRV:
      return domainName(data.subarray(6)).map((target) => Dns.makeRecordUnsafe("SRV", { ...numbersOf(data), target }))
    case Record.Type.TXT:
      return [Dns.makeRecordUnsafe("TXT", { chunks: chunks(data) })]
    default:
      return []
  }
}

const hostOf = (record: Dns.DnsRecord): ReadonlyArray<string> =>
  record._tag === "PTR" ? [record.host.replace(/\.$/, "")] : []

// with the dot of the root at its end, as `Dns` has the names in all records
const qualified = (wire: Uint8Array): string => {
  const text = Name.format(Name.fromWire(wire))
  return text.endsWith(".") ? text : `${text}.`
}

// the names of mDNS may be any text, those of DNS may not
const domainName = (wire: Uint8Array): ReadonlyArray<Host.DomainName> => {
  const name = Host.domainNameFromString(qualified(wire))
  return Result.isSuccess(name) ? [name.success] : []
}

const numbersOf = (data: Uint8Array) => ({
  priority: (data[0]! << 8) | data[1]!,
  weight: (data[2]! << 8) | data[3]!,
  port: (data[4]! << 8) | data[5]!
})

const chunks = (data: Uint8Array): readonly [string, ...Array<string>] => {
  const text = new TextDecoder("utf-8", { ignoreBOM: true })
  const strings: Array<string> = []
  for (let offset = 0; offset < data.length; offset += data[offset]! + 1) {
    strings.push(text.decode(data.subarray(offset + 1, offset + 1 + data[offset]!)))
  }
  const [first = "", ...rest] = strings
  return [first, ...rest]
}
