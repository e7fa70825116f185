import { TrustEntry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../../src/internal/trust/Book.ts"
import * as Rotation from "../../../src/internal/trust/Rotation.ts"
import * as Given from "../Given.ts"

const [ada, eve] = [Given.key(1), Given.key(2)] as const

describe("a key whose time is over, though nobody has looked yet", () => {
  for (
    const [how, again] of [
      ["trusted", (book: Book.Book, out: Book.Out) => Book.trust(book, ada, {}, 10, out)],
      ["pinned", (book: Book.Book, out: Book.Out) => Book.accept(book, "demo", "ada", ada, 10, out)],
      [
        "trusted by another program",
        (book: Book.Book, out: Book.Out) =>
          Book.adopt(book, [{ key: ada, state: "trusted", addedAt: 0, until: 20 }], 10, out)
      ]
    ] as const
  ) {
    it(`is told of as granted when it is ${how} anew, also where the list is full`, () => {
      const [book, out] = [Book.make(1), Book.nothing()]
      Book.trust(book, ada, { until: 5 }, 0, Book.nothing())

      assert.isUndefined(again(book, out))
      assert.deepStrictEqual(out.events.map(({ _tag }) => _tag), ["Revoked", "Granted"])
    })
  }

  it("is told of as granted when a trusted key names it its successor", () => {
    const [book, out] = [Book.make(3), Book.nothing()]
    Book.trust(book, eve, {}, 0, Book.nothing())
    Book.trust(book, ada, { until: 5 }, 0, Book.nothing())
    Rotation.offer(Rotation.make(true, 20), book, eve, ada, 10, out)

    assert.deepStrictEqual(out.events.map(({ _tag }) => _tag), ["Revoked", "Granted", "RotationOffered"])
  })

  it("keeps its floor when it is trusted anew", () => {
    const [book, out, floor] = [Book.make(1), Book.nothing(), { ms: 5, counter: 0, instance: 1 }]
    Book.trust(book, ada, { until: 5 }, 0, out)
    Book.raiseFloor(book, ada, floor, out)
    Book.trust(book, ada, {}, 10, out)

    assert.deepStrictEqual(TrustEntry.apply([], out.changes), [{ key: ada, state: "trusted", addedAt: 10, floor }])
    assert.deepStrictEqual(book.entries.get(ada)?.floor, floor)
  })

  it("ends once, though the store has it still", () => {
    const [book, out] = [Book.make(1), Book.nothing()]
    const entry = { key: ada, state: "trusted", addedAt: 0, until: 5 } as const
    Book.adopt(book, [entry], 0, Book.nothing())
    Book.adopt(book, [entry], 10, out)

    assert.deepStrictEqual(out.events.map(({ _tag }) => _tag), ["Revoked"])
  })
})
