/**
 * `discover watch`: who is there, and who comes and goes.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import type * as Peer from "@effect-discovery/core/Peer"
import type * as Trust from "@effect-discovery/core/Trust"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type * as Terminal from "effect/Terminal"
import type * as Failure from "./Failure.ts"
import * as Lines from "./Lines.ts"
import * as News from "./News.ts"
import * as Output from "./Output.ts"
import * as PeerTable from "./PeerTable.ts"
import * as Protocols from "./Protocols.ts"
import * as Screen from "./Screen.ts"
import * as Selection from "./Selection.ts"
import * as Signing from "./Signing.ts"

export const command = Command.make(
  "watch",
  {
    ...Selection.flags,
    types: Flag.String("type").pipe(
      Flag.withMetavar("TYPE"),
      Flag.atLeast(0),
      Flag.withDescription(
        "A type of services to look for by mdns, such as _http._tcp, or a subtype, such as _printer._sub._http._tcp; may be repeated"
      )
    ),
    ...Signing.flags,
    ...Selection.trust,
    json: Selection.json
  },
  ({ for: duration, groupKeys, interfaces, json, policy, protocols, realm, trustFile, types }) =>
    Effect.gen(function*() {
      const choices = yield* Protocols.select(protocols, { types, signing: { realm, groupKeys } })
      const { canAnimate, canColor } = yield* TerminalCapabilities.TerminalCapabilities
      const show: Show = json
        ? printed(Lines.json)
        : canAnimate
        ? live({ title: titleOf(choices, interfaces), isBold: canColor })
        : printed(Lines.text)
      yield* Effect.raceFirst(show, Selection.end(duration)).pipe(
        Effect.provide(Selection.layer(choices, { interfaces, policy, trustFile }))
      )
    })
).pipe(
  Command.withDescription("Show the peers on the network, and who comes and goes"),
  Command.withExamples([
    {
      command: "discover watch",
      description: "Everyone, by the protocols that need no more, on every usable interface"
    },
    { command: "discover watch --protocol mdns --type _http._tcp", description: "The web servers of the network" },
    {
      command: "discover watch --realm chat --group-key chat.key",
      description: "Who signs what it announces, and is of the group"
    },
    { command: "discover watch --interface lo", description: "The programs on this machine only" },
    { command: "discover watch --protocol peerage --json --for 30s", description: "For another program to read" }
  ])
)

type Show = Effect.Effect<
  void,
  DiscoveryError.DiscoveryError | Failure.OutputFailed,
  Discovery.Discovery | Trust.Trust | Stdio.Stdio | Terminal.Terminal
>

const titleOf = (choices: ReadonlyArray<Protocols.Choice>, interfaces: ReadonlyArray<string>): string => {
  const where = interfaces.length === 0 ? "" : ` on ${interfaces.join(", ")}`
  return `by ${choices.map(({ source }) => source.name).join(", ")}${where}`
}

type Format = (item: News.Item, at: number) => string

/** A line per event, as they happen. */
const printed = (format: Format) =>
  Effect.gen(function*() {
    const news = yield* News.open
    yield* Output.followDiagnostics()
    yield* Output.lines(timed(news, format))
  }).pipe(Effect.scoped)

const timed = ({ items }: News.News, format: Format) =>
  Stream.mapEffect(items, (item) => Effect.map(Clock.currentTimeMillis, (at) => format(item, at)))

const latestShown = 3

/** A table of the peers, drawn again when it has changed, three times a second at most. */
const live = (options: { readonly title: string; readonly isBold: boolean }) =>
  Effect.gen(function*() {
    const screen = yield* Screen.open(options)
    const news = yield* News.open
    const latest: Array<string> = []
    const draw = Effect.gen(function*() {
      const rows = yield* Effect.flatMap(Discovery.peers, Effect.forEach(rowOf(news)))
      yield* screen.draw(PeerTable.lines({ title: options.title, rows, latest }, yield* screen.size))
    })
    yield* Output.followDiagnostics((write) => Effect.ignore(screen.makeWay(write)))
    const follow = Stream.runForEach(timed(news, Lines.text), (line) =>
      Effect.sync(() => {
        latest.push(line)
        if (latest.length > latestShown) latest.shift()
      }))
    yield* Effect.raceFirst(follow, Effect.repeat(draw, Schedule.spaced("333 millis")))
    yield* draw
  }).pipe(Effect.scoped, Effect.catchTag("PlatformError", Output.endQuietly))

const rowOf = ({ standingOf }: News.News) => (peer: Peer.Peer) =>
  Effect.map(Discovery.explain(peer.id), (explanation): PeerTable.Row => {
    const evidence = Option.match(explanation, { onNone: () => [], onSome: ({ evidence }) => evidence })
    return {
      peer,
      standing: standingOf(peer),
      age: Math.max(0, ...evidence.map(({ firstHeardAgo }) => firstHeardAgo)),
      left: Math.max(0, ...evidence.map(({ expiresIn }) => expiresIn))
    }
  })
