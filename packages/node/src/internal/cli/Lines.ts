/**
 * What the command prints of what happens, a line each.
 */
import type * as Attributes from "@effect-discovery/core/Attributes"
import type * as Diagnostic from "@effect-discovery/core/Diagnostic"
import type * as Peer from "@effect-discovery/core/Peer"
import type * as TrustEvent from "@effect-discovery/core/TrustEvent"
import * as NetAddress from "effect/net/NetAddress"
import * as Display from "../../Display.ts"
import type * as News from "./News.ts"
import * as Standing from "./Standing.ts"

const words = {
  PeerDiscovered: "discovered",
  PeerUpdated: "updated",
  StandingChanged: "updated",
  PeerLost: "lost"
} as const

/** What happened for programs: one JSON object. `at` is the time on the wall, in milliseconds. */
export const json = ({ event, standing }: News.Item, at: number): string =>
  Display.json({
    event: words[event._tag],
    at: new Date(at).toISOString(),
    peer: Standing.toJson(event.peer, standing),
    ...("changed" in event ? { changed: event.changed } : undefined),
    ...("reason" in event ? { reason: event.reason } : undefined)
  })

/** What happened for people, beginning with the time of day. */
export const text = ({ event, standing }: News.Item, at: number): string =>
  [timeOfDay(at), words[event._tag].padEnd(10), Standing.toText(event.peer, standing), ...detailsOf(event)].join(" ")

const timeOfDay = (at: number): string => new Date(at).toTimeString().slice(0, 8)

const detailsOf = (event: News.Item["event"]): ReadonlyArray<string> => {
  switch (event._tag) {
    case "PeerDiscovered":
      return stateOf(event.peer)
    case "PeerUpdated":
    case "StandingChanged":
      return [`(${event.changed.join(", ")})`, ...stateOf(event.peer)]
    case "PeerLost":
      return [`(${event.reason})`]
  }
}

const stateOf = (peer: Peer.Peer): ReadonlyArray<string> => [
  ...peer.addresses.map(NetAddress.formatInet),
  ...attributes(peer.attributes)
]

/** What a node says of itself, each as `key=value`, or as the key alone where it has no value. */
export const attributes = (self: Attributes.Attributes): ReadonlyArray<string> =>
  Array.from(
    self,
    ([key, value]) => self.isFlag(key) ? Display.display(key) : `${Display.display(key)}=${Display.display(value)}`
  )

/** What happened to the trust in keys, where somebody has to look after it, as a sentence; `total` of its kind so far. */
export const trustEvent = (event: Noteworthy, total: number): string =>
  `discover: ${Display.display(`${describeTrust(event)}${total > 1 ? `, ${total} times so far` : ""}`, 1_000)}`

/** What of trust is to be told even when nobody looks at the peers. */
export type Noteworthy = TrustEvent.KeyChanged | TrustEvent.RotationOffered | TrustEvent.StoreFailed

/** Whether it is. */
export const isNoteworthy = (event: TrustEvent.TrustEvent): event is Noteworthy =>
  event._tag === "KeyChanged" || event._tag === "RotationOffered" || event._tag === "StoreFailed"

const describeTrust = (event: Noteworthy): string => {
  switch (event._tag) {
    case "KeyChanged":
      return `the key [${Display.fingerprint(event.key)}] uses the name ${
        Display.display(event.name)
      }, which is that of ` +
        `[${Display.fingerprint(event.pinned)}], and is not trusted`
    case "RotationOffered":
      return `the key [${Display.fingerprint(event.key)}] names ${event.next} [${Display.fingerprint(event.next)}] ` +
        `its successor${event.isTaken ? ", which is trusted now" : "; to trust it, discover trust add it"}`
    case "StoreFailed":
      return event.error.message
  }
}

/** A diagnostic as a sentence. */
export const diagnostic = (diagnostic: Diagnostic.Diagnostic): string =>
  `discover: ${Display.display(describe(diagnostic), 500)}`

const describe = (diagnostic: Diagnostic.Diagnostic): string => {
  const { total } = diagnostic
  switch (diagnostic._tag) {
    case "DatagramRejected":
      return `${diagnostic.source} on ${diagnostic.interface} rejected a datagram from ${diagnostic.from} ` +
        `(${diagnostic.reason}), ${total} so far${diagnostic.reason === "selfSpoof" ? spoofed : ""}`
    case "DatagramsDropped":
      return `${diagnostic.source} on ${diagnostic.interface} is behind and has dropped ${total} datagrams so far`
    case "SessionRestarting":
      return `${diagnostic.source} on ${diagnostic.interface} starts again, for the ${
        ordinal(total)
      } time: ${diagnostic.message}`
    case "GoodbyeUnsaid":
      return `${diagnostic.source} on ${diagnostic.interface} could not say goodbye; what it announced holds until it expires`
    case "AnnouncementRefused":
      return diagnostic.message === undefined
        ? `${diagnostic.source} announced what is beyond the limits (${diagnostic.reason}), ${total} so far`
        : `${diagnostic.source} cannot announce now, for the ${ordinal(total)} time: ${diagnostic.message}`
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

const spoofed = ": something else is said in our own name; does another program use the same name or key?"

const suffixes = ["th", "st", "nd", "rd"]

// 11th, 12th and 13th, and else as the last digit has it
const ordinal = (count: number): string =>
  `${count}${Math.floor(count / 10) % 10 === 1 ? "th" : suffixes[count % 10] ?? "th"}`
