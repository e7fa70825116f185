/**
 * `discover key`: the key that this node signs with, and the shared key of its group.
 */
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as NodeIdentity from "../../NodeIdentity.ts"
import * as NodeSharedKey from "../../NodeSharedKey.ts"
import * as KeyFiles from "./KeyFiles.ts"
import * as KeyText from "./KeyText.ts"
import * as Output from "./Output.ts"
import * as Places from "./Places.ts"
import * as Secret from "./Secret.ts"
import * as Selection from "./Selection.ts"

const flags = {
  file: Flag.String("file").pipe(
    Flag.withMetavar("FILE"),
    Flag.optional,
    Flag.withDescription(
      "Where the key is (default: effect-discovery/node.key, or with --group effect-discovery/group.key, in $XDG_CONFIG_HOME or ~/.config)"
    )
  ),
  group: Flag.Boolean("group").pipe(
    Flag.withDefault(false),
    Flag.withDescription("The shared key of a group, not the key of this node")
  ),
  json: Selection.jsonOnce
}

const make = Command.make("new", flags, (options) =>
  Effect.gen(function*() {
    yield* Secret.refuse("--file", options.file)
    const file = yield* Places.prepare(options.file, placeOf(options))
    yield* options.group
      ? Effect.flatMap(NodeSharedKey.create(file), (key) => showShared(key, file, options))
      : Effect.flatMap(NodeIdentity.create(file), (identity) => showOwn(identity, file, options))
  })).pipe(
    Command.withDescription("Make a new key in a file that is not there yet, which only you may read"),
    Command.withExamples([
      { command: "discover key new", description: "The key of this node" },
      { command: "discover key new --group --file chat.key", description: "A key for all who are to read each other" }
    ])
  )

const show = Command.make("show", flags, (options) =>
  Effect.gen(function*() {
    yield* Secret.refuse("--file", options.file)
    const file = yield* Places.choose(options.file, placeOf(options))
    yield* options.group
      ? Effect.flatMap(KeyFiles.loadShared(file, options.file), (key) => showShared(key, file, options))
      : Effect.flatMap(KeyFiles.loadOwn(file, options.file), (identity) => showOwn(identity, file, options))
  })).pipe(
    Command.withDescription("Show what others may know of a key, and never its secret half"),
    Command.withExamples([{
      command: "discover key show",
      description: "The key to give to others, and its fingerprint"
    }])
  )

export const command = Command.make("key").pipe(
  Command.withDescription("Make a key for this node or a group, or show it"),
  Command.withSubcommands([make, show])
)

const placeOf = ({ group }: { readonly group: boolean }): Places.Place => group ? "group.key" : "node.key"

interface Shown {
  readonly file: Option.Option<string>
  readonly json: boolean
}

const showOwn = ({ key }: NodeIdentity.NodeIdentity, file: string, { json }: Shown) =>
  Output.print(json ? [KeyText.ownJson(key, file)] : KeyText.own(key, file))

const showShared = (key: SignedBeacon.SharedKey, file: string, { json }: Shown) =>
  Effect.promise(() => import("@effect-discovery/core/protocol/SignedBeacon")).pipe(
    Effect.flatMap(({ groupOf }) => Effect.provide(groupOf(key), NodeCrypto.layer)),
    Effect.flatMap((group) => Output.print(json ? [KeyText.sharedJson(group, file)] : KeyText.shared(group, file)))
  )
