import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import { Display } from "../../src/index.ts"
import * as PeerTable from "../../src/internal/cli/PeerTable.ts"
import { keyed, peer, unjudged } from "./peer.ts"

const row = (name: string, age = 12_000, left = 5_000): PeerTable.Row => ({
  peer: peer({ name }),
  standing: unjudged,
  age,
  left
})
const size = { columns: 80, rows: 24 }

describe("lines", () => {
  it("lays out peers, their sources, addresses and times", () => {
    const lines = PeerTable.lines({ title: "by json", rows: [row("ada"), row("grace", 125_000)], latest: ["…"] }, size)

    assert.deepStrictEqual(lines, [
      "2 peers by json",
      "",
      "NAME   SOURCE  ADDRESSES      AGE    LEFT",
      "ada    json    10.0.0.1:8080  12s    5s",
      "grace  json    10.0.0.1:8080  2m     5s",
      "",
      "…"
    ])
  })

  it("is never wider than the terminal, nor higher", () => {
    const address = NetAddress.inetAddressFromIpStringUnsafe("fd00:1234:5678:9abc:def0:1234:5678:9abc", 65_535)
    const wide: PeerTable.Row = {
      peer: peer({ name: "研究室".repeat(40), addresses: [address, address], sources: ["syncthing-v0", "peerage"] }),
      standing: unjudged,
      age: 1e12,
      left: Infinity
    }
    const rows = Array.from({ length: 100 }, () => wide)
    for (const columns of [20, 40, 80, 200]) {
      const lines = PeerTable.lines({ title: "by all".repeat(50), rows, latest: ["x".repeat(300)] }, {
        columns,
        rows: 24
      })

      assert.isAtMost(lines.length, 23)
      assert.isAtMost(Math.max(...lines.map(Display.width)), columns)
    }
  })

  const judged: PeerTable.Row = {
    peer: keyed(),
    standing: { state: "trusted", isDialable: true, isLookalike: false },
    age: 12_000,
    left: 80_000
  }

  it("S-D4 shows a key's short form beside the name, and what is thought of it before what it says", () => {
    const rows = [judged, { ...judged, standing: { ...judged.standing, state: "unknown", isLookalike: true } }] as const
    const lines = PeerTable.lines({ title: "by signed", rows: [...rows, row("eve")], latest: [] }, {
      columns: 120,
      rows: 24
    })

    assert.deepStrictEqual(lines.slice(2, -1), [
      "TRUST      PROOF   KEY                  NAME  SOURCE  ADDRESSES      AGE    LEFT",
      "trusted    signed  21fe 31df a154 a261  ada   signed  10.0.0.1:8080  12s    80s",
      "lookalike  signed  21fe 31df a154 a261  ada   signed  10.0.0.1:8080  12s    80s",
      "-          none    -                    eve   json    10.0.0.1:8080  12s    5s"
    ])
  })

  it("S-D4 leaves sources and ages out before it cuts a key", () => {
    const long = { ...judged, peer: keyed({ name: "a".repeat(90) }) }
    const lines = PeerTable.lines({ title: "by signed", rows: [long], latest: [] }, size)

    assert.deepStrictEqual(lines.slice(2, -1), [
      "TRUST    PROOF   KEY                  NAME                  ADDRESSES      LEFT",
      "trusted  signed  21fe 31df a154 a261  aaaaaaaaaaaaaaaaaaa…  10.0.0.1:8080  80s"
    ])
  })

  it("says how many peers there is no room for", () => {
    const rows = Array.from({ length: 30 }, (_, at) => row(`peer-${at}`))
    const lines = PeerTable.lines({ title: "by json", rows, latest: [] }, { columns: 80, rows: 12 })

    assert.deepStrictEqual(lines.slice(-3), ["peer-4  json    10.0.0.1:8080  12s    5s", "and 25 more", ""])
  })
})

describe("duration", () => {
  it.each([
    [0, "0s"],
    [99_999, "99s"],
    [100_000, "1m"],
    [5_999_000, "99m"],
    [6_000_000, "1h"],
    [360_000_000, "4d"],
    [-1, "0s"],
    [Infinity, "-"]
  ])("%d ms is %s", (milliseconds, expected) => assert.strictEqual(PeerTable.duration(milliseconds), expected))
})
