/**
 * Rules 1 to 17: binding.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, denied, inUse, invalid, noAddress, onA, onB, open, opening, share, six, trying } = Play

const local = "127.0.0.1"

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(
    1,
    ["t1", "any"],
    "Two wildcard sockets share a port only if both reuse it",
    ([[false, false, inUse], [false, true, inUse], [true, false, inUse], [true, true, "ok"]] as const).map((
      [first, second, expected]
    ) =>
      test(`reuse by the first ${first}, by the second ${second}`, [], (bed) =>
        Effect.gen(function*() {
          const [host, port] = [bed.host("h1"), yield* bed.port]
          yield* open(host, { port, reuseAddress: first })

          yield* same("the second", yield* opening(host, { port, reuseAddress: second }), expected)
        }))
    )
  ),

  rule(2, ["t1", "linux"], "The wildcard conflicts with a specific address, unless both reuse the port", [
    ...([["the wildcard", {}, { address: local }], ["the specific", { address: local }, {}]] as const).map((
      [name, first, second]
    ) =>
      test(`${name} first`, [], (bed) =>
        Effect.gen(function*() {
          const [host, port] = [bed.host("h1"), yield* bed.port]
          yield* open(host, { port, ...first })

          yield* same("without reuse", yield* opening(host, { port, ...second }), inUse)
          yield* same("with reuse by one", yield* opening(host, { port, ...share, ...second }), inUse)
        }))
    ),
    test("both reuse it", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        yield* open(host, { port, ...share })

        yield* same("the specific", yield* opening(host, { port, address: local, ...share }), "ok")
      }))
  ]),

  rule(3, ["t2", "any"], "Specific addresses do not conflict with each other", [
    test("two of loopback", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        yield* open(host, { port, address: local })

        yield* same("another", yield* opening(host, { port, address: "127.0.0.2" }), "ok")
        yield* same("the same", yield* opening(host, { port, address: local }), inUse)
      })),
    test("of two interfaces", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        yield* open(host, { port, address: onA(host).ipv4 })

        yield* same("on B", yield* opening(host, { port, address: onB(host).ipv4 }), "ok")
      })),
    test("hosts do not conflict", ["segments"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        yield* open(bed.host("h1"), { port })

        yield* same("on another host", yield* opening(bed.host("h2"), { port }), "ok")
      }))
  ]),

  rule(4, ["t1", "any"], "An address that the host does not have cannot be bound", [
    test("IPv4", [], (bed) =>
      Effect.gen(function*() {
        yield* same("bind", yield* opening(bed.host("h1"), { address: "198.51.100.1" }), noAddress)
      })),
    test("IPv6", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        yield* same("bind", yield* opening(bed.host("h1"), { ...six, address: "2001:db8::1" }), noAddress)
      })),
    test("another host's", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2] = [bed.host("h1"), bed.host("h2")]

        yield* same("bind", yield* opening(h1, { address: onA(h2).ipv4 }), noAddress)
      }))
  ]),

  rule(5, ["t1", "linux"], "Port 0 is a free port of the ephemeral range", [
    test("all different, none shared", [], (bed) =>
      Effect.gen(function*() {
        const ports = yield* Effect.replicateEffect(
          // sockets that share may be given one port by chance
          Effect.map(open(bed.host("h1"), { address: local }), ({ port }) => port),
          50
        )

        yield* same("distinct ports", new Set(ports).size, 50)
        yield* same("outside of the range", ports.filter((port) => port < 32_768 || port > 60_999), [])
      })),
    test("none is left", ["exhaustion", "network"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        for (let port = 32_768; port <= 60_999; port++) {
          yield* (yield* host.network!.open({ family: "IPv4", bind: { port } })).reader
        }

        yield* same("one more", yield* opening(host), inUse)
      }))
  ]),

  rule(6, ["t1", "linux"], "A port below 1024 takes a privilege", [
    test("without it", ["unprivileged"], (bed) =>
      Effect.gen(function*() {
        yield* same("port 1001", yield* opening(bed.host("h1"), { port: 1001, address: "127.0.0.9" }), denied)
      })),
    test("with it", ["privileged"], (bed) =>
      Effect.gen(function*() {
        yield* same("port 1001", yield* opening(bed.host("h1"), { port: 1001, address: "127.0.0.9" }), "ok")
      }))
  ]),

  rule(7, ["t1", "linux"], "A group can be bound, joined or not", [
    test("two groups on one port", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]

        yield* same("239.1.1.1", yield* opening(host, { port, address: "239.1.1.1" }), "ok")
        yield* same("239.1.1.2", yield* opening(host, { port, address: "239.1.1.2" }), "ok")
        yield* same("239.1.1.1 again", yield* opening(host, { port, address: "239.1.1.1" }), inUse)
      }))
  ]),

  rule(8, ["t2", "linux"], "Broadcast addresses of the host's networks can be bound", [
    test("of loopback, and 255.255.255.255", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]

        yield* same("127.255.255.255", yield* opening(host, { port, address: "127.255.255.255" }), "ok")
        yield* same("255.255.255.255", yield* opening(host, { port, address: "255.255.255.255" }), "ok")
      })),
    test("of a segment, but not of one the host is not on", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h2"), yield* bed.port]

        yield* same("10.11.0.255", yield* opening(host, { port, address: "10.11.0.255" }), "ok")
        yield* same("10.22.0.255", yield* opening(host, { port, address: "10.22.0.255" }), noAddress)
      }))
  ]),

  rule(9, ["t1", "linux"], "A dual-stack socket takes the port from IPv4 sockets", [
    ...([["IPv4", {}, { ...six, dualStack: true }], ["dual stack", { ...six, dualStack: true }, {}]] as const).map((
      [name, first, second]
    ) =>
      test(`${name} first`, ["ipv6"], (bed) =>
        Effect.gen(function*() {
          const [host, port] = [bed.host("h1"), yield* bed.port]
          yield* open(host, { port, ...first })

          yield* same("the second", yield* opening(host, { port, ...second }), inUse)
        }))
    ),
    test("not with IPv6 only", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        yield* open(host, { port })

        yield* same("the second", yield* opening(host, { ...six, port }), "ok")
      })),
    test("not with reuse by both", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        yield* open(host, { port, ...share })

        yield* same("the second", yield* opening(host, { ...six, dualStack: true, port, ...share }), "ok")
      }))
  ]),

  rule(
    10,
    ["t1", "linux"],
    "reusePort shares with reusePort, and with reuseAddress only where both set that",
    ([
      [{ reusePort: true }, { reusePort: true }, "ok"],
      [{ reusePort: true }, share, inUse],
      [share, { reusePort: true }, inUse],
      [{ reusePort: true, ...share }, share, "ok"],
      [share, { reusePort: true, ...share }, "ok"],
      [{ reusePort: true }, {}, inUse]
    ] as const).map(([first, second, expected]) =>
      test(
        `${Object.keys(first).join("+")}, then ${Object.keys(second).join("+") || "neither"}`,
        [],
        (bed) =>
          Effect.gen(function*() {
            const [host, port] = [bed.host("h1"), yield* bed.port]
            yield* open(host, { port, ...first })

            yield* same("the second", yield* opening(host, { port, ...second }), expected)
          })
      )
    )
  ),

  rule(11, ["t2", "linux"], "A link-local address or group needs its interface to be bound", [
    test("without one", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")

        yield* same("address", yield* opening(host, { ...six, address: onA(host).linkLocal }), invalid)
        yield* same("group", yield* opening(host, { ...six, address: "ff02::7" }), invalid)
        yield* same("group of site scope", yield* opening(host, { ...six, address: "ff05::7" }), "ok")
      })),
    test("with it", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const { interface: scope, linkLocal } = onA(host)
        const socket = yield* open(host, { ...six, address: linkLocal, scope })

        yield* same("its address", socket.address, `${linkLocal}%${yield* host.indexOf(scope)}`)
        yield* same("group", yield* opening(host, { ...six, address: "ff02::7", scope }), "ok")
      }))
  ]),

  rule(12, ["t1", "node"], "An address of the other family cannot be bound", [
    test("either way", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")

        yield* same("::1 for IPv4", yield* opening(host, { address: "::1" }), invalid)
        yield* same("127.0.0.1 for IPv6", yield* opening(host, { ...six, address: local }), invalid)
      })),
    test("but the mapped form can be by a dual-stack socket", ["ipv6"], (bed) =>
      Effect.gen(function*() {
        const address = "::ffff:127.0.0.1"

        yield* same("bind", yield* opening(bed.host("h1"), { ...six, dualStack: true, address }), "ok")
      }))
  ]),

  rule(13, ["t1", "node"], "A bind address that is a name is looked up", [], {
    simulated: "Network.open takes parsed addresses only: no name can reach a socket",
    t1: "Network.open takes parsed addresses only: no name can reach a socket",
    t2: "Network.open takes parsed addresses only: no name can reach a socket"
  }),

  rule(14, ["t1", "any"], "The port of a closed socket is free at once", [
    test("for a socket that does not share", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const first = yield* open(host, { port })
        yield* first.send("x", at(local, port))
        yield* first.close

        yield* same("the next", yield* trying(host, { port }), "ok")
        yield* same("and the next", yield* opening(host, { port }), "ok")
      }))
  ]),

  rule(
    15,
    ["t2", "linux"],
    "The address of an interface that is down or without carrier can be bound",
    (["down", "without carrier"] as const).map((state) =>
      test(state, ["segments", "interfaces"], (bed) =>
        Effect.gen(function*() {
          const host = bed.host("h2")
          const control = host.interface(onA(host).interface)
          yield* (state === "down" ? control.down : control.carrier(false))

          yield* same("bind", yield* opening(host, { address: onA(host).ipv4 }), "ok")
        }))
    )
  ),

  rule(16, ["t1", "node"], "A port that is none is refused", [
    test("below 0, above 65535, or not whole", [], (bed) =>
      Effect.gen(function*() {
        for (const port of [-1, 65_536, 1.5]) {
          yield* same(`port ${port}`, yield* opening(bed.host("h1"), { port }), "ERR_SOCKET_BAD_PORT Unknown")
        }
      }))
  ]),

  rule(17, ["t3", "node"], "Out of file descriptors, the bind fails with EMFILE", [
    test("one more than 1,024 sockets, until one is closed", ["descriptors"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const [first] = yield* Effect.replicateEffect(open(host), 1024)

        yield* same("one more", yield* opening(host), "EMFILE Unknown")
        yield* first!.close
        yield* same("after closing one", yield* opening(host), "ok")
      }))
  ])
]
