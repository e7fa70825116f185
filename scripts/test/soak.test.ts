import { assert, describe, it } from "@effect/vitest"
import * as Churn from "../soak/Churn.ts"

describe("Churn", () => {
  it("deeds are of those who own the service, and of services that have been left alone", () => {
    const churn = Churn.make(1, 10)
    const changed = new Map<string, { readonly owner: number; readonly at: number; readonly version: number }>()
    for (let now = 0; now < 2_000; now++) {
      const deed = Churn.next(churn, now)
      const before = changed.get(deed.name)
      if (deed.do === "publish") {
        assert.isUndefined(before)
      } else {
        assert.deepInclude(before, { owner: deed.owner, version: deed.version - 1 })
        assert.isAbove(now - before!.at, Churn.patience)
      }
      if (deed.do === "withdraw") changed.delete(deed.name)
      else changed.set(deed.name, { owner: deed.owner, at: now, version: deed.version })
    }

    assert.strictEqual(churn.services.size, changed.size)
    assert.isAtMost(churn.services.size, 70)
  })

  it("a deed is missed by those who see something else, but for who did it", () => {
    const views = [new Map(), new Map([["a", 2]]), new Map([["a", 1]]), new Map()]
    const deed = { do: "update", owner: 0, name: "a", version: 2 } as const

    assert.deepStrictEqual(Churn.missed(deed, views), [2, 3])
    assert.deepStrictEqual(Churn.missed({ ...deed, do: "withdraw" }, views), [1, 2])
  })

  it("slope is that of the line through the points", () => {
    assert.strictEqual(Churn.slope([[0, 1], [1, 3], [2, 5]]), 2)
    assert.strictEqual(Churn.slope([[1, 5]]), 0)
  })
})
