import { Network } from "@effect-discovery/core"
import { assert, describe } from "@effect/vitest"
import { Effect, Scope } from "effect"
import { failure, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const inUse = ["EADDRINUSE", "AddressInUse"]
const free = [undefined, undefined]

describe("binding", () => {
  for (
    const [first, second, outcome] of [
      [false, false, inUse],
      [false, true, inUse],
      [true, false, inUse],
      [true, true, free]
    ] as const
  ) {
    rule(
      `1: wildcard sockets share a port only if both reuse it (${first}, ${second})`,
      (lan) =>
        Effect.gen(function*() {
          const ada = lan.host("ada")
          yield* open(ada, { port: 9778, reuseAddress: first })

          assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, reuseAddress: second })), outcome)
        })
    )
  }

  for (const [first, second] of [[undefined, "10.11.0.1"], ["10.11.0.1", undefined]] as const) {
    rule(
      `2: the wildcard and a specific address conflict (${first ?? "wildcard"} first)`,
      (lan) =>
        Effect.gen(function*() {
          const ada = lan.host("ada")
          const address = (address: string | undefined) => (address === undefined ? {} : { address })
          yield* open(ada, { port: 9778, ...address(first) })

          assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, ...address(second) })), inUse)
        })
    )
  }

  rule("2: unless both reuse the port", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      yield* open(ada, { port: 9778, reuseAddress: true })

      assert.deepStrictEqual(
        yield* failure(open(ada, { port: 9778, address: "10.11.0.1", reuseAddress: true })),
        free
      )
    }))

  rule("3: two specific addresses do not conflict", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      yield* open(ada, { port: 9778, address: "127.0.0.1" })

      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, address: "10.11.0.1" })), free)
      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, address: "10.11.0.1" })), inUse)
    }))

  rule("3: hosts do not conflict", (lan) =>
    Effect.gen(function*() {
      yield* open(lan.host("ada"), { port: 9778 })

      assert.deepStrictEqual(yield* failure(open(lan.host("grace"), { port: 9778 })), free)
    }))

  rule("4: an address of another host is not available", (lan) =>
    Effect.gen(function*() {
      lan.host("grace")

      assert.deepStrictEqual(yield* failure(open(lan.host("ada"), { address: "10.11.0.1" })), [
        "EADDRNOTAVAIL",
        "AddressNotAvailable"
      ])
    }))

  rule("5: port 0 is a free port of the ephemeral range", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      // nobody shares a port that he did not ask for
      const port = Effect.map(open(ada, { reuseAddress: true }), ({ port }) => port)
      const ports = yield* Effect.replicateEffect(port, 1000)

      assert.strictEqual(new Set(ports).size, 1000)
      assert.isTrue(ports.every((port) => port >= 32_768 && port <= 60_999))
    }))

  rule(
    "5: port 0 fails when the range is exhausted",
    (lan) =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const bind = (port: number) =>
          Effect.flatMap(network.open({ family: "IPv4", bind: { port } }), (socket) => socket.reader)
        for (let port = 32_768; port < 60_999; port++) yield* bind(port)
        const last = yield* bind(0)

        assert.strictEqual(last.address.port, 60_999)
        assert.deepStrictEqual(yield* failure(bind(0)), inUse)
      }).pipe(Effect.provide(lan.host("ada", { fileDescriptors: 30_000 }).layer)),
    { history: 1 },
    60_000
  )

  rule("6: a port below 1024 takes a privileged host", (lan) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failure(open(lan.host("ada"), { port: 1023 })), ["EACCES", "PermissionDenied"])
      assert.deepStrictEqual(yield* failure(open(lan.host("root", { isPrivileged: true }), { port: 1023 })), free)
      assert.deepStrictEqual(yield* failure(open(lan.host("ada"), { port: 1024 })), free)
    }))

  rule("7: a group can be bound without being joined", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")

      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, address: "239.1.1.1" })), free)
      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, address: "239.1.1.2" })), free)
    }))

  rule("8: the broadcast addresses can be bound, those of other networks cannot", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")

      for (const address of ["255.255.255.255", "10.11.0.255", "127.255.255.255"]) {
        assert.deepStrictEqual(yield* failure(open(ada, { port: 9778, address })), free, address)
      }
      assert.strictEqual((yield* failure(open(ada, { port: 9778, address: "10.12.0.255" })))[0], "EADDRNOTAVAIL")
    }))

  rule("12: an address of the other family is invalid", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")

      assert.deepStrictEqual(yield* failure(open(ada, { family: "IPv4", address: "::1" })), ["EINVAL", "Unknown"])
      assert.deepStrictEqual(yield* failure(open(ada, { family: "IPv6", address: "127.0.0.1" })), ["EINVAL", "Unknown"])
    }))

  rule("14: a closed socket's port is free at once", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const scope = yield* Scope.make()
      yield* Scope.provide(open(ada, { port: 9778 }), scope)
      yield* Scope.close(scope, yield* Effect.exit(Effect.void))

      assert.deepStrictEqual(yield* failure(open(ada, { port: 9778 })), free)
    }))

  rule("15: the address of an interface that is down can be bound", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      yield* ada.interface("eth0").down

      assert.deepStrictEqual(yield* failure(open(ada, { address: "10.11.0.1" })), free)
    }))

  rule("16: a port that is none is rejected, unlike by node", (lan) =>
    Effect.gen(function*() {
      for (const port of [-1, 65_536, 1.5]) {
        assert.strictEqual((yield* failure(open(lan.host("ada"), { port })))[0], "ERR_SOCKET_BAD_PORT", `${port}`)
      }
    }))
})

