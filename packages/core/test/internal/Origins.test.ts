import { assert, describe, it } from "@effect/vitest"
import * as Origins from "../../src/internal/Origins.ts"
import * as Given from "./Given.ts"

const addressOf = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`

const itemOf = (index: number) => ({ origin: addressOf(index) })

const filled = (secret: number, addresses: ReadonlyArray<string>) => {
  const origins = Origins.make<Origins.Item>(secret)
  for (const origin of addresses) Origins.set(origins, { origin })
  return origins
}

const addresses = (count: number) => Array.from({ length: count }, (_, index) => addressOf(index))

describe("get", () => {
  it("finds what came from there, and nothing for elsewhere", () => {
    const origins = filled(1, addresses(1_000))

    assert.isTrue(addresses(1_000).every((origin) => Origins.get(origins, origin)?.origin === origin))
    assert.isUndefined(Origins.get(origins, addressOf(1_000)))
    assert.isUndefined(Origins.get(origins, ""))
  })
})

describe("origins", () => {
  it("agree with a Map through anything that comes, is replaced and goes", () => {
    const dice = Given.dice(1)
    const origins = Origins.make<ReturnType<typeof itemOf>>(7)
    const model = new Map<string, ReturnType<typeof itemOf>>()
    for (let step = 0; step < 30_000; step++) {
      // among 300 at first, then among 30, then among 300 again
      const item = itemOf(dice.between(0, step % 10_000 < 5_000 ? 300 : 30))
      assert.strictEqual(Origins.get(origins, item.origin), model.get(item.origin))
      const known = model.get(item.origin)
      if (dice.oneIn(4)) {
        Origins.set(origins, item)
        model.set(item.origin, item)
      } else if (dice.oneIn(3)) {
        assert.strictEqual(Origins.add(origins, item), known)
        if (known === undefined) model.set(item.origin, item)
      } else if (dice.oneIn(2)) {
        Origins.remove(origins, item.origin)
        model.delete(item.origin)
      } else {
        const some = dice.oneIn(2) && known !== undefined ? known : item
        assert.strictEqual(Origins.take(origins, some), some === known)
        if (some === known) model.delete(item.origin)
      }
      assert.strictEqual(origins.size, model.size)
    }

    assert.sameMembers([...Origins.all(origins)], [...model.values()])
  })

  it("S-4.1 take no more room however many follow each other", () => {
    const origins = filled(1, addresses(1_000))
    for (let index = 1_000; index < 20_000; index++) {
      Origins.remove(origins, addressOf(index - 1_000))
      Origins.set(origins, itemOf(index))
    }

    assert.strictEqual(origins.items.length, 2_048)
    assert.sameMembers(Origins.all(origins).map(({ origin }) => origin), addresses(20_000).slice(19_000))
  })

  it("give room back when few are left", () => {
    const origins = filled(1, addresses(5_000))
    for (const origin of addresses(5_000).slice(10)) Origins.remove(origins, origin)

    assert.isAtMost(origins.items.length, 128)
    assert.sameMembers(Origins.all(origins).map(({ origin }) => origin), addresses(10))
    Origins.clear(origins)
    assert.deepStrictEqual([origins.size, Origins.all(origins), Origins.get(origins, addressOf(0))], [0, [], undefined])
  })

  /** The most slots that any of them is away from where it would be alone. */
  const farthest = ({ hashes }: Origins.Origins<Origins.Item>): number =>
    hashes.reduce((most, hash, slot) => hash === 0 ? most : Math.max(most, (slot - hash) & (hashes.length - 1)), 0)

  it("S-4.1 are where nobody knows who does not know the secret", () => {
    const known = filled(1, addresses(200_000))
    // what one slot of a thousand is for
    const chosen = known.items.flatMap((item, slot) =>
      item !== undefined && (known.hashes[slot]! & 1_023) === 0 ? [item.origin] : []
    )

    assert.isAtLeast(farthest(filled(1, chosen)), chosen.length - 1)
    assert.isAtMost(farthest(filled(2, chosen)), 20)
    assert.isAtMost(farthest(known), 200)
  })
})
