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

describe("mark", () => {
  it.each([1, 3, 4, 141, 511])("tells %d octets from those of which any one differs", (length) => {
    const payload = octets(length)
    const mark = Copy.mark(payload)

    assert.strictEqual(Copy.mark(Buffer.from(payload)), mark)
    for (let at = 0; at < length; at++) assert.notStrictEqual(Copy.mark(payload.with(at, payload[at]! ^ 1)), mark)
  })

  it("is a small integer, of as long a datagram as there is", () => {
    for (const length of [0, 1, 141, 8_972]) {
      const mark = Copy.mark(octets(length))

      assert.isTrue(Number.isInteger(mark) && Math.abs(mark) < 2 ** 30)
    }
  })
})