describe("who gets a unicast datagram", () => {
  rule("18: exactly one socket, the one bound to the address and port", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const other = yield* open(lan.host("grace"), { port: 9779 })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual([yield* grace.received, yield* other.received], [["hello"], []])
    }))

  for (const specificFirst of [true, false]) {
    rule(
      `19: a specific address before the wildcard (bound ${specificFirst ? "first" : "last"})`,
      (lan) =>
        Effect.gen(function*() {
          const ada = yield* open(lan.host("ada"))
          const specific = { port: 9778, address: "10.11.0.2", reuseAddress: true }
          const wildcard = { port: 9778, reuseAddress: true }
          const bound = yield* Effect.forEach(
            specificFirst ? [specific, wildcard] : [wildcard, specific],
            (options) => open(lan.host("grace"), options)
          )
          yield* ada.send("hello", "10.11.0.2:9778")
          yield* arrival
          const received = yield* Effect.forEach(bound, (endpoint) => endpoint.received)

          assert.deepStrictEqual(received, specificFirst ? [["hello"], []] : [[], ["hello"]])
        })
    )
  }

  rule("20: among equals the last bound, and after it closes the one before", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const scope = yield* Scope.make()
      const first = yield* open(lan.host("grace"), { port: 9778, reuseAddress: true })
      const last = yield* Scope.provide(open(lan.host("grace"), { port: 9778, reuseAddress: true }), scope)
      yield* ada.send("one", "10.11.0.2:9778")
      yield* arrival
      const before = [yield* first.received, yield* last.received]
      yield* Scope.close(scope, yield* Effect.exit(Effect.void))
      yield* ada.send("two", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(before, [[], ["one"]])
      assert.deepStrictEqual(yield* first.received, ["two"])
    }))

  rule("24: a port that nobody holds drops it, and the sender hears of nothing", (lan) =>
    Effect.gen(function*() {
      lan.host("grace")
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "10.11.0.1:9778")
      yield* arrival

      assert.deepStrictEqual((yield* lan.frames).map((frame) => frame.outcomes), [[
        { _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "no-listener" }
      ]])
    }))

  rule("24: on the host itself too late is who binds the port after it was sent", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "127.0.0.1:9778")
      const late = yield* open(lan.host("ada"), { port: 9778 })
      yield* arrival

      assert.deepStrictEqual(yield* late.received, [])
    }))

  rule("18: a socket bound to another address of the host gets nothing", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, address: "127.0.0.1" })
      yield* ada.send("hello", "10.11.0.2:9778")
      yield* arrival

      assert.deepStrictEqual(yield* grace.received, [])
    }))
})
