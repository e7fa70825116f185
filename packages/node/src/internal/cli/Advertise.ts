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
import * as Signing from "./Signing.ts"

export const command = Command.make("advertise", {
  name: Flag.String("name").pipe(
    Flag.filter((name) => name !== "", () => "Expected a name, which has at least one character"),
    Flag.withDescription(
      "What protocols know the node by: its username, its node name (user@host for peerage), its node or device id, its key in hexadecimal digits, the name of its service"
    )
  ),
  port: Flag.String("port").pipe(
    Flag.withMetavar("PORT"),
    Flag.filterMap(toPort, () => "Expected a port from 1 to 65535"),
    Flag.withDescription("Where the node listens, from 1 to 65535")
  ),
  attributes: Flag.String("attribute").pipe(
    Flag.withMetavar("KEY=VALUE"),
    Flag.filterMap(toAttribute, () => "Expected key=value, such as role=leader"),
    Flag.atLeast(0),
    Flag.withDescription("Something else to announce, where the protocol can; may be repeated")
  ),
  type: Flag.String("type").pipe(
    Flag.withMetavar("TYPE"),
    Flag.optional,
    Flag.withDescription("The type of service that mdns announces it as, such as _http._tcp")
  ),
  subtypes: Flag.String("subtype").pipe(
    Flag.filter((subtype) => subtype !== "", () => "Expected a subtype, such as _printer"),
    Flag.atLeast(0),
    Flag.withDescription("A subtype of the service, such as _printer, for mdns; may be repeated")
  ),
  txt: Flag.String("txt").pipe(
    Flag.withMetavar("KEY[=VALUE]"),
    Flag.filterMap(toText, () => "Expected key=value, or a key alone"),
    Flag.atLeast(0),
    Flag.withDescription("An attribute as mdns has them, where a key may be without a value; may be repeated")
  ),
  ...Selection.flags,
  ...Signing.flags,
  key: Signing.key,
  ...Selection.trust
}, ({ for: duration, interfaces, policy, protocols, trustFile, type, ...options }) =>
  Effect.gen(function*() {
    const { attributes, groupKeys, key, name, port, realm, subtypes, txt } = options
    if (subtypes.length > 0 && Option.isNone(type)) return yield* new Failure.SubtypeUnused({})
    const told = { types: Option.toArray(type), signing: { realm, groupKeys, key } }
    // one node with one identity, also where it is heard through several interfaces
    const announcement = Announcement.make({
      name,
      identity: name,
      port,
      attributes: [...attributes, ...txt],
      service: Option.getOrUndefined(Option.map(type, (type) => ({ type, subtypes })))
    })
    const isUndecided = protocols.length === 0 && told.types.length === 0 && Signing.given(told.signing) === undefined
    const choices = isUndecided ? yield* able(announcement) : yield* Protocols.select(protocols, told)
    const announce = Effect.gen(function*() {
      yield* Output.followDiagnostics()
      yield* Discovery.advertise(announcement)
      const sources = choices.map(({ source }) => source.name).join(", ")
      yield* Console.log(`Advertising ${Display.display(name)} on port ${port} by ${sources}.`)
      yield* Effect.raceFirst(Stream.runDrain(Discovery.stream), Selection.end(duration))
    })
    yield* announce.pipe(Effect.scoped, Effect.provide(Selection.layer(choices, { interfaces, policy, trustFile })))
  })).pipe(
    Command.withDescription("Announce a node until Ctrl-C, and then say goodbye"),
    Command.withExamples([
      {
        command: "discover advertise --name ada@host --port 8080",
        description: "By every protocol that needs no more than this"
      },
      {
        command: "discover advertise --name ada --port 8080 --protocol json --attribute role=leader",
        description: "By one protocol, with an attribute"
      },
      {
        command: "discover advertise --name \"My Blog\" --port 8080 --protocol mdns --type _http._tcp --txt path=/",
        description: "A web server, for browsers of mDNS services"
      },
      {
        command: "discover advertise --name ada --port 7100 --realm chat",
        description: "Signed by the key that discover key new has made"
      }
    ])
  )

function toAttribute(text: string): Option.Option<readonly [key: string, value: string]> {
  const at = text.indexOf("=")
  return at > 0 ? Option.some([text.slice(0, at), text.slice(at + 1)]) : Option.none()
}

function toText(text: string): Option.Option<readonly [key: string, value: string | true]> {
  const at = text.indexOf("=")
  if (at < 0 && text !== "") return Option.some([text, true])
  return at > 0 ? Option.some([text.slice(0, at), text.slice(at + 1)]) : Option.none()
}

function toPort(text: string): Option.Option<number> {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? Option.some(port) : Option.none()
}

/** All protocols but those that cannot carry the announcement, which are told. */
const able = Effect.fnUntraced(function*(announcement: Announcement.Announcement) {
  const judged = (yield* Protocols.select([], Protocols.untold)).map((choice) => ({
    choice,
    reason: choice.validate(announcement)
  }))
  const reasons = judged.flatMap(({ reason }) => reason === undefined ? [] : [reason.message])
  if (reasons.length === judged.length) return yield* new Failure.NothingToAnnounce({ reasons })
  yield* Effect.forEach(reasons, (reason) => Console.error(`discover: ${Display.display(reason, 1_000)}`), {
    discard: true
  })
  return judged.flatMap(({ choice, reason }) => reason === undefined ? [choice] : [])
})
