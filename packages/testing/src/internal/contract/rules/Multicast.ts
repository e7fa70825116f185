/**
 * Rules 47 to 56: who receives multicast.
 */
import * as Effect from "effect/Effect"
import type * as ContractBed from "../../../ContractBed.ts"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, groupOf, onA, onB, open, payloads, senders, share, six } = Play

const local = "127.0.0.1"

/**
 * A place for tests of reception: the host that receives, how it names its interface, and a sender that its host does not hear twice.
 * On loopback they are the same host.
 */
interface Place {
  readonly host: ContractBed.ContractHost
  readonly interface: string
  readonly say: (text: string, group: string, port: number) => Effect.Effect<void, ContractBed.SocketFailure>
}

const onLoopback = (bed: ContractBed.Bed) =>
  Effect.map(open(bed.host("h1"), { address: local, ...by(local) }), (sender): Place => ({
    host: bed.host("h1"),
    interface: local,
    say: (text, group, port) => sender.send(text, at(group, port))
  }))

const onSegment = (bed: ContractBed.Bed) =>
  Effect.map(open(bed.host("h1"), by(onA(bed.host("h1")).ipv4)), (sender): Place => ({
    host: bed.host("h2"),
    interface: onA(bed.host("h2")).ipv4,
    say: (text, group, port) => sender.send(text, at(group, port))
  }))

type Scene = (place: Place, port: number, group: string) => ReturnType<ReturnType<typeof test>["run"]>

