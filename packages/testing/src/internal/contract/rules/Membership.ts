/**
 * Rules 57 to 66: membership.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, groupOf, inUse, invalid, noDevice, onA, open, outcome, payloads, six } = Play

const local = "127.0.0.1"

/** What a member on h2 hears of h1 at each of some moments, between which something is done to its interface. */
const survival = (
  name: string,
  change: (control: ReturnType<Play.Host["interface"]>) => ReadonlyArray<Effect.Effect<void>>,
  expected: ReadonlyArray<boolean>
) =>
  test(name, ["segments", "interfaces"], (bed) =>
    Effect.gen(function*() {
      const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
      const member = yield* open(h2, { port })
      yield* member.join({ group: groupOf(port), interface: onA(h2).ipv4 })
      const sender = yield* open(h1, by(onA(h1).ipv4))
      const heard: Array<boolean> = []
      for (const step of change(h2.interface(onA(h2).interface))) {
        yield* step
        yield* sender.send("hello", at(groupOf(port), port))
        heard.push((yield* member.received).length === 1)
      }

      yield* same("heard after each change", heard, expected)
    }))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(57, ["t1", "node"], "A group is joined on the interface that owns the address", [
    test("not with an address of nobody's, nor what is no group", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { port: yield* bed.port })

        yield* same(
          "no own address",
          yield* outcome(socket.join({ group: "239.1.1.1", interface: "198.51.100.1" })),
          noDevice
        )
        yield* same("no group", yield* outcome(socket.join({ group: "127.0.0.5", interface: local })), invalid)
        yield* same("both right", yield* outcome(socket.join({ group: "239.1.1.1", interface: local })), "ok")
      }))
  ]),

  rule(58, ["t2", "linux"], "Without an interface, the route to the group chooses", [
    test("no route", ["segments"], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h2"))

        yield* same("join", yield* outcome(socket.join({ group: "239.1.1.1" })), noDevice)
      })),
    test("a default route", ["segments", "routes"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        yield* h2.defaultRoute(onA(h2).interface)
        const member = yield* open(h2, { port })
        yield* member.join({ group: groupOf(port) })
        const sender = yield* open(h1, by(onA(h1).ipv4))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(member), [["hello"]])
      }))
  ]),

  rule(59, ["t1", "any"], "A group cannot be joined twice on one interface", [
    test("by one socket, but by another or after leaving", [], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const group = groupOf(yield* bed.port)
        const [socket, other] = [yield* open(host), yield* open(host)]
        const { leave } = yield* socket.join({ group, interface: local })

        yield* same("again", yield* outcome(socket.join({ group, interface: local })), inUse)
        yield* same("by another", yield* outcome(other.join({ group, interface: local })), "ok")
        yield* leave
        yield* same("after leaving", yield* outcome(socket.join({ group, interface: local })), "ok")
      }))
  ]),

  rule(60, ["t1", "linux"], "A socket may join 20 IPv4 groups", [
    test("one more is refused, until one is left", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"))
        const join = (k: number) => socket.join({ group: `239.78.0.${k}`, interface: local })
        const [first] = yield* Effect.forEach(Array.from({ length: 20 }, (_, k) => k), join)

        yield* same("the 21st", yield* outcome(join(20)), "ENOBUFS Unknown")
        yield* first!.leave
        yield* same("after leaving one", yield* outcome(join(20)), "ok")
      })),
    test("and more of IPv6", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h2")
        const socket = yield* open(host, six)
        const join = (k: number) => socket.join({ group: `ff02::78:${k}`, interface: onA(host).interface })
        const results = yield* Effect.forEach(Array.from({ length: 40 }, (_, k) => k), (k) => outcome(join(k)))

        yield* same("results", new Set(results), new Set(["ok"]))
      }))
  ]),

  rule(61, ["t1", "any"], "Closing a socket ends its memberships", [
    test("and the gate they opened", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const [member, listener] = [yield* open(host), yield* open(host, { port })]
        const sender = yield* open(host, { address: local, ...by(local) })
        yield* member.join({ group: groupOf(port), interface: local })
        yield* sender.send("open", at(groupOf(port), port))
        const before = yield* payloads(listener)
        yield* member.close
        yield* sender.send("closed", at(groupOf(port), port))

        yield* same("received", [before, yield* payloads(listener)], [[["open"]], [[]]])
      }))
  ]),

  rule(62, ["t1", "node"], "Joining binds an unbound socket", [], {
    simulated: "sockets of Network are bound from the moment there is a reader, and only a reader joins",
    t1: "sockets of Network are bound from the moment there is a reader, and only a reader joins",
    t2: "sockets of Network are bound from the moment there is a reader, and only a reader joins"
  }),

  rule(63, ["t2", "linux"], "A source-specific membership delivers only that source", [
    test("of two senders", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const member = yield* open(host, { port })
        const senders = yield* Effect.forEach([local, "127.0.0.2"], (address) => open(host, { address, ...by(local) }))
        yield* member.join({ group: groupOf(port), interface: local, source: "127.0.0.2" })
        for (const sender of senders) yield* sender.send(sender.address, at(groupOf(port), port))

        yield* same("received", yield* payloads(member), [["127.0.0.2"]])
        yield* same(
          "a plain join beside it",
          yield* outcome(member.join({ group: groupOf(port), interface: local })),
          inUse
        )
      })),
    test("of two hosts", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h3, port] = [bed.host("h1"), bed.host("h2"), bed.host("h3"), yield* bed.port]
        const member = yield* open(h1, { port })
        yield* member.join({ group: groupOf(port), interface: onA(h1).ipv4, source: onA(h3).ipv4 })
        for (const host of [h2, h3]) {
          yield* (yield* open(host, by(onA(host).ipv4))).send(host.name, at(groupOf(port), port))
        }

        yield* same("received", yield* payloads(member), [["h3"]])
      }))
  ]),

  rule(64, ["t2", "linux"], "A membership survives what happens to its interface", [
    survival("down and up", ({ down, up }) => [Effect.void, down, up], [true, false, true]),
    survival("carrier lost and back", ({ carrier }) => [carrier(false), carrier(true)], [false, true]),
    survival("address gone, and another come", ({ addAddress, removeAddress }) => [
      removeAddress("10.11.0.2/24"),
      addAddress("10.11.0.99/24")
    ], [true, true]),
    test("joining while it is down", ["segments", "interfaces"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const control = h2.interface(onA(h2).interface)
        const member = yield* open(h2, { port })
        yield* control.down
        yield* member.join({ group: groupOf(port), interface: onA(h2).ipv4 })
        yield* control.up
        const sender = yield* open(h1, by(onA(h1).ipv4))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(member), [["hello"]])
      }))
  ]),

  rule(65, ["t2", "linux"], "A membership dies with its interface", [
    test("and the same name and address need a new one", ["segments", "interfaces"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const control = h2.interface(onA(h2).interface)
        const member = yield* open(h2, { port })
        const [group, sender] = [groupOf(port), yield* open(h1, by(onA(h1).ipv4))]
        yield* member.join({ group, interface: onA(h2).ipv4 })
        yield* control.remove
        yield* control.recreate
        yield* sender.send("before", at(group, port))
        const before = yield* payloads(member)

        yield* same("joining again", yield* outcome(member.join({ group, interface: onA(h2).ipv4 })), "ok")
        yield* sender.send("after", at(group, port))
        yield* same("before and after it", [before, yield* payloads(member)], [[[]], [["after"]]])
      }))
  ]),

  rule(66, ["t2", "linux"], "An address that was removed is none to join by", [
    test(
      "and leaving by it leaves the interface in the group",
      ["segments", "interfaces"],
      (bed) =>
        Effect.gen(function*() {
          const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
          const member = yield* open(h2, { port })
          const [group, sender] = [groupOf(port), yield* open(h1, by(onA(h1).ipv4))]
          const { leave } = yield* member.join({ group, interface: onA(h2).ipv4 })
          yield* h2.interface(onA(h2).interface).removeAddress("10.11.0.2/24")

          yield* same("join", yield* outcome(member.join({ group: "239.1.1.7", interface: onA(h2).ipv4 })), noDevice)
          yield* leave
          yield* same("join after leaving", yield* outcome(member.join({ group, interface: onA(h2).ipv4 })), noDevice)
          yield* sender.send("left", at(group, port))
          // the system no longer knows by the address which interface to tell (and rule 49 does the rest)
          yield* same("received after leaving", yield* payloads(member), [["left"]])
        })
    )
  ])
]
