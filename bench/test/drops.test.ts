import { assert, describe, it } from "@effect/vitest"
import * as Drops from "../src/udp/Drops.ts"

// as Linux prints it, with one socket on port 20,481 that dropped 1,235 and one that dropped 7
const table = `\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1046: 505461EF:5001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 112233 2 0000000000000000 1235
 1047: 0100007F:5001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 112234 2 0000000000000000 7
 2123: 0100017F:14E9 505461EF:5001 01 00000000:00000000 00:00000000 00000000     0        0 112235 2 0000000000000000 99
`

describe("Drops", () => {
  it("counts those of every socket on the port, and of no other", () => {
    assert.strictEqual(Drops.parse(table, 0x5001), 1_242)
    assert.strictEqual(Drops.parse(table, 0x14e9), 99)
    assert.strictEqual(Drops.parse(table, 20_000), 0)
  })
})