/** The same on loopback, and from one host to another. */
const both = (name: string, scene: Scene, needs: ReadonlyArray<ContractBed.Capability> = []) => [
  test(`${name}, on loopback`, needs, (bed) =>
    Effect.gen(function*() {
      const port = yield* bed.port
      yield* scene(yield* onLoopback(bed), port, groupOf(port))
    })),
  test(`${name}, between hosts`, ["segments", ...needs], (bed) =>
    Effect.gen(function*() {
      const port = yield* bed.port
      yield* scene(yield* onSegment(bed), port, groupOf(port))
    }))
]

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(47, ["t2", "any"], "A host takes a group only if one of its sockets joined it on the interface", [
    ...both("nobody joined, then somebody", (place, port, group) =>
      Effect.gen(function*() {
        const socket = yield* open(place.host, { port })
        yield* place.say("before", group, port)
        const before = yield* payloads(socket)
        const { leave } = yield* socket.join({ group, interface: place.interface })
        yield* place.say("joined", group, port)
        const joined = yield* payloads(socket)
        yield* leave
        yield* place.say("left", group, port)

        yield* same("before, joined, left", [before, joined, yield* payloads(socket)], [[[]], [["joined"]], [[]]])
      })),
    test("joined on another interface", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const socket = yield* open(h1, { port })
        yield* socket.join({ group: groupOf(port), interface: onB(h1).ipv4 })
        const sender = yield* open(h2, by(onA(h2).ipv4))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(socket), [[]])
      })),
    test("224.0.0.1 is taken always, 224.0.0.251 is not", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [port, place] = [yield* bed.port, yield* onSegment(bed)]
        const socket = yield* open(place.host, { port })
        yield* place.say("all hosts", "224.0.0.1", port)
        yield* place.say("mDNS", "224.0.0.251", port)

        yield* same("received", yield* payloads(socket), [["all hosts"]])
      }))
  ]),

  rule(
    48,
    ["t2", "linux"],
    "Every socket of the port that is wildcard or bound to the group gets a copy",
    both("wildcard, group and unicast", (place, port, group) =>
      Effect.gen(function*() {
        const sockets = yield* Effect.forEach([undefined, undefined, group, place.interface, "239.1.1.9"], (address) =>
          open(place.host, { port, address, ...share }))
        yield* sockets[0]!.join({ group, interface: place.interface })
        yield* place.say("hello", group, port)

        yield* same("received", yield* payloads(...sockets), [["hello"], ["hello"], ["hello"], [], []])
      }))
  ),

  rule(49, ["t2", "linux"], "A wildcard socket hears groups that another socket of its host joined", [
    ...both("joined on another port", (place, port, group) =>
      Effect.gen(function*() {
        const joiner = yield* open(place.host)
        const { leave } = yield* joiner.join({ group, interface: place.interface })
        const socket = yield* open(place.host, { port })
        yield* place.say("hello", group, port)
        const received = yield* payloads(socket, joiner)
        yield* leave
        yield* place.say("left", group, port)

        yield* same("received", [received, yield* payloads(socket)], [[["hello"], []], [[]]])
      })),
    test("and that it joined itself on another interface only", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const onlyB = yield* open(h1, { port, ...share })
        yield* onlyB.join({ group: groupOf(port), interface: onB(h1).ipv4 })
        const opener = yield* open(h1)
        yield* opener.join({ group: groupOf(port), interface: onA(h1).ipv4 })
        const sender = yield* open(h2, by(onA(h2).ipv4))
        yield* sender.send("by A", at(groupOf(port), port))

        yield* same("received", yield* payloads(onlyB), [["by A"]])
      }))
  ]),

  rule(
    50,
    ["t2", "linux"],
    "A socket bound to a group receives that group only, and only if somebody joined",
    both("its group, another one, unicast", (place, port, group) =>
      Effect.gen(function*() {
        const socket = yield* open(place.host, { port, address: group, ...share })
        yield* place.say("before", group, port)
        const before = yield* payloads(socket)
        const joiner = yield* open(place.host)
        yield* joiner.join({ group, interface: place.interface })
        yield* joiner.join({ group: "239.1.1.9", interface: place.interface })
        yield* place.say("its own", group, port)
        yield* place.say("another", "239.1.1.9", port)
        yield* joiner.send("unicast", at(place.interface, port))

        yield* same("before any joined", before, [[]])
        yield* same("received", yield* payloads(socket), [["its own"]])
      }))
  ),

  rule(51, ["t2", "any"], "A socket joined on several interfaces gets one copy", [
    test("joined on A and B", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const socket = yield* open(h1, { port })
        for (const { ipv4 } of [onA(h1), onB(h1)]) yield* socket.join({ group: groupOf(port), interface: ipv4 })
        const sender = yield* open(h2, by(onA(h2).ipv4))
        yield* sender.send("hello", at(groupOf(port), port))

        yield* same("received", yield* payloads(socket), [["hello"]])
      }))
  ]),

  rule(
    52,
    ["t1", "linux"],
    "Sockets that share the port by reuse get a copy each",
    ([["reuseAddress", share], ["reusePort", { reusePort: true }]] as const).flatMap(([name, options]) =>
      both(name, (place, port, group) =>
        Effect.gen(function*() {
          const sockets = yield* Effect.replicateEffect(open(place.host, { port, ...options }), 3)
          yield* sockets[1]!.join({ group, interface: place.interface })
          yield* place.say("hello", group, port)

          yield* same("received", yield* payloads(...sockets), [["hello"], ["hello"], ["hello"]])
        }))
    )
  ),

  rule(
    53,
    ["t1", "any"],
    "In any order among the sockets, each of them in the order of sending",
    both("two sockets, twenty datagrams", (place, port, group) =>
      Effect.gen(function*() {
        const sockets = yield* Effect.replicateEffect(open(place.host, { port, ...share }), 2)
        yield* sockets[0]!.join({ group, interface: place.interface })
        const texts = Array.from({ length: 20 }, (_, at) => `${at}`)
        for (const text of texts) yield* place.say(text, group, port)

        yield* same("received", yield* payloads(...sockets), [texts, texts])
      }))
  ),

  rule(54, ["t2", "linux"], "A dual-stack socket hears only the IPv4 groups and interfaces it joined itself", [
    ...both("not those of another socket", (place, port, group) =>
      Effect.gen(function*() {
        const dual = yield* open(place.host, { ...six, dualStack: true, port, ...share })
        const joiner = yield* open(place.host)
        yield* joiner.join({ group, interface: place.interface })
        yield* place.say("joined by another", group, port)
        const before = yield* payloads(dual)
        yield* dual.join({ group, interface: place.interface })
        yield* place.say("joined itself", group, port)
        const after = yield* dual.received

        yield* same("joined by another", before, [[]])
        yield* same("joined itself", after.map(({ payload }) => payload), ["joined itself"])
        yield* same("sender of the mapped form", after[0]?.from.startsWith("[::ffff:"), true)
      }), ["ipv6"]),
    test("nor 224.0.0.1, nor by another interface", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const dual = yield* open(h1, { ...six, dualStack: true, port, ...share })
        yield* dual.join({ group: groupOf(port), interface: onB(h1).ipv4 })
        const opener = yield* open(h1)
        yield* opener.join({ group: groupOf(port), interface: onA(h1).ipv4 })
        const sender = yield* open(h2, by(onA(h2).ipv4))
        yield* sender.send("by A", at(groupOf(port), port))
        yield* sender.send("all hosts", at("224.0.0.1", port))

        yield* same("received", yield* payloads(dual), [[]])
      })),
    test("it sends by the interface of the IPv4 address set", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const receiver = yield* open(h2, { port })
        yield* receiver.join({ group: groupOf(port), interface: onA(h2).ipv4 })
        const dual = yield* open(h1, { ...six, dualStack: true, ...by(onA(h1).ipv4) })
        yield* dual.send("hello", at(`::ffff:${groupOf(port)}`, port))

        yield* same("senders", yield* senders(receiver), [at(onA(h1).ipv4, dual.port)])
      })),
    test("broadcast reaches it", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const dual = yield* open(host, { ...six, dualStack: true, port })
        const sender = yield* open(host, { address: local, broadcast: true })
        yield* sender.send("hello", at("127.255.255.255", port))

        yield* same("received", yield* payloads(dual), [["hello"]])
      }))
  ]),

  rule(55, ["t1", "node"], "A receiver learns the sender, neither the group nor the interface", [
    test("two groups look alike", [], (bed) =>
      Effect.gen(function*() {
        const [port, place] = [yield* bed.port, yield* onLoopback(bed)]
        const socket = yield* open(place.host, { port })
        for (const group of [groupOf(port), "239.1.1.9"]) {
          yield* socket.join({ group, interface: place.interface })
          yield* place.say("hello", group, port)
        }
        const [first, second] = yield* socket.received

        yield* same("the second", second, first)
      }))
  ]),

  rule(
    56,
    ["t2", "linux"],
    "A connected socket does not receive multicast on its port, of others than its peer",
    both("connected to another", (place, port, group) =>
      Effect.gen(function*() {
        const connected = yield* open(place.host, { port, connect: at(place.interface, 9), ...share })
        yield* connected.join({ group, interface: place.interface })
        const plain = yield* open(place.host, { port, ...share })
        yield* place.say("hello", group, port)

        yield* same("received", yield* payloads(connected, plain), [[], ["hello"]])
      }))
  )
]
