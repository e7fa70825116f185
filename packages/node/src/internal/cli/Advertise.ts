/**
 * `discover advertise`: be found.
 */
import * as Announcement from "@effect-discovery/core/Announcement"
import * as Discovery from "@effect-discovery/core/Discovery"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Display from "../../Display.ts"
import * as Failure from "./Failure.ts"
import * as Output from "./Output.ts"
import * as Protocols from "./Protocols.ts"
import * as Selection from "./Selection.ts"

export const command = Command.make("advertise", {
  name: Flag.String("name").pipe(
    Flag.filter((name) => name !== "", () => "Expected a name, which has at least one character"),
    Flag.withDescription(
      "What protocols know the node by: its username, its node name (user@host for peerage), its node id"
    )
  ),
  port: Flag.Int("port").pipe(
    Flag.filter((port) => port >= 1 && port <= 65_535, () => "Expected a port from 1 to 65535"),
    Flag.withDescription("Where the node listens, from 1 to 65535")
  ),
  attributes: Flag.String("attribute").pipe(
    Flag.withMetavar("KEY=VALUE"),
    Flag.filterMap(toAttribute, () => "Expected key=value, such as role=leader"),
    Flag.atLeast(0),
    Flag.withDescription("Something else to announce, where the protocol can; may be repeated")
  ),
  ...Selection.flags
}, ({ attributes, for: duration, interfaces, name, port, protocols }) =>
  Effect.gen(function*() {
    // one node with one identity, also where it is heard through several interfaces
    const announcement = Announcement.make({ name, identity: name, port, attributes })
    const choices = protocols.length === 0 ? yield* able(announcement) : Protocols.select(protocols)
    const announce = Effect.gen(function*() {
      yield* Output.followDiagnostics()
      yield* Discovery.advertise(announcement)
      const sources = choices.map(({ source }) => source.name).join(", ")
      yield* Console.log(`Advertising ${Display.display(name)} on port ${port} by ${sources}.`)
      yield* Effect.raceFirst(Stream.runDrain(Discovery.stream), Selection.end(duration))
    })
    yield* announce.pipe(Effect.scoped, Effect.provide(Selection.layer(choices, interfaces)))
  })).pipe(
    Command.withDescription("Announce a node until Ctrl-C, and then say goodbye"),
    Command.withExamples([
      { command: "discover advertise --name ada@host --port 8080", description: "By every protocol" },
      {
        command: "discover advertise --name ada --port 8080 --protocol json --attribute role=leader",
        description: "By one protocol, with an attribute"
      }
    ])
  )

function toAttribute(text: string): Option.Option<readonly [key: string, value: string]> {
  const at = text.indexOf("=")
  return at > 0 ? Option.some([text.slice(0, at), text.slice(at + 1)]) : Option.none()
}

/** All protocols but those that cannot carry the announcement, which are told. */
const able = Effect.fnUntraced(function*(announcement: Announcement.Announcement) {
  const judged = Protocols.select([]).map((choice) => ({ choice, reason: choice.validate(announcement) }))
  const reasons = judged.flatMap(({ reason }) => reason === undefined ? [] : [reason.message])
  if (reasons.length === judged.length) return yield* new Failure.NothingToAnnounce({ reasons })
  yield* Effect.forEach(reasons, (reason) => Console.error(`discover: ${Display.display(reason, 1_000)}`), {
    discard: true
  })
  return judged.flatMap(({ choice, reason }) => reason === undefined ? [choice] : [])
})
