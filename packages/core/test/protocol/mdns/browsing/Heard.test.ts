import { assert, describe, it } from "@effect/vitest"
import * as Heard from "../../../../src/protocol/mdns/browsing/Heard.ts"
import { draw } from "../arbitrary.ts"

const heard = (receivedAt: number, flush: boolean) => ({ receivedAt, flush }) as Heard.Heard

describe("latest", () => {
  it("is of a unique set what came with the latest of it, and of any other all, the latest first", () => {
    const { below } = draw(3)
    for (let i = 0; i < 2_000; i++) {
      const all = Array.from({ length: below(5) }, () => heard(below(4) * 600, below(3) > 0))
      const ordered = Heard.latestFirst(all)
      const [first] = ordered
      const expected = ordered.length > 1 && first!.flush
        ? ordered.filter(({ receivedAt }) => receivedAt === first!.receivedAt)
        : ordered
      assert.deepStrictEqual(Heard.latest(all), expected)
    }
  })
})
