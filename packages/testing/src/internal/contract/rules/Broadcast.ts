/**
 * Rules 82 to 88: broadcast.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, denied, onA, onB, open, opening, outcome, payloads, senders, share, six, unreachable } = Play

const local = "127.0.0.1"
const everywhere = "255.255.255.255"

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(82, ["t2", "any"], "Without the option broadcast is denied, and so is connecting to it", [
    test("loopback's", [], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const sender = yield* open(host, { address: local })

        yield* same("send", yield* outcome(sender.send("hello", "127.255.255.255:9")), denied)
        yield* same("connect", yield* opening(host, { address: local, connect: "127.255.255.255:9" }), denied)
      })),
    test("a segment's and everywhere's", ["segments"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const sender = yield* open(host, { address: onA(host).ipv4 })

        yield* same("directed", yield* outcome(sender.send("hello", "10.11.0.255:9")), denied)
        yield* same("limited", yield* outcome(sender.send("hello", at(everywhere, 9))), denied)
        yield* same("connect", yield* opening(host, { connect: "10.11.0.255:9" }), denied)
        yield* same("with the option", yield* opening(host, { broadcast: true, connect: "10.11.0.255:9" }), "ok")
      }))
  ]),

  rule(83, ["t2", "linux"], "255.255.255.255 leaves by one interface: the bound address's, else the default route's", [
    test("bound to B", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const receivers = [yield* open(h2, { port }), yield* open(h4, { port })]
        const sender = yield* open(h1, { address: onB(h1).ipv4, broadcast: true })
        yield* sender.send("hello", at(everywhere, port))

        yield* same("received on A and B", yield* payloads(...receivers), [[], ["hello"]])
      })),
    test("wildcard without a default route", ["segments"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { broadcast: true })

        yield* same("send", yield* outcome(sender.send("hello", at(everywhere, 9))), unreachable)
      })),
    test("wildcard with a default route", ["segments", "routes"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        yield* h1.defaultRoute(onA(h1).interface)
        const receivers = [yield* open(h2, { port }), yield* open(h4, { port })]
        const sender = yield* open(h1, { broadcast: true })
        yield* sender.send("hello", at(everywhere, port))

        yield* same("received on A and B", yield* payloads(...receivers), [["hello"], []])
      }))
  ]),

  rule(84, ["t2", "any"], "A directed broadcast follows the route of its network", [
    test("A's and B's", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const receivers = [yield* open(h2, { port }), yield* open(h4, { port })]
        const sender = yield* open(h1, { broadcast: true })
        yield* sender.send("A", at("10.11.0.255", port))
        yield* sender.send("B", at("10.22.0.255", port))

        yield* same("senders on A", yield* senders(receivers[0]!), [at(onA(h1).ipv4, sender.port)])
        yield* same("received on B", yield* payloads(receivers[1]!), [["B"]])
      }))
  ]),

  rule(
    85,
    ["t2", "linux"],
    "Wildcard sockets and those bound to that address receive broadcast, specific ones do not",
    [
      test("both addresses", ["segments"], (bed) =>
        Effect.gen(function*() {
          const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
          const receivers = yield* Effect.forEach(
            [undefined, undefined, "10.11.0.255", everywhere, onA(h2).ipv4],
            (address) => open(h2, { port, address, ...share })
          )
          const sender = yield* open(h1, { address: onA(h1).ipv4, broadcast: true })
          yield* sender.send("directed", at("10.11.0.255", port))
          yield* sender.send("limited", at(everywhere, port))

          yield* same("received", yield* payloads(...receivers), [
            ["directed", "limited"],
            ["directed", "limited"],
            ["directed"],
            ["limited"],
            []
          ])
        })),
      test("dual-stack ones too", ["segments", "ipv6"], (bed) =>
        Effect.gen(function*() {
          const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
          const dual = yield* open(h2, { ...six, dualStack: true, port, ...share })
          const only = yield* open(h2, { ...six, port, ...share })
          const sender = yield* open(h1, { broadcast: true })
          yield* sender.send("hello", at("10.11.0.255", port))

          yield* same("received", yield* payloads(dual, only), [["hello"], []])
        }))
    ]
  ),

  rule(86, ["t2", "linux"], "The sending host gets a copy, whatever its multicast loopback", [
    test("directed and limited", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h2"), yield* bed.port]
        const own = yield* open(host, { port, ...share })
        const off = by(onA(host).ipv4, { loopback: false })
        const sender = yield* open(host, { address: onA(host).ipv4, broadcast: true, ...off })
        yield* sender.send("directed", at("10.11.0.255", port))
        yield* sender.send("limited", at(everywhere, port))

        yield* same("received", yield* payloads(own), [["directed", "limited"]])
      }))
  ]),

  rule(87, ["t2", "linux"], "A router keeps a directed broadcast of the other segment to itself", [
    test("from A to B's", ["segments", "router"], (bed) =>
      Effect.gen(function*() {
        const [h2, h4, r, port] = [bed.host("h2"), bed.host("h4"), bed.host("r"), yield* bed.port]
        const receivers = [yield* open(h4, { port }), yield* open(r, { port })]
        const sender = yield* open(h2, { broadcast: true })
        yield* sender.send("hello", at("10.22.0.255", port))

        yield* same("received on B and by the router", yield* payloads(...receivers), [[], ["hello"]])
      }))
  ]),

  rule(88, ["t1", "linux"], "127.255.255.255 reaches the wildcard sockets of the host", [
    test("two of them", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const receivers = yield* Effect.forEach(
          [undefined, undefined, "127.255.255.255", local],
          (address) => open(host, { port, address, ...share })
        )
        const sender = yield* open(host, { address: local, broadcast: true })
        yield* sender.send("hello", at("127.255.255.255", port))

        yield* same("received", yield* payloads(...receivers), [["hello"], ["hello"], ["hello"], []])
      }))
  ])
]
