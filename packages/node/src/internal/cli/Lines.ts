/**
 * What the command prints of what happens, a line each.
 */
import type * as Diagnostic from "@effect-discovery/core/Diagnostic"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as Peer from "@effect-discovery/core/Peer"
import * as NetAddress from "effect/net/NetAddress"
import * as Display from "../../Display.ts"

const words = { PeerDiscovered: "discovered", PeerUpdated: "updated", PeerLost: "lost" } as const

/** An event for programs: one JSON object. `at` is the time on the wall, in milliseconds. */
export const json = (event: DiscoveryEvent.DiscoveryEvent, at: number): string =>
  Display.json({
    event: words[event._tag],
    at: new Date(at).toISOString(),
    peer: Peer.toJson(event.peer),
    ...(event._tag === "PeerUpdated" ? { changed: event.changed } : undefined),
    ...(event._tag === "PeerLost" ? { reason: event.reason } : undefined)
  })

/** An event for people, beginning with the time of day. */
export const text = (event: DiscoveryEvent.DiscoveryEvent, at: number): string =>
  [timeOfDay(at), words[event._tag].padEnd(10), nameOf(event.peer), ...detailsOf(event)].join(" ")

const timeOfDay = (at: number): string => new Date(at).toTimeString().slice(0, 8)

const detailsOf = (event: DiscoveryEvent.DiscoveryEvent): ReadonlyArray<string> => {
  switch (event._tag) {
    case "PeerDiscovered":
      return stateOf(event.peer)
    case "PeerUpdated":
      return [`(${event.changed.join(", ")})`, ...stateOf(event.peer)]
    case "PeerLost":
      return [`(${event.reason})`]
  }
}

/** A peer's id, and its name where the id does not tell it. */
export const nameOf = ({ id, name }: Peer.Peer): string =>
  id.endsWith(`:${name}`) ? Display.display(id) : `${Display.display(id)} (${Display.display(name)})`

const stateOf = (peer: Peer.Peer): ReadonlyArray<string> => [
  ...peer.addresses.map(NetAddress.formatInet),
  ...[...peer.attributes].map(([key, value]) => `${Display.display(key)}=${Display.display(value)}`)
]

/** A diagnostic as a sentence. */
export const diagnostic = (diagnostic: Diagnostic.Diagnostic): string =>
  `discover: ${Display.display(describe(diagnostic), 500)}`

const describe = (diagnostic: Diagnostic.Diagnostic): string => {
  const { total } = diagnostic
  switch (diagnostic._tag) {
    case "DatagramRejected":
      return `${diagnostic.source} on ${diagnostic.interface} rejected a datagram from ${diagnostic.from} ` +
        `(${diagnostic.reason}), ${total} so far`
    case "DatagramsDropped":
      return `${diagnostic.source} on ${diagnostic.interface} is behind and has dropped ${total} datagrams so far`
    case "SessionRestarting":
      return `${diagnostic.source} on ${diagnostic.interface} starts again, for the ${
        ordinal(total)
      } time: ${diagnostic.message}`
    case "AnnouncementRefused":
      return `${diagnostic.source} announced what is beyond the limits (${diagnostic.reason}), ${total} so far`
    case "RegistryPressure":
      return `there are too many peers; ${total} were ${diagnostic.what} so far`
    case "PortShared":
      return `${diagnostic.source} on ${diagnostic.interface} shares port ${diagnostic.port} with another program`
    case "AdvertisementRenamed":
      return `${diagnostic.source} announces ${diagnostic.previous} as ${diagnostic.name}, since another host has that name`
    case "AdvertisementUnsettled":
      return `${diagnostic.source} finds no free name for ${diagnostic.name}; another host contests every one`
    case "AdvertisementLarge":
      return `${diagnostic.source} announces ${diagnostic.name} with ${diagnostic.octets} octets of attributes; 400 are advised`
    case "AdvertisementKeysLong":
      return `${diagnostic.source} announces ${diagnostic.name} with long keys: ${
        diagnostic.keys.join(", ")
      }; 9 characters are advised`
    case "HandlerFailed":
      return `${diagnostic.source} on ${diagnostic.interface} could not handle a datagram (${diagnostic.message}), ` +
        `${total} ${diagnostic.what} so far`
  }
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" })
const suffixes: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" }

const ordinal = (count: number): string => `${count}${suffixes[ordinals.select(count)] ?? "th"}`
