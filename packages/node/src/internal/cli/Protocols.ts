/**
 * The protocols that the command knows, by the names it knows them by.
 */
import type * as Announcement from "@effect-discovery/core/Announcement"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as Protocol from "@effect-discovery/core/Protocol"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as PeerNet from "@effect-discovery/core/protocol/PeerNet"
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as Source from "@effect-discovery/core/Source"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "./Failure.ts"
import * as Signing from "./Signing.ts"

/** A protocol to find peers by, and what it cannot announce. */
export interface Choice {
  readonly source: Source.Source<DiscoveryError.DiscoveryError, Network.Network | SignedBeacon.Services>
  readonly validate: (announcement: Announcement.Announcement) => DiscoveryError.InvalidAnnouncement | undefined
}

/** What protocols are told besides what is announced. */
export interface Options {
  readonly types: ReadonlyArray<string>
  readonly signing: Signing.Options
}

/** Nothing. */
export const untold: Options = { types: [], signing: Signing.none }

const plain = <State>(protocol: Protocol.Protocol<State>) =>
  Effect.succeed<Choice>({ source: Source.fromProtocol(protocol), validate: protocol.validate })

// what it cannot announce it says itself, since it alone announces services
const mdns = ({ types }: Options) =>
  types.length === 0
    ? Effect.fail(new Failure.TypeMissing({}))
    : Effect.succeed<Choice>({ source: Mdns.source({ browse: types }), validate: () => undefined })

const signed = ({ signing }: Options) =>
  Effect.map(Signing.source(signing), (source): Choice => ({ source, validate: () => undefined }))

const protocols = {
  json: () => plain(JsonBeacon.protocol()),
  mdns,
  peerage: () => plain(Peerage.protocol()),
  peernet: () => plain(PeerNet.protocol()),
  signed,
  syncthing: () => plain(Syncthing.protocol()),
  "syncthing-v0": () => plain(SyncthingV0.protocol())
}

type Signed = ReturnType<typeof signed>
type Opened = Effect.Effect<Choice, Failure.TypeMissing | Effect.Error<Signed>, Effect.Services<Signed>>

export type Name = keyof typeof protocols

export const names = Object.keys(protocols) as ReadonlyArray<Name>

// few names are device ids or keys, a Syncthing on this machine holds its port for itself, and signing takes a realm and a key: these are
// chosen by name
const chosenOnly: ReadonlySet<Name> = new Set(["mdns", "peernet", "signed", "syncthing"])
const usual = names.filter((name) => !chosenOnly.has(name))

/**
 * The protocols with these names, each once. Service types are mDNS's and a realm is that of signed announcements, each of which needs some:
 * without any name they are what chooses them, and without them it is all the others but those of keys and device ids.
 */
export const select = Effect.fnUntraced(function*(chosen: ReadonlyArray<Name>, options: Options) {
  const signing = Signing.given(options.signing)
  const implied = [
    ...(options.types.length > 0 ? ["mdns" as const] : []),
    ...(Option.isSome(options.signing.realm) ? ["signed" as const] : [])
  ]
  const selected = new Set(chosen.length > 0 ? chosen : implied.length > 0 ? implied : usual)
  if (!selected.has("mdns") && options.types.length > 0) return yield* new Failure.TypeUnused({})
  if (!selected.has("signed") && signing !== undefined) return yield* new Failure.SigningUnused({ flag: signing })
  return yield* Effect.forEach(Array.from(selected), (name): Opened => protocols[name](options))
})
