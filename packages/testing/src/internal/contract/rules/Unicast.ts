/**
 * Rules 18 to 24: which socket gets a unicast datagram.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, onA, onB, open, payloads, senders, share, six } = Play

const local = "127.0.0.1"

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(18, ["t1", "any"], "Exactly one socket receives it, bound to its address and port", [
    test("not those of other ports, addresses and peers", [], (bed) =>
      Effect.gen(function*() {
        const [host, port, other] = [bed.host("h1"), yield* bed.port, yield* bed.port]
        const sender = yield* open(host, { address: local })
        const sockets = [
          yield* open(host, { port, address: "127.0.0.2", ...share }),
          yield* open(host, { port: other }),
          yield* open(host, { port, address: local, ...share, connect: at(local, other) }),
          yield* open(host, { port, address: local, ...share })
        ]
        yield* sender.send("hello", at(local, port))

        yield* same("received", yield* payloads(...sockets), [[], [], [], ["hello"]])
      })),
    test("of another host", ["segments"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const sender = yield* open(bed.host("h1"))
        const sockets = [yield* open(bed.host("h2"), { port }), yield* open(bed.host("h3"), { port })]
        yield* sender.send("hello", at(onA(bed.host("h2")).ipv4, port))

        yield* same("received", yield* payloads(...sockets), [["hello"], []])
      }))
  ]),

  rule(19, ["t2", "linux"], "A connected socket comes before a specific address, and that before the wildcard", [
    ...[["connected", "specific", "wildcard"], ["wildcard", "specific", "connected"]].map((order) =>
      test(`bound in the order ${order.join(", ")}`, [], (bed) =>
        Effect.gen(function*() {
          const [host, port] = [bed.host("h1"), yield* bed.port]
          const sender = yield* open(host, { address: local })
          const options: { readonly [kind: string]: Play.Options } = {
            connected: { address: local, connect: at(local, sender.port) },
            specific: { address: local },
            wildcard: {}
          }
          const sockets = new Map(
            yield* Effect.forEach(order, (kind) =>
              Effect.map(open(host, { port, ...share, ...options[kind] }), (socket) => [kind, socket] as const))
          )
          for (const kind of ["connected", "specific", "wildcard"]) {
            const socket = sockets.get(kind)!
            yield* sender.send(kind, at(local, port))
            yield* same(`${kind} is the best`, yield* payloads(socket), [[kind]])
            yield* socket.close
          }
        }))
    ),
    ...([[{}, { ...six, dualStack: true }], [{ ...six, dualStack: true }, {}]] as const).map((order, dualIsFirst) =>
      test(
        `an IPv4 wildcard before a dual-stack one, bound ${dualIsFirst === 1 ? "last" : "first"}`,
        ["ipv6"],
        (bed) =>
          Effect.gen(function*() {
            const [host, port] = [bed.host("h1"), yield* bed.port]
            const sender = yield* open(host, { address: local })
            const sockets = yield* Effect.forEach(order, (options) => open(host, { port, ...share, ...options }))
            const ipv4 = sockets[dualIsFirst]!
            yield* sender.send("one", at(local, port))
            const first = yield* payloads(ipv4)
            yield* ipv4.close
            yield* sender.send("two", at(local, port))

            yield* same("the IPv4 socket", first, [["one"]])
            yield* same("the dual-stack socket after it", yield* payloads(sockets[1 - dualIsFirst]!), [["two"]])
          })
      )
    )
  ]),

  rule(20, ["t1", "linux"], "Among equals the last bound gets everything, and after it the one before", [
    test("three sockets", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const sender = yield* open(host, { address: local })
        const sockets = yield* Effect.replicateEffect(open(host, { port, ...share }), 3)
        for (const last of [2, 1, 0]) {
          yield* sender.send(`to ${last}`, at(local, port))
          yield* same(
            `received with ${last + 1} left`,
            yield* payloads(...sockets.slice(0, last + 1)),
            [...Array.from({ length: last }, () => []), [`to ${last}`]]
          )
          yield* sockets[last]!.close
        }
      }))
  ]),

  rule(21, ["t1", "linux"], "Among reusePort sockets each flow has one, and flows are spread", [
    test("eight sockets, forty senders", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const sockets = yield* Effect.replicateEffect(open(host, { port, address: local, reusePort: true }), 8)
        const flows = yield* Effect.replicateEffect(open(host, { address: local }), 40)
        for (const round of [1, 2]) {
          for (const [flow, sender] of flows.entries()) yield* sender.send(`${flow} ${round}`, at(local, port))
        }
        const received = yield* payloads(...sockets)
        const flowsOf = (all: ReadonlyArray<unknown>) => all.map((text) => String(text).split(" ")[0])
        const split = received.filter((all) => new Set(flowsOf(all)).size * 2 !== all.length)

        yield* same("received in all", received.flat().length, 80)
        yield* same("sockets that got half of a flow", split.length, 0)
        yield* same("more than one socket has flows", received.filter((all) => all.length > 0).length > 1, true)
      }))
  ]),

  rule(22, ["t2", "linux"], "A datagram to any address of the host is taken on any interface", [
    test("the address of B by the interface on A", ["segments", "routes"], (bed) =>
      Effect.gen(function*() {
        const [h1, h3, port] = [bed.host("h1"), bed.host("h3"), yield* bed.port]
        yield* h3.defaultRoute(onA(h3).interface)
        const sender = yield* open(h3)
        const specific = yield* open(h1, { port, address: onB(h1).ipv4 })
        yield* sender.send("hello", at(onB(h1).ipv4, port))

        yield* same("senders", yield* senders(specific), [at(onA(h3).ipv4, sender.port)])
      }))
  ]),

  rule(23, ["t2", "linux"], "A socket bound to one interface's address sends out of another with it", [
    test("from A's address onto B", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h4, port] = [bed.host("h1"), bed.host("h4"), yield* bed.port]
        const receiver = yield* open(h4, { port })
        const sender = yield* open(h1, { address: onA(h1).ipv4 })
        yield* sender.send("hello", at(onB(h4).ipv4, port))

        yield* same("senders", yield* senders(receiver), [at(onA(h1).ipv4, sender.port)])
      }))
  ]),

  rule(24, ["t1", "any"], "What goes to a port that nobody holds is dropped, and the sender sees success", [
    test("on the own host", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const sender = yield* open(host, { address: local })
        yield* sender.send("hello", at(local, port))
        const late = yield* open(host, { port })

        yield* same("received by who binds it later", yield* payloads(late), [[]])
      })),
    test("on another", ["segments"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"))
        const to = at(onA(bed.host("h2")).ipv4, yield* bed.port)

        yield* same("send", yield* Play.outcome(sender.send("hello", to)), "ok")
      }))
  ])
]
