import { Announcement } from "@effect-discovery/core"
import { Peerage } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fixtures from "./fixtures.ts"
import * as Seen from "./Seen.ts"
import * as Wire from "./Wire.ts"

const group = "230.1.1.1"
const captured = Fixtures.read<{ readonly node: string }>("peerage")

/** As the original has it: every octet after `Peer:` is the name. */
const write = (name: string): Buffer => Buffer.concat([Buffer.from("Peer:", "latin1"), Buffer.from(name)])
const readName = (payload: Buffer): string | undefined =>
  payload.toString("latin1", 0, 5) === "Peer:" ? payload.toString("utf8", 5) : undefined

const pair = Effect.fnUntraced(function*(options: Peerage.Options = {}) {
  const port = yield* Wire.freePort
  const wire = yield* Wire.make({ port, group })
  const seen = yield* Seen.make(Peerage.source({ ...options, port }))
  return { port, wire, seen }
})

describe("the Elixir library", () => {
  it.live("is discovered by the datagrams that it sent", () =>
    Effect.gen(function*() {
      const { port, seen, wire } = yield* pair()
      for (const { hex } of captured) yield* wire.say(Fixtures.fromHex(hex))

      yield* seen.knows(
        captured.map(({ expected }) => `peerage:${expected.node} 127.0.0.1:${port}`).toSorted().join("; ")
      )
    }), 30_000)

  it.live("hears the octets that it would have sent itself, again within seven seconds", () =>
    Effect.gen(function*() {
      const { seen, wire } = yield* pair()
      const { expected, hex } = captured[0]!
      yield* seen.announce(Announcement.make({ name: expected.node }))
      const [first, second] = yield* wire.hears(() => wire.heard.length > 1 ? wire.heard : undefined)

      assert.deepStrictEqual([first, second], [Fixtures.fromHex(hex), Fixtures.fromHex(hex)])
      assert.deepStrictEqual(seen.lines, [])
    }), 30_000)

  it.live(
    "finds us and is found, each by its name, and is forgotten when it falls silent",
    () =>
      Effect.gen(function*() {
        const { port, seen, wire } = yield* pair({ ttl: "300 millis" })
        yield* seen.announce(Announcement.make({ name: "effect@loopback" }))
        const heard = yield* wire.hears(readName)
        yield* wire.say(write("elixir@loopback"))
        yield* seen.knows(`peerage:elixir@loopback 127.0.0.1:${port}`)
        yield* seen.loses("peerage:elixir@loopback")

        assert.strictEqual(heard, "effect@loopback")
        assert.deepStrictEqual(yield* seen.peers, [])
      }),
    30_000
  )

  it.live(
    "is heard from among datagrams that are none of its own, each of which is counted",
    () =>
      Effect.gen(function*() {
        const { port, seen, wire } = yield* pair()
        for (const payload of ["", "peer:a@b", "Peer:", "Peer:ab", "Peer:a@b\n", "Peer:a@b@c", "Peer:@host"]) {
          yield* wire.say(Buffer.from(payload))
        }
        yield* wire.say(Buffer.from([...Buffer.from("Peer:a@"), 0xc3, 0x28]))
        yield* wire.say(write(`${"a".repeat(300)}@b`))
        yield* wire.say(write(`${"a".repeat(600)}@b`))
        yield* wire.say(write("elixir@loopback"))
        yield* seen.knows(`peerage:elixir@loopback 127.0.0.1:${port}`)

        const reasons = {
          prefix: 2,
          length: 3,
          "control-character": 1,
          "at-sign": 1,
          "empty-part": 1,
          encoding: 1,
          size: 1
        }
        for (const [reason, total] of Object.entries(reasons)) {
          assert.strictEqual(yield* seen.refuses(reason, total), total)
        }
      }),
    30_000
  )
})
