/**
 * What the subcommands are told: by which protocols, on which interfaces, and for how long.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import * as Network from "@effect-discovery/core/Network"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import type * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Trust from "@effect-discovery/core/Trust"
import type * as TrustState from "@effect-discovery/core/TrustState"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as Flag from "effect/cli/Flag"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as NodeTrust from "../../NodeTrust.ts"
import * as Failure from "./Failure.ts"
import * as Period from "./Period.ts"
import * as Places from "./Places.ts"
import * as Protocols from "./Protocols.ts"

/** On which interfaces, and for how long. */
export const scope = {
  interfaces: Flag.String("interface").pipe(
    Flag.withMetavar("NAME"),
    Flag.atLeast(0),
    Flag.withDescription(
      "A network interface to use, such as eth0; may be repeated (default: all but loopback, tunnels and bridges)"
    )
  ),
  for: Flag.String("for").pipe(
    Flag.withMetavar("DURATION"),
    Flag.filterMap(
      Period.parse,
      () => "Expected a duration such as 500ms, 10s or 2m"
    ),
    Flag.optional,
    Flag.withDescription("End after this long, for example 500ms, 10s or 2m (default: at Ctrl-C)")
  )
}

export const flags = {
  protocols: Flag.Literals("protocol", Protocols.names).pipe(
    Flag.atLeast(0),
    Flag.withDescription(
      "A protocol to use; may be repeated (default: all but peernet and syncthing, mdns only with --type, signed only with --realm)"
    )
  ),
  ...scope
}

/** Whether to print for programs. */
export const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print one JSON object a line, and nothing else")
)

/** The same for what prints once. */
export const jsonOnce = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print for programs: one JSON object a line")
)

/** Which trust list. */
export const trustFile = Flag.String("trust").pipe(
  Flag.withMetavar("FILE"),
  Flag.optional,
  Flag.withDescription("The trust list (default: effect-discovery/trust.json in $XDG_CONFIG_HOME or ~/.config)")
)

/** The interfaces with these names, which must be up; without any, the usable ones. */
export const choose = Effect.fnUntraced(function*(interfaces: ReadonlyArray<string>) {
  const network = yield* Network.Network
  const up = Option.getOrElse(yield* Stream.runHead(network.interfaces), () => []).map(({ name }) => name)
  const unknown = interfaces.find((name) => !up.includes(name))
  if (unknown !== undefined) return yield* new Failure.UnknownInterface({ name: unknown, up })
  return interfaces.length === 0 ? NetworkInterface.isUsable : NetworkInterface.named(...interfaces)
})

/** Whom to trust. */
export const trust = {
  policy: Flag.Literals("policy", ["strict", "tofu", "group", "open"]).pipe(
    Flag.withDefault("strict" as const),
    Flag.withDescription(
      "Which keys are dialable: those that are trusted (strict, the default), pinned as well (tofu), all of the group, or all that are proven (open)"
    )
  ),
  trustFile
}

/** Discovery through these protocols on these interfaces, which must be up, by a trust list, which must be sound. */
export const layer = (
  choices: ReadonlyArray<Protocols.Choice>,
  { interfaces, policy, trustFile }: {
    readonly interfaces: ReadonlyArray<string>
    readonly policy: TrustState.Policy
    readonly trustFile: Option.Option<string>
  }
) =>
  Layer.unwrap(
    Effect.map(choose(interfaces), (interfaces) =>
      Discovery.layer({
        sources: choices.map(({ source }) => source),
        interfaces
      }))
  ).pipe(
    Layer.provideMerge(Trust.layer({ policy })),
    Layer.provide([
      Layer.unwrap(Effect.map(Places.choose(trustFile, "trust.json"), NodeTrust.layerFile)),
      NodeCrypto.layer
    ])
  )

/** What asks mDNS alone, which is loaded for it, on these interfaces, which must be up. */
export const withMdns = <A, E, R>(
  interfaces: ReadonlyArray<string>,
  ask: (module: typeof Mdns) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const module = yield* Effect.promise(() => import("@effect-discovery/core/protocol/Mdns"))
    const layer = Layer.unwrap(Effect.map(choose(interfaces), (interfaces) => module.layer({ interfaces })))
    return yield* Effect.provide(ask(module), layer)
  })

/** Ends well after the time given, and otherwise never. */
export const end = (after: Option.Option<Duration.Duration>): Effect.Effect<void> =>
  Option.match(after, { onNone: () => Effect.never, onSome: Effect.sleep })
