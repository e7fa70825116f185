/**
 * `discover types`: what kinds of services there are on the network.
 */
import type * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Answers from "./Answers.ts"
import * as Output from "./Output.ts"
import * as Selection from "./Selection.ts"

export const command = Command.make(
  "types",
  { ...Selection.scope, json: Selection.json },
  ({ for: duration, interfaces, json }) =>
    Selection.withMdns(
      interfaces,
      ({ types }) => Effect.raceFirst(show(types, json ? Answers.typeJson : Answers.typeText), Selection.end(duration))
    )
).pipe(
  Command.withDescription("Show the types of services on the network, as mDNS knows them"),
  Command.withExamples([
    { command: "discover types", description: "Until Ctrl-C" },
    { command: "discover types --for 5s --json", description: "For another program to read" }
  ])
)

const show = (types: typeof Mdns.types, format: (event: Answers.TypeEvent, at: number) => string) =>
  Output.lines(
    Stream.mapEffect(changes(types), (event) => Effect.map(Clock.currentTimeMillis, (at) => format(event, at)))
  )

const changes = (types: typeof Mdns.types) =>
  Stream.map(types, ({ _tag, type }): Answers.TypeEvent => ({
    event: _tag === "TypeFound" ? "discovered" : "lost",
    type
  }))
