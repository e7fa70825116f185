import { assert, describe, it } from "@effect/vitest"
import * as Copy from "../../src/internal/Copy.ts"

const octets = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7) % 256)

describe("isOf", () => {
  for (const make of [octets, (length: number) => Buffer.from(octets(length))]) {
    const kind = make(0).constructor.name
    it.each([0, 1, 64, 65, 300])(`knows %d octets by every one of them, as ${kind}`, (length) => {
      const payload = make(length)
      const copy = Copy.of(payload)

      assert.isTrue(Copy.isOf(copy, payload))
      assert.isFalse(Copy.isOf(copy, make(length + 1)))
      for (let at = 0; at < length; at++) {
        payload[at]! ^= 1
        assert.isFalse(Copy.isOf(copy, payload))
        payload[at]! ^= 1
      }
    })
  }

  it("keeps a copy, whatever becomes of the datagram", () => {
    for (const length of [8, 200]) {
      const payload = Buffer.from(octets(length))
      const copy = Copy.of(payload)
      payload.fill(0)

      assert.isTrue(Copy.isOf(copy, octets(length)))
    }
  })
})
