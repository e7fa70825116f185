import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../../src/internal/trust/Book.ts"
import * as Given from "../Given.ts"

const ada = Given.key(1)

describe("a key whose time is over, though nobody has looked yet", () => {
  for (
    const [how, again] of [
      ["trusted", (book: Book.Book, out: Book.Out) => Book.trust(book, ada, {}, 10, out)],
      ["pinned", (book: Book.Book, out: Book.Out) => Book.accept(book, "demo", "ada", ada, 10, out)]
    ] as const
  ) {
    it(`is told of as granted when it is ${how} anew, also where the list is full`, () => {
      const [book, out] = [Book.make(1), Book.nothing()]
      Book.trust(book, ada, { until: 5 }, 0, Book.nothing())

      assert.isUndefined(again(book, out))
      assert.deepStrictEqual(out.events.map(({ _tag }) => _tag), ["Revoked", "Granted"])
    })
  }
})
