/**
 * Rules 25 to 34: addresses and routes of what is sent.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, invalid, noDevice, onA, onB, open, outcome, payloads, senders, six, unreachable } = Play

const local = "127.0.0.1"

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(25, ["t2", "any"], "A wildcard sender's datagrams carry the address of the interface they leave by", [
    test("loopback", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const [sender, receiver] = [yield* open(host), yield* open(host, { port })]
        yield* sender.send("hello", at(local, port))

        yield* same("senders", yield* senders(receiver), [at(local, sender.port)])
      })),
    test("each segment", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const [onTheA, onTheB] = [yield* open(h2, { port }), yield* open(h4, { port })]
        const sender = yield* open(h1)
        yield* sender.send("hello", at(onA(h2).ipv4, port))
        yield* sender.send("hello", at(onB(h4).ipv4, port))

        yield* same("senders on A", yield* senders(onTheA), [at(onA(h1).ipv4, sender.port)])
        yield* same("senders on B", yield* senders(onTheB), [at(onB(h1).ipv4, sender.port)])
      }))
  ]),

  rule(26, ["t2", "any"], "Without a route sending fails with ENETUNREACH", [
    test("to a network that nobody knows", ["segments"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"))

        yield* same("send", yield* outcome(sender.send("hello", "198.51.100.1:9")), unreachable)
      }))
  ]),

  rule(
    27,
    ["t2", "linux"],
    "Routes that refuse fail with EHOSTUNREACH, EACCES and EINVAL",
    ([
      ["unreachable", "198.18.1.1:9", "EHOSTUNREACH Unreachable"],
      ["prohibited", "198.18.2.1:9", Play.denied],
      ["black hole", "198.18.3.1:9", invalid]
    ] as const).map(([name, to, expected]) =>
      test(name, ["segments", "rejections"], (bed) =>
        Effect.gen(function*() {
          const sender = yield* open(bed.host("h1"))

          yield* same("send", yield* outcome(sender.send("hello", to)), expected)
        }))
    )
  ),

  rule(28, ["t1", "linux"], "The unspecified address is the own loopback address", [
    test("0.0.0.0", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { port: yield* bed.port })
        yield* socket.send("hello", at("0.0.0.0", socket.port))

        yield* same("senders", yield* senders(socket), [at(local, socket.port)])
      })),
    test("::", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { ...six, port: yield* bed.port })
        yield* socket.send("hello", at("::", socket.port))

        yield* same("senders", yield* senders(socket), [at("::1", socket.port)])
      }))
  ]),

  rule(29, ["t1", "linux"], "A socket bound to 127.0.0.1 cannot send off its host", [
    test("to a host on the segment", ["segments"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local })

        yield* same("send", yield* outcome(sender.send("hello", at(onA(bed.host("h2")).ipv4, 9))), invalid)
      }))
  ]),

  rule(30, ["t2", "linux"], "The own address is reached with itself as source, its interface up or down", [
    test("but others of the loopback network from 127.0.0.1", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { port: yield* bed.port })
        yield* socket.send("hello", at("127.0.0.7", socket.port))

        yield* same("senders", yield* senders(socket), [at(local, socket.port)])
      })),
    ...(["up", "down"] as const).map((state) =>
      test(state, ["segments", "interfaces"], (bed) =>
        Effect.gen(function*() {
          const host = bed.host("h2")
          const socket = yield* open(host, { port: yield* bed.port })
          yield* host.interface(onA(host).interface)[state]
          yield* socket.send("hello", at(onA(host).ipv4, socket.port))

          yield* same("senders", yield* senders(socket), [at(onA(host).ipv4, socket.port)])
        }))
    )
  ]),

  rule(31, ["t2", "linux"], "An address of the network that no host has takes the datagram and loses it", [
    test("also connected", ["segments"], (bed) =>
      Effect.gen(function*() {
        const plain = yield* open(bed.host("h1"))
        const connected = yield* open(bed.host("h1"), { connect: "10.11.0.77:9" })

        yield* same("send", yield* outcome(plain.send("hello", "10.11.0.77:9")), "ok")
        yield* same("send connected", yield* outcome(connected.send("hello")), "ok")
        yield* same("errors", yield* connected.errors, [])
      }))
  ]),

  rule(32, ["t1", "node"], "An address of the other family is refused by the send", [
    test("IPv6, mapped or not, for an IPv4 socket", [], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local })

        yield* same("::1", yield* outcome(sender.send("hello", "[::1]:9")), invalid)
        yield* same("::ffff:127.0.0.1", yield* outcome(sender.send("hello", "[::ffff:127.0.0.1]:9")), invalid)
      })),
    test("IPv4 for an IPv6 socket", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { ...six, address: "::1" })

        yield* same("127.0.0.1", yield* outcome(sender.send("hello", "127.0.0.1:9")), invalid)
      }))
  ]),

  rule(33, ["t2", "linux"], "A link-local destination needs a zone, and one that exists", [
    test("neither none nor an unknown one is taken", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { ...six })

        yield* same("no zone", yield* outcome(sender.send("hello", "[fe80::77]:9")), noDevice)
        yield* same("no interface's zone", yield* outcome(sender.send("hello", "[fe80::77%4000]:9")), noDevice)
      })),
    test("the right one is", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const [sender, receiver] = [yield* open(h1, six), yield* open(h2, { ...six, port })]
        yield* sender.send("hello", at(`${onA(h2).linkLocal}%${onA(h1).interface}`, port))

        yield* same("received", yield* payloads(receiver), [["hello"]])
      }))
  ]),

  rule(34, ["t2", "node"], "A zone on a global address that matches is ignored", [
    test("by index", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const [sender, receiver] = [yield* open(h1, six), yield* open(h2, { ...six, port })]
        yield* sender.send("hello", at(`${onA(h2).ipv6}%${yield* h1.indexOf(onA(h1).interface)}`, port))

        yield* same("senders", yield* senders(receiver), [at(onA(h1).ipv6, sender.port)])
      }))
  ])
]
