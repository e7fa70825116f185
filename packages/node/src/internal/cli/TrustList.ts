/**
 * `discover trust`: the list of keys that are trusted, or never to be.
 */
import type * as Limits from "@effect-discovery/core/Limits"
import type * as PeerKey from "@effect-discovery/core/PeerKey"
import * as Trust from "@effect-discovery/core/Trust"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Display from "../../Display.ts"
import * as NodeTrust from "../../NodeTrust.ts"
import * as Failure from "./Failure.ts"
import * as KeyText from "./KeyText.ts"
import * as Output from "./Output.ts"
import * as Places from "./Places.ts"
import * as Selection from "./Selection.ts"

const key = Argument.String("key").pipe(
  Argument.filterMap(KeyText.parse, () => KeyText.expected),
  Argument.withDescription("A whole key, which is 64 hexadecimal digits, or a Syncthing device id")
)

const name = Flag.String("name").pipe(
  Flag.withMetavar("NAME"),
  Flag.optional,
  Flag.withDescription("What you call it")
)

const flags = { file: Selection.trustFile, json: Selection.jsonOnce }

const add = Command.make(
  "add",
  { key, name, ...flags },
  ({ key, name, ...options }) =>
    change(options, (trust) => trust.trust(key, { name: Option.getOrUndefined(name) }), key)
).pipe(
  Command.withDescription("Trust a key, at once in running programs as well"),
  Command.withExamples([{
    command: "discover trust add d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a --name ada",
    description: "The key that ada's `discover key show` shows"
  }])
)

const pin = Command.make("pin", {
  key,
  name: Flag.String("name").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The name that is this key's from now on")
  ),
  realm: Flag.String("realm").pipe(
    Flag.withMetavar("REALM"),
    Flag.withDescription("The application or network in which it has the name, such as chat")
  ),
  ...flags
}, ({ key, name, realm, ...options }) => change(options, (trust) => trust.accept(realm, name, key), key)).pipe(
  Command.withDescription("Keep a name for the key that used it first, for the policy tofu")
)

const deny = Command.make(
  "deny",
  { key, ...flags },
  ({ key, ...options }) => change(options, (trust) => trust.deny(key), key)
).pipe(
  Command.withDescription("Never trust a key, whatever else is said of it")
)

const remove = Command.make("remove", { key, ...flags }, ({ key, ...options }) =>
  Effect.gen(function*() {
    const file = yield* Places.prepare(options.file, "trust.json")
    const isRemoved = yield* opened(file, (trust) => trust.remove(key), ample)
    if (!isRemoved) return yield* new Failure.NotListed({ key, file })
    yield* Output.print([
      options.json
        ? Display.json({ key, fingerprint: Display.fingerprint(key), state: "unknown" })
        : `unknown  ${key}  ${Display.fingerprint(key)}`
    ])
  })).pipe(Command.withDescription("Take a key off the list: it is unknown from then on"))

const list = Command.make("list", flags, ({ file: given, json }) =>
  Effect.gen(function*() {
    const file = yield* Places.choose(given, "trust.json")
    const entries = yield* opened(file, (trust) => trust.entries, ample)
    if (entries.length === 0 && !json) yield* Console.error(`discover: No key is on the list in ${shown(file)}.`)
    yield* Output.print(entries.map(json ? KeyText.entryJson : KeyText.entry))
  })).pipe(Command.withDescription("Show the list, a line for each key, the oldest first"))

export const command = Command.make("trust").pipe(
  Command.withDescription("Say whom to trust: add, pin, deny or remove a key, or list them"),
  Command.withSubcommands([add, pin, deny, remove, list])
)

interface Options {
  readonly file: Option.Option<string>
  readonly json: boolean
}

/** Changes what is said of a key, and shows what came of it. */
const change = Effect.fnUntraced(function*<E>(
  { file: given, json }: Options,
  write: (trust: Trust.Trust["Service"]) => Effect.Effect<void, E>,
  key: PeerKey.PeerKey
) {
  const file = yield* Places.prepare(given, "trust.json")
  const entries = yield* opened(file, (trust) => Effect.andThen(write(trust), trust.entries))
  const changed = entries.filter((entry) => entry.key === key)
  yield* Output.print(changed.map(json ? KeyText.entryJson : KeyText.entry))
})

// programs that share a list can each put one more key on it at one time: what is too long is still to be seen and made shorter
const ample: Partial<Limits.Limits> = { trustEntries: 65_536 }

const opened = <A, E>(
  file: string,
  use: (trust: Trust.Trust["Service"]) => Effect.Effect<A, E>,
  limits?: Partial<Limits.Limits>
) =>
  Trust.Trust.use(use).pipe(
    Effect.provide(Trust.layer({ limits }).pipe(Layer.provide(NodeTrust.layerFile(file)))),
    // what cannot be kept fails the command, and need not be warned of when it fails again at the end
    Effect.provideService(References.MinimumLogLevel, "Error")
  )

const shown = (file: string): string => Display.display(file, 1_000)
