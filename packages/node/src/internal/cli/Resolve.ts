/**
 * `discover resolve`: where a service or a host is.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Answers from "./Answers.ts"
import * as Output from "./Output.ts"
import * as Period from "./Period.ts"
import * as Selection from "./Selection.ts"

export const command = Command.make("resolve", {
  name: Argument.String("name").pipe(
    Argument.withDescription(
      "A service's full name, such as \"Kitchen Printer._ipp._tcp.local\", or a host's, such as printer.local"
    )
  ),
  timeout: Flag.String("timeout").pipe(
    Flag.withMetavar("DURATION"),
    Flag.filterMap(Period.parse, () => "Expected a duration such as 500ms, 10s or 2m"),
    Flag.withDefault(Duration.seconds(3)),
    Flag.withDescription("How long to wait for an answer (default: 3s)")
  ),
  interfaces: Selection.scope.interfaces,
  json: Selection.json
}, ({ interfaces, json, name, timeout }) =>
  Selection.withMdns(
    interfaces,
    Effect.fnUntraced(function*(Mdns) {
      if (isService(name)) {
        const service = yield* Mdns.resolve(name, { timeout })
        return yield* print(json ? Answers.serviceJson : Answers.serviceText, service)
      }
      const addresses = (yield* Mdns.lookup(name, { timeout })).map(NetAddress.formatHost)
      yield* print(json ? Answers.hostJson : Answers.hostText, { host: name, addresses })
    })
  )).pipe(
    Command.withDescription("Ask by mDNS where a service or a host is, and print the answer"),
    Command.withExamples([
      {
        command: "discover resolve \"Kitchen Printer._ipp._tcp.local\"",
        description: "A service: host, port, addresses, attributes"
      },
      { command: "discover resolve printer.local --timeout 1s", description: "A host: its addresses" }
    ])
  )

/** Whether it is the name of a service, which has its transport in it. */
const isService = (name: string): boolean => /\._(tcp|udp)(\.|$)/i.test(name)

const print = <A>(format: (answer: A, at: number) => string, answer: A) =>
  Effect.flatMap(Clock.currentTimeMillis, (at) => Output.print([format(answer, at)]))
