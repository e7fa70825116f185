/**
 * What signed announcements need to be told: the realm, the key of this node, and the keys of its group.
 */
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Network from "@effect-discovery/core/Network"
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import type * as Source from "@effect-discovery/core/Source"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as Arr from "effect/Array"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "./Failure.ts"
import * as KeyFiles from "./KeyFiles.ts"
import * as Places from "./Places.ts"
import * as Secret from "./Secret.ts"

/** Which announcements to read. */
export const flags = {
  realm: Flag.String("realm").pipe(
    Flag.withMetavar("REALM"),
    Flag.optional,
    Flag.withDescription(
      "The application or network whose signed announcements are meant, such as chat; chooses signed"
    )
  ),
  groupKeys: Flag.String("group-key").pipe(
    Flag.withMetavar("FILE"),
    Flag.atLeast(0),
    Flag.withDescription(
      "A file with a shared key, for signed: only who has it can read what is announced; up to eight, of which the first is used to announce"
    )
  )
}

/** By which key to announce. */
export const key = Flag.String("key").pipe(
  Flag.withMetavar("FILE"),
  Flag.optional,
  Flag.withDescription(
    "The file with this node's key, for signed (default: effect-discovery/node.key in $XDG_CONFIG_HOME or ~/.config)"
  )
)

/** What was said of signed announcements. `key` is the file of the key to announce by; a node that only listens has none. */
export interface Options {
  readonly realm: Option.Option<string>
  readonly groupKeys: ReadonlyArray<string>
  readonly key?: Option.Option<string>
}

/** Nothing. */
export const none: Options = { realm: Option.none(), groupKeys: [] }

/** A flag that was given and is for signed announcements alone. */
export const given = ({ groupKeys, key, realm }: Options): string | undefined =>
  Option.isSome(realm)
    ? "--realm"
    : groupKeys.length > 0
    ? "--group-key"
    : key !== undefined && Option.isSome(key)
    ? "--key"
    : undefined

const beacon = Effect.promise(() => import("@effect-discovery/core/protocol/SignedBeacon"))
const stampStore = Effect.promise(() => import("../../NodeStampStore.ts"))

/** The source of signed announcements, for which what it takes is loaded. */
export const source = Effect.fnUntraced(function*(options: Options) {
  if (Option.isNone(options.realm)) return yield* new Failure.RealmMissing({})
  yield* Effect.forEach(options.groupKeys, (file) => Secret.refuse("--group-key", Option.some(file)))
  const ring = yield* Effect.forEach(options.groupKeys, (file) => KeyFiles.loadShared(file, Option.some(file)))
  const identity = options.key === undefined ? undefined : yield* identityOf(options.key)
  const group = Arr.isReadonlyArrayNonEmpty(ring) ? { ring } : undefined
  const source: Source.Source<DiscoveryError.DiscoveryError, Network.Network | SignedBeacon.Services> = (yield* beacon)
    .source({ realm: options.realm.value, identity, group })
  return source
})

const identityOf = Effect.fnUntraced(function*(given: Option.Option<string>) {
  yield* Secret.refuse("--key", given)
  const { privateKey } = yield* KeyFiles.loadOwn(yield* Places.choose(given, "node.key"), given)
  const stamps = yield* Places.prepare(Option.none(), "stamps.json")
  const { fromPrivateKey } = yield* beacon
  return yield* fromPrivateKey(privateKey).pipe(
    Effect.catchTag("CryptoError", Effect.die),
    Effect.provide([(yield* stampStore).layerFile(stamps), NodeCrypto.layer])
  )
})
