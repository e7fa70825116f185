/**
 * Rules 89 to 96: IPv6.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, group6Of, noDevice, onA, onB, open, opening, outcome, payloads, senders, share, six } = Play

type Scene = (
  play: {
    readonly host: Play.Host
    readonly link: string
    readonly port: number
    readonly group: string
    readonly say: (text: string, group: string) => Effect.Effect<void, unknown>
  }
) => ReturnType<ReturnType<typeof test>["run"]>

/** h1 speaks by its interface on A, h2 listens. */
const onSegment = (name: string, scene: Scene) =>
  test(name, ["segments", "ipv6"], (bed) =>
    Effect.gen(function*() {
      const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
      const sender = yield* open(h1, { ...six, ...by(onA(h1).interface) })
      const say = (text: string, group: string) => sender.send(text, at(group, port))
      yield* scene({ host: h2, link: onA(h2).interface, port, group: group6Of(port), say })
    }))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(89, ["t2", "linux"], "Rules 47 to 52 hold for IPv6, with ff02::1 in the place of 224.0.0.1", [
    onSegment(
      "47: taken only when joined, but ff02::1 always",
      ({ group, host, link, port, say }) =>
        Effect.gen(function*() {
          const socket = yield* open(host, { ...six, port })
          yield* say("before", group)
          yield* say("all nodes", "ff02::1")
          const before = yield* payloads(socket)
          yield* socket.join({ group, interface: link })
          yield* say("joined", group)

          yield* same("received", [before, yield* payloads(socket)], [[["all nodes"]], [["joined"]]])
        })
    ),
    onSegment(
      "48, 50: wildcard and group-bound sockets get a copy, unicast ones do not",
      (play) =>
        Effect.gen(function*() {
          const { group, host, link, port, say } = play
          const places: ReadonlyArray<Play.Options> = [
            {},
            { address: group, scope: link },
            { address: onA(host).ipv6 },
            { address: "ff05::9" }
          ]
          const sockets = yield* Effect.forEach(places, (place) => open(host, { ...six, port, ...share, ...place }))
          yield* sockets[0]!.join({ group, interface: link })
          yield* say("hello", group)

          yield* same("received", yield* payloads(...sockets), [["hello"], ["hello"], [], []])
        })
    ),
    onSegment(
      "49: also sockets that never joined, dual-stack ones included",
      ({ group, host, link, port, say }) =>
        Effect.gen(function*() {
          const joiner = yield* open(host, six)
          yield* joiner.join({ group, interface: link })
          const sockets = yield* Effect.forEach(
            [false, true],
            (dualStack) => open(host, { ...six, dualStack, port, ...share })
          )
          yield* say("hello", group)

          yield* same("received", yield* payloads(...sockets), [["hello"], ["hello"]])
        })
    ),
    test("51: one copy for a socket joined on two interfaces", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const socket = yield* open(h1, { ...six, port })
        for (const place of [onA(h1), onB(h1)]) {
          yield* socket.join({ group: group6Of(port), interface: place.interface })
        }
        const sender = yield* open(h2, { ...six, ...by(onA(h2).interface) })
        yield* sender.send("hello", at(group6Of(port), port))

        yield* same("received", yield* payloads(socket), [["hello"]])
      })),
    onSegment(
      "52: sockets that share the port get a copy each",
      ({ group, host, link, port, say }) =>
        Effect.gen(function*() {
          const sockets = yield* Effect.replicateEffect(open(host, { ...six, port, reusePort: true }), 3)
          yield* sockets[2]!.join({ group, interface: link })
          yield* say("hello", group)

          yield* same("received", yield* payloads(...sockets), [["hello"], ["hello"], ["hello"]])
        })
    )
  ]),

  rule(90, ["t2", "linux"], "An interface that does not exist is refused", [
    test("for joining, sending, and as a destination", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const socket = yield* open(host, six)

        yield* same("join", yield* outcome(socket.join({ group: "ff02::7", interface: "4000" })), noDevice)
        yield* same("send by", yield* opening(host, { ...six, ...by("4000") }), noDevice)
        yield* same("send to", yield* outcome(socket.send("hello", "[fe80::77%4000]:9")), noDevice)
      }))
  ]),

  rule(91, ["t2", "linux"], "Without an interface, link-scope groups are joined and sent to on the first", [
    test("join on A", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const socket = yield* open(h1, { ...six, port })
        yield* socket.join({ group: group6Of(port) })
        for (const [host, link] of [[h2, onA(h2)], [h4, onB(h4)]] as const) {
          yield* (yield* open(host, { ...six, ...by(link.interface) })).send(host.name, at(group6Of(port), port))
        }

        yield* same("received", yield* payloads(socket), [["h2"]])
      })),
    test("send on A", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const members = [yield* open(h2, { ...six, port }), yield* open(h4, { ...six, port })]
        yield* members[0]!.join({ group: group6Of(port), interface: onA(h2).interface })
        yield* members[1]!.join({ group: group6Of(port), interface: onB(h4).interface })
        const sender = yield* open(h1, six)
        yield* sender.send("hello", at(group6Of(port), port))

        yield* same("received", yield* payloads(...members), [["hello"], []])
      }))
  ]),

  rule(92, ["t2", "node"], "A link-local sender carries the index of the receiving interface, a global one none", [
    test("unicast of both scopes", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const [sender, receiver] = [yield* open(h1, six), yield* open(h2, { ...six, port })]
        yield* sender.send("link", at(`${onA(h2).linkLocal}%${onA(h1).interface}`, port))
        yield* sender.send("global", at(onA(h2).ipv6, port))
        const index = yield* h2.indexOf(onA(h2).interface)

        yield* same("senders", yield* senders(receiver), [
          at(`${onA(h1).linkLocal}%${index}`, sender.port),
          at(onA(h1).ipv6, sender.port)
        ])
      }))
  ]),

  rule(93, ["t2", "linux"], "The source has the scope of the group", [
    test("link and site", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const receiver = yield* open(h2, { ...six, port })
        const groups = [group6Of(port, 2), group6Of(port, 5)]
        for (const group of groups) yield* receiver.join({ group, interface: onA(h2).interface })
        const sender = yield* open(h1, { ...six, ...by(onA(h1).interface) })
        for (const group of groups) yield* sender.send("hello", at(group, port))
        const index = yield* h2.indexOf(onA(h2).interface)

        yield* same("senders", yield* senders(receiver), [
          at(`${onA(h1).linkLocal}%${index}`, sender.port),
          at(onA(h1).ipv6, sender.port)
        ])
      }))
  ]),

  rule(94, ["t2", "linux"], "A hop limit of 0 and interface-local groups stay on the host", [
    test("and loopback off keeps the own host from hearing", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
        const groups = [group6Of(port, 2), group6Of(port, 1)]
        const [own, remote] = [yield* open(h1, { ...six, port }), yield* open(h2, { ...six, port })]
        for (const group of groups) {
          yield* own.join({ group, interface: onA(h1).interface })
          yield* remote.join({ group, interface: onA(h2).interface })
        }
        const say = (text: string, group: string, rest: { readonly ttl?: number; readonly loopback?: boolean }) =>
          Effect.flatMap(open(h1, { ...six, ...by(onA(h1).interface, rest) }), (sender) =>
            sender.send(text, at(group, port)))
        yield* say("hop limit 0", groups[0]!, { ttl: 0 })
        yield* say("interface-local", groups[1]!, {})
        yield* say("loopback off", groups[0]!, { loopback: false })

        yield* same("received by the own host and another", yield* payloads(own, remote), [
          ["hop limit 0", "interface-local"],
          ["loopback off"]
        ])
      }))
  ]),

  rule(95, ["t2", "linux"], "Going down loses the global IPv6 addresses for good, the link-local one until it is up", [
    test("down and up", ["segments", "ipv6", "interfaces"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h2")
        const place = onA(host)
        const control = host.interface(place.interface)
        yield* control.down
        yield* control.up
        yield* bed.settle
        const listed = (yield* host.interfaces).find(({ name }) => name === place.interface)

        yield* same("addresses", listed?.addresses, [`${place.ipv4}/24`, `${place.linkLocal}/64`])
        yield* same("global", yield* opening(host, { ...six, address: place.ipv6 }), Play.noAddress)
      }))
  ]),

  rule(96, ["t2", "node"], "A group is left on the interface it was joined on", [
    test("and stays joined on the other", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2, h4, port] = [bed.host("h1"), bed.host("h2"), bed.host("h4"), yield* bed.port]
        const member = yield* open(h1, { ...six, port })
        yield* member.join({ group: group6Of(port), interface: onA(h1).interface })
        const { leave } = yield* member.join({ group: group6Of(port), interface: onB(h1).interface })
        yield* leave
        for (const [host, link] of [[h2, onA(h2)], [h4, onB(h4)]] as const) {
          yield* (yield* open(host, { ...six, ...by(link.interface) })).send(host.name, at(group6Of(port), port))
        }

        yield* same("received", yield* payloads(member), [["h2"]])
      }))
  ])
]
