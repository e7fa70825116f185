import { assert, describe, it } from "@effect/vitest"
import type * as Lines from "../../packages/node/test/lan/peers/lines.ts"
import * as Churn from "../soak/Churn.ts"
import * as Trouble from "../soak/Trouble.ts"
import * as Verdict from "../soak/Verdict.ts"

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
})

describe("isFalse", () => {
  const churn = Churn.make(1, 2)
  churn.services.set("a", { owner: 0, version: 2, changedAt: 0 })
  churn.withdrawn.set("b", 0)
  const judge = (told: Churn.Told, now: number) => Churn.isFalse(churn, told, now)

  it("to lose a service that has been there for long, and to find one that nobody has published, is false", () => {
    assert.deepStrictEqual([3, 60].map((now) => judge({ tell: "gone", name: "a" }, now)), [false, true])
    assert.deepStrictEqual([1, 2, 3].map((version) => judge({ tell: "seen", name: "a", version }, 60)), [
      false,
      false,
      true
    ])
    assert.isTrue(judge({ tell: "seen", name: "c", version: 1 }, 60))
  })

  it("to find one that was withdrawn a moment ago is late", () => {
    churn.withdrawn.set("b", 50)

    assert.deepStrictEqual([52, 90].map((now) => judge({ tell: "seen", name: "b", version: 1 }, now)), [false, true])
  })
})

describe("Trouble", () => {
  const minute = (seed: number) => Array.from({ length: 60 }, (_, second) => Trouble.at(seed, second, 10)).flat()

  it("has floods, faults and pauses in every minute, and all of them end", () => {
    const count = (kind: Trouble.Trouble["do"]) => minute(1).filter((trouble) => trouble.do === kind).length

    assert.deepStrictEqual((["flood", "impair", "mend", "pause", "resume"] as const).map(count), [4, 2, 2, 2, 2])
  })

  it("resumes who was paused", () => {
    const programs = (kind: string) =>
      minute(7).flatMap((trouble) => trouble.do === kind && "program" in trouble ? [trouble.program] : [])

    assert.deepStrictEqual(programs("pause"), programs("resume"))
  })
})

describe("Verdict", () => {
  const at = (minute: number, heap: number): Lines.Measured => ({
    tell: "measured",
    at: minute * 60_000,
    heap,
    resources: "2 PipeWrap",
    files: 25
  })
  const measured = (heap: (minute: number) => number, more?: (minute: number) => Partial<Lines.Measured>) =>
    Array.from({ length: 21 }, (_, minute) => ({ ...at(minute, heap(minute)), ...more?.(minute) }))

  it("what is given back every few minutes is no leak, and one of a kilobyte for each deed is seen beside it", () => {
    const problems = (heap: (minute: number) => number) =>
      Verdict.judge(Array.from({ length: 150 }, (_, tick) => at(tick / 6, heap(tick / 6)))).problems
    for (let phase = 0; phase < 1; phase += 0.1) {
      const kept = (minute: number) => 4e7 + 3e6 * ((minute / 2.5 + phase) % 1)

      assert.deepStrictEqual(problems(kept), [])
      assert.deepStrictEqual(problems((minute) => kept(minute) + 65_536 * minute), ["the heap grows"])
    }
  })

  it("slope is that of the line through the points", () => {
    assert.strictEqual(Verdict.slope([[0, 1], [1, 3], [2, 5]]), 2)
    assert.strictEqual(Verdict.slope([[1, 5]]), 0)
  })

  it("is good of a program that has grown in the first half, and varies in the second", () => {
    const verdict = Verdict.judge(measured((minute) => 1e7 + Math.min(minute, 9) * 1e6 + minute % 2 * 1e4))

    assert.deepStrictEqual(verdict.problems, [])
    assert.deepStrictEqual(verdict.files, [25])
  })

  it("is bad of a program that grows, or opens something, or was not measured", () => {
    const problems = (measurements: ReadonlyArray<Lines.Measured>) => Verdict.judge(measurements).problems
    const still = () => 1e7

    assert.deepStrictEqual(problems(measured((minute) => 1e7 + minute * 2e4)), ["the heap grows"])
    assert.deepStrictEqual(problems(measured(still, (minute) => ({ files: minute }))), ["files come or go"])
    const opening = (minute: number) => ({ resources: minute > 15 ? "3 PipeWrap" : "2 PipeWrap" })
    assert.deepStrictEqual(problems(measured(still, opening)), ["handles come or go"])
    assert.deepStrictEqual(problems([]), ["too few measurements"])
  })
})
