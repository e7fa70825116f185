import { Announcement } from "@effect-discovery/core"
import { SyncthingV0 } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fixtures from "./fixtures.ts"
import * as Seen from "./Seen.ts"
import * as Wire from "./Wire.ts"

const captured = Fixtures.read<{ readonly id: string; readonly port: number }>("syncthing-v0")

/** As the original has it: a buffer four octets too long. */
const write = (id: string, port: number): Buffer => {
  const payload = Buffer.alloc(12 + Buffer.byteLength(id))
  payload.writeUInt32BE(0x00121025, 0)
  payload.writeUInt16BE(port, 4)
  payload.writeUInt16BE(Buffer.byteLength(id), 6)
  payload.write(id, 8)
  return payload
}

const read = (payload: Buffer): string | undefined =>
  payload.length >= 8 && payload.readUInt32BE(0) === 0x00121025
    ? `${payload.toString("ascii", 8, 8 + payload.readUInt16BE(6))} ${payload.readUInt16BE(4)}`
    : undefined

const pair = Effect.fnUntraced(function*(options: SyncthingV0.Options = {}) {
  const port = yield* Wire.freePort
  const wire = yield* Wire.make({ port })
  const other = yield* Wire.make({ port, from: "127.0.0.2" })
  const seen = yield* Seen.make(SyncthingV0.source({ ...options, port }))
  return { wire, other, seen }
})

describe("the first Syncthing", () => {
  it.live("is discovered by the datagrams that it sent", () =>
    Effect.gen(function*() {
      const { seen, wire } = yield* pair()
      for (const { hex } of captured) yield* wire.say(Fixtures.fromHex(hex))

      yield* seen.knows(
        captured.map(({ expected: { id, port } }) => `syncthing-v0:${id} ${port === 0 ? "" : `127.0.0.1:${port}`}`)
          .toSorted().join("; ")
      )
    }), 30_000)

  it.live("hears the octets that it would have sent itself, and at once of another port", () =>
    Effect.gen(function*() {
      const { seen, wire } = yield* pair()
      const { expected: { id, port }, hex } = captured[0]!
      const advertisement = yield* seen.announce(Announcement.make({ name: id, port }))
      const first = yield* wire.hears((payload) => payload)
      yield* advertisement.update({ port: 22_100 })
      yield* wire.hears((payload) => read(payload) === `${id} 22100` || undefined)

      assert.deepStrictEqual(first, Fixtures.fromHex(hex))
      assert.deepStrictEqual(seen.lines, [])
    }), 30_000)

  it.live("tells of another port, and is forgotten when it falls silent", () =>
    Effect.gen(function*() {
      const { seen, wire } = yield* pair({ ttl: "300 millis" })
      yield* wire.say(write("NODE1", 22_000))
      yield* seen.knows("syncthing-v0:NODE1 127.0.0.1:22000")
      yield* wire.say(write("NODE1", 22_001))
      yield* seen.knows("syncthing-v0:NODE1 127.0.0.1:22001")
      yield* seen.loses("syncthing-v0:NODE1")

      assert.deepStrictEqual(seen.lines, [
        "PeerDiscovered syncthing-v0:NODE1 127.0.0.1:22000",
        "PeerUpdated syncthing-v0:NODE1 127.0.0.1:22001",
        "PeerLost syncthing-v0:NODE1 127.0.0.1:22001 Expired"
      ])
    }), 30_000)

  it.live(
    "S-U2 is not overwritten by another host that announces its id: both addresses are told, each with where it is from",
    () =>
      Effect.gen(function*() {
        const { other, seen, wire } = yield* pair()
        yield* wire.say(write("NODE1", 22_000))
        yield* seen.knows("syncthing-v0:NODE1 127.0.0.1:22000")
        yield* other.say(write("NODE1", 666))
        yield* seen.knows("syncthing-v0:NODE1 127.0.0.1:22000,127.0.0.2:666")

        assert.strictEqual(seen.lines.at(-1), "PeerUpdated syncthing-v0:NODE1 127.0.0.1:22000,127.0.0.2:666")
      }),
    30_000
  )

  it.live(
    "is heard from among its successors and what would have ended it, each of which is counted",
    () =>
      Effect.gen(function*() {
        const { seen, wire } = yield* pair()
        const node = "000000200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
        const url = "00000013" + Buffer.from("tcp://0.0.0.0:22000").toString("hex") + "00"
        const said = {
          successor: [
            "2012102555f00000000000054e4f44453100000000000000",
            "029e4c77000000054e4f444531000000000000020000000055f0000000000004c000020755f10000",
            `9d79bc39${node}000000010000000055f0000000000000`,
            `9d79bc40${node}00000001${url}0000000000000000`,
            `7d79bc40${node}00000001${url}00000000`,
            `2ea7d90b0a20${node.slice(8)}`,
            "1976030900000005",
            "23d63a9a00000005",
            "2ca856f500000020",
            "2ca856f600000020"
          ],
          // shorter than its id: the original read what was left in its buffer
          truncated: ["00121025", "0012102555f000064e4f444531"],
          // longer than the original's buffer, which ended it; and beyond what 16 bits can add 8 to
          length: [`0012102555f003f9${"4e".repeat(1_016)}`, "0012102555f0ffff4e", "0012102555f00000"],
          size: [`0012102555f003f9${"4e".repeat(1_017)}`],
          magic: ["001210264e4f4445", "0000000000000000"]
        }
        for (const hex of Object.values(said).flat()) yield* wire.say(Fixtures.fromHex(hex))
        yield* wire.say(write("NODE1", 22_000))
        yield* seen.knows("syncthing-v0:NODE1 127.0.0.1:22000")

        for (const [reason, { length }] of Object.entries(said)) {
          assert.strictEqual(yield* seen.refuses(reason, length), length)
        }
      }),
    30_000
  )
})
