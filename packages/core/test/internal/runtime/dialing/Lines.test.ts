import { assert, describe, it } from "@effect/vitest"
import * as Lines from "../../../../src/internal/runtime/dialing/Lines.ts"
import * as Given from "../../Given.ts"

const claimed = (index: number) => Given.peer(`${index}`, { key: Given.keyOf(index), authentication: "claimed" })

describe("remove", () => {
  it("who was dialed is remembered, however many strangers come and go", () => {
    const lines = Lines.make()
    const ada = claimed(1)
    const { line } = Lines.add(lines, ada, 0)
    line.startedAt = 0
    line.readyAt = 10_000
    Lines.remove(lines, ada.id, 0)
    for (let index = 2; index < 5_000; index++) {
      const stranger = claimed(index)
      Lines.add(lines, stranger, 0)
      Lines.remove(lines, stranger.id, 0)
    }

    assert.strictEqual(Lines.add(lines, ada, 0).line, line)
    assert.strictEqual(lines.byId.size, 1)
  })
})

describe("isDue", () => {
  it("who names no key has no rival", () => {
    const lines = Lines.make()
    const { line } = Lines.add(lines, Given.peer("ada", { authentication: "claimed" }), 0)

    assert.isTrue(Lines.isDue(lines, line, () => true))
  })
})
