/**
 * Rules 35 to 46: sizes, buffers and loss.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"
import * as Text from "../Text.ts"

const { at, by, groupOf, onA, onB, open, outcome, payloads, six } = Play

const local = "127.0.0.1"
const tooLarge = "EMSGSIZE MessageTooLarge"

// what languages have for it takes longer to load than all else that is imported here
const inThousands = (octets: number): string =>
  `${Math.floor(octets / 1_000)},${String(octets % 1_000).padStart(3, "0")}`

const largest = (options: Play.Options, to: string, octets: number) =>
  test(
    `${inThousands(octets)} octets`,
    options.family === "IPv6" ? ["ipv6"] : [],
    (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { ...options, port: yield* bed.port, kernelReceiveBuffer: 200_000 })
        yield* same("one more", yield* outcome(socket.send({ octets: octets + 1 }, at(to, socket.port))), tooLarge)
        yield* socket.send({ octets }, at(to, socket.port))

        yield* same("received", yield* payloads(socket), [[Text.received(octets)]])
      })
  )

/** How many of a burst the receiver's buffer keeps while its program does not read, and that those are the first. */
const kept = (name: string, octets: number, count: number, options: Play.Options = {}) =>
  test(name, ["segments", "pause"], (bed) =>
    Effect.gen(function*() {
      const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
      const [sender, receiver] = [yield* open(h1), yield* open(h2, { port, ...options })]
      const texts = Array.from({ length: count + 20 }, (_, at) => `${at}`.padEnd(octets, "."))
      yield* h2.whilePaused(Effect.andThen(
        Effect.forEach(texts, (text) => sender.send(text, at(onA(h2).ipv4, port)), { discard: true }),
        bed.settle
      ))
      const received = yield* receiver.received
      yield* sender.send("after", at(onA(h2).ipv4, port))

      yield* same("kept", received.length, count)
      if (octets <= 64) yield* same("which", received.map(({ payload }) => payload), texts.slice(0, count))
      yield* same("afterwards", yield* payloads(receiver), [["after"]])
    }))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(35, ["t1", "any"], "The largest IPv4 payload is 65,507 octets", [largest({}, local, 65_507)]),

  rule(36, ["t1", "linux"], "The largest IPv6 payload is 65,527 octets", [largest(six, "::1", 65_527)]),

  rule(
    37,
    ["t2", "any"],
    "What is larger than the interface's MTU arrives whole",
    ([
      ["unicast", "10.11.0.2", {}],
      ["multicast", "", by("10.11.0.1")],
      ["broadcast", "10.11.0.255", { broadcast: true }]
    ] as const).map(([name, to, options]) =>
      test(name, ["segments"], (bed) =>
        Effect.gen(function*() {
          const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
          const receiver = yield* open(h2, { port })
          yield* receiver.join({ group: groupOf(port), interface: onA(h2).ipv4 })
          const sender = yield* open(h1, options)
          yield* sender.send({ octets: 4000 }, at(to === "" ? groupOf(port) : to, port))

          yield* same("received", yield* payloads(receiver), [[Text.received(4000)]])
        }))
    )
  ),

  rule(38, ["t2", "linux"], "Behind a router with a smaller MTU the first large datagram is lost, later ones are not", [
    test("an MTU of 1,280", ["segments", "router", "interfaces"], (bed) =>
      Effect.gen(function*() {
        const [h2, h4, r, port] = [bed.host("h2"), bed.host("h4"), bed.host("r"), yield* bed.port]
        yield* r.interface(onB(r).interface).mtu(1280)
        const [sender, receiver] = [yield* open(h2), yield* open(h4, { port })]
        const send = Effect.andThen(outcome(sender.send({ octets: 1400 }, at(onB(h4).ipv4, port))), (result) =>
          Effect.as(bed.settle, result))

        yield* same("the first send", yield* send, "ok")
        yield* same("received of it", yield* payloads(receiver), [[]])
        yield* same("the second send", yield* send, "ok")
        yield* same("received of it", yield* payloads(receiver), [[Text.received(1400)]])
      }))
  ]),

  rule(39, ["t2", "linux"], "What is larger than the receiver's MTU is lost without an error", [
    test("an MTU of 1,280 at the receiver", ["segments", "interfaces"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        yield* h2.interface(onA(h2).interface).mtu(1280)
        const [sender, receiver] = [yield* open(h1), yield* open(h2, { port })]

        yield* same("send", yield* outcome(sender.send({ octets: 1400 }, at(onA(h2).ipv4, port))), "ok")
        yield* sender.send("small", at(onA(h2).ipv4, port))
        yield* same("received", yield* payloads(receiver), [["small"]])
      }))
  ]),

  rule(40, ["t1", "any"], "A datagram of no octets is delivered", [
    test("one", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { port: yield* bed.port })
        yield* socket.send("", at(local, socket.port))

        yield* same("received", yield* payloads(socket), [[""]])
      }))
  ]),

  rule(41, ["t1", "any"], "A full receive buffer drops the newest, and the sender sees success", [
    kept("the first are kept", 10, 256)
  ]),

  rule(42, ["t2", "linux"], "The receive buffer is charged 832, 1,280 or 2,304 octets for a datagram", [
    kept("of 100 octets it keeps 256", 100, 256),
    kept("of 196 octets it keeps 256", 196, 256),
    kept("of 200 octets it keeps 166", 200, 166),
    kept("of 600 octets it keeps 166", 600, 166),
    kept("of 1,000 octets it keeps 92", 1000, 92),
    kept("of 1,400 octets it keeps 92", 1400, 92)
  ]),

  rule(43, ["t1", "linux"], "The size asked for is doubled, and 2,304 at least", [
    kept("10,400 holds 25 datagrams", 10, 25, { kernelReceiveBuffer: 10_400 }),
    kept("1 holds two, of 1,664 octets together", 10, 2, { kernelReceiveBuffer: 1 })
  ]),

  rule(44, ["t3", "linux"], "A drop in the sender's own queue is silent", [], {
    t1: "the loopback interface has no queue that fills",
    t2: "cannot be provoked reliably"
  }),

  rule(45, ["t1", "any"], "Datagrams of one pair of sockets keep their order", [
    test("a hundred", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const [sender, receiver] = [yield* open(host, { address: local }), yield* open(host, { port })]
        const texts = Array.from({ length: 100 }, (_, at) => `${at}`)
        for (const text of texts) yield* sender.send(text, at(local, port))

        yield* same("received", yield* payloads(receiver), [texts])
      })),
    test("a burst to another host", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const [sender, receiver] = [yield* open(h1), yield* open(h2, { port })]
        const texts = Array.from({ length: 100 }, (_, at) => `${at}`)
        yield* sender.sendAll(texts, at(onA(h2).ipv4, port))

        yield* same("received", yield* payloads(receiver), [texts])
      }))
  ]),

  rule(46, ["t1", "any"], "A datagram arrives whole and as it was sent", [
    test("1 to 9,000 octets", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const [sender, receiver] = [yield* open(host, { address: local }), yield* open(host, { port })]
        const sizes = [1, 65, 512, 1472, 1473, 9000]
        for (const octets of sizes) yield* sender.send({ octets }, at(local, port))

        yield* same("received", yield* payloads(receiver), [sizes.map(Text.received)])
      }))
  ])
]
