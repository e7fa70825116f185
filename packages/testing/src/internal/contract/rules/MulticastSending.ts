/**
 * Rules 67 to 76: sending multicast.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, groupOf, invalid, noAddress, onA, onB, open, opening, outcome, payloads, senders, share, unreachable } =
  Play

const local = "127.0.0.1"

/** h2 on A and h4 on B, joined to the group. */
const members = (bed: Play.Bed, port: number) =>
  Effect.gen(function*() {
    const [h2, h4] = [bed.host("h2"), bed.host("h4")]
    const sockets = [yield* open(h2, { port }), yield* open(h4, { port })] as const
    yield* sockets[0].join({ group: groupOf(port), interface: onA(h2).ipv4 })
    yield* sockets[1].join({ group: groupOf(port), interface: onB(h4).ipv4 })
    return sockets
  })

const stale = (
  name: string,
  change: (control: ReturnType<Play.Host["interface"]>) => ReadonlyArray<Effect.Effect<void>>,
  expected: string
) =>
  test(name, ["segments", "interfaces"], (bed) =>
    Effect.gen(function*() {
      const host = bed.host("h2")
      const address = onA(host).ipv4
      const socket = yield* open(host, by(address))
      yield* socket.send("before", "239.1.1.1:9")
      yield* Effect.all(change(host.interface(onA(host).interface)), { discard: true })

      yield* same("send", yield* outcome(socket.send("after", "239.1.1.1:9")), expected)
    }))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(67, ["t2", "linux"], "Multicast leaves by the interface set, else by the bound address's, else by the route's", [
    test("set, or bound", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const both = yield* members(bed, port)
        const [a, b] = [onA(h1).ipv4, onB(h1).ipv4]
        for (
          const [name, options] of [
            ["set to B", by(b)],
            ["bound to A, set to B", { address: a, ...by(b) }],
            ["bound to B", { address: b }]
          ] as const
        ) {
          const sender = yield* open(h1, options)
          yield* sender.send(name, at(groupOf(port), port))

          yield* same(name, yield* payloads(...both), [[], [name]])
        }
      })),
    test("neither, and no route", ["segments"], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"))

        yield* same("send", yield* outcome(sender.send("hello", "239.1.1.1:9")), unreachable)
      })),
    test("neither, and a default route", ["segments", "routes"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const both = yield* members(bed, port)
        yield* h1.defaultRoute(onB(h1).interface)
        const sender = yield* open(h1)
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(...both), [[], ["hello"]])
      }))
  ]),

  rule(68, ["t2", "linux"], "The source is the address of the interface set, or the one bound", [
    test("loopback: wildcard and bound", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const member = yield* open(host, { port })
        yield* member.join({ group: groupOf(port), interface: local })
        const wildcard = yield* open(host, by(local))
        const bound = yield* open(host, { address: "127.0.0.2", ...by(local) })
        for (const sender of [wildcard, bound]) yield* sender.send("hello", at(groupOf(port), port))

        yield* same("senders", yield* senders(member), [at(local, wildcard.port), at("127.0.0.2", bound.port)])
      })),
    test("loopback: any of its addresses", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const member = yield* open(host, { port })
        yield* member.join({ group: groupOf(port), interface: local })
        const sender = yield* open(host, by("127.0.0.2"))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("senders", yield* senders(member), [at("127.0.0.2", sender.port)])
      })),
    test("on another interface than the bound one", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const [, member] = yield* members(bed, port)
        const wildcard = yield* open(h1, by(onB(h1).ipv4))
        const bound = yield* open(h1, { address: onA(h1).ipv4, ...by(onB(h1).ipv4) })
        for (const sender of [wildcard, bound]) yield* sender.send("hello", at(groupOf(port), port))

        yield* same("senders", yield* senders(member), [
          at(onB(h1).ipv4, wildcard.port),
          at(onA(h1).ipv4, bound.port)
        ])
      }))
  ]),

  rule(69, ["t1", "node"], "An address that is not local is no interface to send by, and 0.0.0.0 none in particular", [
    test("not local", [], (bed) =>
      Effect.gen(function*() {
        yield* same("open", yield* opening(bed.host("h1"), by("198.51.100.1")), noAddress)
      })),
    test("0.0.0.0", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const [, member] = yield* members(bed, port)
        const sender = yield* open(h1, { address: onB(h1).ipv4, ...by("0.0.0.0") })
        yield* sender.send("by the bound address", at(groupOf(port), port))

        yield* same("received", yield* payloads(member), [["by the bound address"]])
      }))
  ]),

  rule(70, ["t2", "linux"], "The interface set goes stale with its address", [
    stale("address removed", ({ removeAddress }) => [removeAddress("10.11.0.2/24")], unreachable),
    stale("deleted", ({ remove }) => [remove], unreachable),
    stale("deleted and created again", ({ recreate, remove }) => [remove, recreate], Play.noDevice)
  ]),

  rule(71, ["t2", "linux"], "Loopback off keeps the sender's own host from hearing, and nobody else", [
    ...[true, false].map((loopback) =>
      test(loopback ? "on" : "off", ["segments"], (bed) =>
        Effect.gen(function*() {
          const [h1, port] = [bed.host("h1"), yield* bed.port]
          const [remote] = yield* members(bed, port)
          const sender = yield* open(h1, { port, ...share, ...by(onA(h1).ipv4, { loopback }) })
          yield* sender.join({ group: groupOf(port), interface: onA(h1).ipv4 })
          const other = yield* open(h1, { port, ...share, ...by(onA(h1).ipv4, { loopback: !loopback }) })
          yield* sender.send("hello", at(groupOf(port), port))

          const own = loopback ? ["hello"] : []
          yield* same("received", yield* payloads(sender, other, remote), [own, own, ["hello"]])
        }))
    ),
    test("on, but nobody of the host joined on the outgoing interface", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const sender = yield* open(h1, { port, ...by(onA(h1).ipv4) })
        yield* sender.join({ group: groupOf(port), interface: onB(h1).ipv4 })
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(sender), [[]])
      }))
  ]),

  rule(72, ["t1", "linux"], "The loopback interface delivers with loopback off and with a ttl of 0", [
    test("to another socket, and to the sender", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const member = yield* open(host, { port, ...share })
        yield* member.join({ group: groupOf(port), interface: local })
        const sender = yield* open(host, { port, ...share, ...by(local, { ttl: 0, loopback: false }) })
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(member, sender), [["hello"], ["hello"]])
      }))
  ]),

  rule(73, ["t1", "linux"], "Joining and sending on 127.0.0.1 works without privileges", [
    test("one group", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const member = yield* open(host, { port })
        yield* member.join({ group: groupOf(port), interface: local })
        const sender = yield* open(host, by(local))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("senders", yield* senders(member), [at(local, sender.port)])
      }))
  ]),

  rule(74, ["t2", "any"], "A ttl of 0 stays on the host, one of 1 reaches the segment", [
    test("0 and 1", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const [remote] = yield* members(bed, port)
        const own = yield* open(h1, { port })
        yield* own.join({ group: groupOf(port), interface: onA(h1).ipv4 })
        for (const ttl of [0, 1]) {
          yield* (yield* open(h1, by(onA(h1).ipv4, { ttl }))).send(`${ttl}`, at(groupOf(port), port))
        }

        yield* same("received by the own host and another", yield* payloads(own, remote), [["0", "1"], ["1"]])
      })),
    test("0 to 255 are possible", [], (bed) =>
      Effect.gen(function*() {
        const results = yield* Effect.forEach([0, 255, 256], (ttl) => opening(bed.host("h1"), by(local, { ttl })))

        yield* same("0, 255, 256", results, ["ok", "ok", invalid])
      }))
  ]),

  rule(75, ["t2", "linux"], "A multicast router forwards what has a ttl above its threshold, but not 224.0.0.0/24", [
    test("threshold 3", ["segments", "multicastRouter"], (bed) =>
      Effect.gen(function*() {
        const [h2, h4, port] = [bed.host("h2"), bed.host("h4"), yield* bed.port]
        const groups = [groupOf(port), "224.0.0.99"]
        const member = yield* open(h4, { port })
        for (const group of groups) yield* member.join({ group, interface: onB(h4).ipv4 })
        for (const ttl of [1, 3, 4, 5]) {
          const sender = yield* open(h2, by(onA(h2).ipv4, { ttl }))
          for (const group of groups) yield* sender.send(`${group} ${ttl}`, at(group, port))
        }

        yield* same("received", yield* payloads(member), [[`${groups[0]} 4`, `${groups[0]} 5`]])
      })),
    test("a router that does no multicast", ["segments", "plainRouter"], (bed) =>
      Effect.gen(function*() {
        const [h2, port] = [bed.host("h2"), yield* bed.port]
        const [, remote] = yield* members(bed, port)
        const sender = yield* open(h2, by(onA(h2).ipv4, { ttl: 64 }))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(remote), [[]])
      }))
  ]),

  rule(76, ["t2", "any"], "A socket connected to a group sends to it, and hears no answers", [
    test("a question to two members", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, port] = [bed.host("h1"), yield* bed.port]
        const [member] = yield* members(bed, port)
        const asker = yield* open(h1, { address: onA(h1).ipv4, connect: at(groupOf(port), port), ...by(onA(h1).ipv4) })
        yield* asker.send("question")
        const questions = yield* payloads(member)
        yield* member.send("answer", at(asker.address, asker.port))

        yield* same("questions", questions, [["question"]])
        yield* same("answers", yield* payloads(asker), [[]])
      }))
  ])
]
