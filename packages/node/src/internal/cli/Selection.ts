/**
 * What both subcommands are told: by which protocols, on which interfaces, and for how long.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import * as Network from "@effect-discovery/core/Network"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Flag from "effect/cli/Flag"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Failure from "./Failure.ts"
import * as Period from "./Period.ts"
import * as Protocols from "./Protocols.ts"

export const flags = {
  protocols: Flag.Literals("protocol", Protocols.names).pipe(
    Flag.atLeast(0),
    Flag.withDescription("A protocol to use; may be repeated (default: all of them)")
  ),
  interfaces: Flag.String("interface").pipe(
    Flag.withMetavar("NAME"),
    Flag.atLeast(0),
    Flag.withDescription(
      "A network interface to use, such as eth0; may be repeated (default: all but loopback and tunnels)"
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

/** Discovery through these protocols on these interfaces, which must be up. */
export const layer = (choices: ReadonlyArray<Protocols.Choice>, interfaces: ReadonlyArray<string>) =>
  Layer.unwrap(Effect.gen(function*() {
    const network = yield* Network.Network
    const up = Option.getOrElse(yield* Stream.runHead(network.interfaces), () => []).map(({ name }) => name)
    const unknown = interfaces.find((name) => !up.includes(name))
    if (unknown !== undefined) return yield* new Failure.UnknownInterface({ name: unknown, up })
    return Discovery.layer({
      sources: choices.map(({ source }) => source),
      interfaces: interfaces.length === 0 ? NetworkInterface.isUsable : NetworkInterface.named(...interfaces)
    })
  }))

/** Ends well after the time given, and otherwise never. */
export const end = (after: Option.Option<Duration.Duration>): Effect.Effect<void> =>
  Option.match(after, { onNone: () => Effect.never, onSome: Effect.sleep })
