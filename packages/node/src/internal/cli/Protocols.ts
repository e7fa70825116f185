/**
 * The protocols that the command knows, by the names it knows them by.
 */
import type * as Announcement from "@effect-discovery/core/Announcement"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as Protocol from "@effect-discovery/core/Protocol"
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
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

/** A module of a protocol, which is loaded when it is chosen. */
type Module<State> = () => Promise<{ readonly protocol: () => Protocol.Protocol<State> }>

const plain = <State>(module: Module<State>) =>
  Effect.map(Effect.promise(module), (module): Choice => {
    const protocol = module.protocol()
    return { source: Source.fromProtocol(protocol), validate: protocol.validate }
  })

// what it cannot announce it says itself, since it alone announces services
const mdns = ({ types }: Options) =>
  types.length === 0
    ? Effect.fail(new Failure.TypeMissing({}))
    : Effect.map(Effect.promise(() => import("@effect-discovery/core/protocol/Mdns")), (Mdns): Choice => ({
      source: Mdns.source({ browse: types }),
      validate: () => undefined
    }))

const signed = ({ signing }: Options) =>
  Effect.map(Signing.source(signing), (source): Choice => ({ source, validate: () => undefined }))

const protocols = {
  json: () => plain(() => import("@effect-discovery/core/protocol/JsonBeacon")),
  mdns,
  peerage: () => plain(() => import("@effect-discovery/core/protocol/Peerage")),
  peernet: () => plain(() => import("@effect-discovery/core/protocol/PeerNet")),
  signed,
  syncthing: () => plain(() => import("@effect-discovery/core/protocol/Syncthing")),
  "syncthing-v0": () => plain(() => import("@effect-discovery/core/protocol/SyncthingV0"))
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
