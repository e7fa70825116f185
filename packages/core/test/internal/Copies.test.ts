import { assert, describe, it } from "@effect/vitest"
import * as Copies from "../../src/internal/Copies.ts"

const octets = (length: number, first = 0) => Uint8Array.from({ length }, (_, at) => (first + at * 7) % 256)

describe("isOf", () => {
  for (const make of [octets, (length: number) => Buffer.from(octets(length))]) {
    const kind = make(0).constructor.name
    it.each([0, 1, 2, 3, 4, 25, 127, 128, 129, 300, 1_025])(
      `knows %d octets by every one of them, as ${kind}`,
      (length) => {
        const payload = make(length)
        const copies = Copies.make()
        Copies.add(copies, octets(9), 0)
        const place = Copies.add(copies, payload, 9)
        Copies.add(copies, octets(9), 9 + length)

        assert.strictEqual(Copies.sizeOf(place), 4 * Math.ceil(length / 4))
        assert.isTrue(Copies.isOf(place, payload))
        assert.isFalse(Copies.isOf(place, make(length + 1)))
        for (let at = 0; at < length; at++) {
          payload[at]! ^= 1
          assert.isFalse(Copies.isOf(place, payload))
          payload[at]! ^= 1
        }
      }
    )
  }

  it("knows a datagram that is longer than a sheet, and what comes after it", () => {
    const copies = Copies.make()
    for (const length of [16_383, 16_384, 40_000, 5]) {
      const place = Copies.add(copies, Buffer.from(octets(length)), 0)

      assert.isTrue(Copies.isOf(place, octets(length)))
      assert.isFalse(Copies.isOf(place, octets(length, 1)))
    }
  })

  it("keeps a copy, whatever becomes of the datagram", () => {
    for (const length of [8, 200, 40_000]) {
      const payload = Buffer.from(octets(length))
      const place = Copies.add(Copies.make(), payload, 0)
      payload.fill(0)

      assert.isTrue(Copies.isOf(place, octets(length)))
    }
  })
})

describe("drop", () => {
  it("leaves the sheet to others", () => {
    const place = Copies.add(Copies.make(), octets(20), 0)
    Copies.drop(place)

    assert.strictEqual(Copies.sizeOf(place), 0)
    assert.lengthOf(place.sheet.octets, 0)
    assert.isFalse(Copies.isOf(place, octets(20)))
  })
})

describe("move", () => {
  it("is for when a third of the copies is nobody's, and not again at once", () => {
    const copies = Copies.make()
    const live = 100 * 12_000
    const places = Array.from({ length: 100 }, () => Copies.add(copies, octets(12_000), live))
    let more = 0
    for (; !Copies.isSparse(copies, live); more++) Copies.add(copies, octets(4_000), live)
    Copies.move(copies, places, live)

    assert.strictEqual(more, 151)
    assert.isFalse(Copies.isSparse(copies, live))
  })

  it("leaves every copy what it is, and an eighth more of sheets than they have", () => {
    const copies = Copies.make()
    const lengths = Array.from({ length: 700 }, (_, index) => (index * 37) % 500)
    const live = lengths.reduce((sum, length) => sum + 4 * Math.ceil(length / 4), 0)
    const places = lengths.map((length, index) => Copies.add(copies, octets(length, index), live))
    assert.strictEqual(places.reduce((sum, place) => sum + Copies.sizeOf(place), 0), live)
    for (let i = 0; i < 2_000; i++) Copies.add(copies, octets(400), live)
    assert.isTrue(Copies.isSparse(copies, live))
    Copies.move(copies, places, live)

    assert.isFalse(Copies.isSparse(copies, live))
    const sheets = Array.from(new Set(places.map(({ sheet }) => sheet.octets)))
    assert.isAtMost(sheets.reduce((sum, { length }) => sum + length, 0), 1.2 * live)
    assert.isTrue(places.every((place, index) => Copies.isOf(place, octets(lengths[index]!, index))))
  })
})

describe("mark", () => {
  it.each([1, 3, 4, 141, 511])("tells %d octets from those of which any one differs", (length) => {
    const payload = octets(length)
    const mark = Copies.mark(payload)

    assert.strictEqual(Copies.mark(Buffer.from(payload)), mark)
    for (let at = 0; at < length; at++) assert.notStrictEqual(Copies.mark(payload.with(at, payload[at]! ^ 1)), mark)
  })

  it("is a small integer, of as long a datagram as there is", () => {
    for (const length of [0, 1, 141, 8_972]) {
      const mark = Copies.mark(octets(length))

      assert.isTrue(Number.isInteger(mark) && Math.abs(mark) < 2 ** 30)
    }
  })
})
