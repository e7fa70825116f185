import { assert, describe, it } from "@effect/vitest"
import * as Population from "../../../src/internal/registry/Population.ts"
import * as Given from "../Given.ts"

interface Member extends Population.Member {
  readonly name: string
  /** Whether it has been there long enough: what the population asks before it evicts. */
  readonly isOld: boolean
}

const member = (name: string, origin: string, isOld = false): Member => ({
  name,
  origin,
  isOld,
  allowance: undefined,
  place: 0
})

const from = (origin: string): Population.From => ({ origin, allowance: undefined })

const isOld = (each: Member): boolean => each.isOld

const populate = (capacity: number, perOrigin: number, members: ReadonlyArray<Member>) => {
  const population = Population.make<Member>(capacity, perOrigin, 1)
  for (const each of members) Population.add(population, each)
  return population
}

/** The name of whom a newcomer from `origin` displaces. */
const displaced = (population: Population.Population<Member>, origin: string, seed = 1) => {
  const [victim] = Population.makeRoom(population, from(origin), seed, isOld)
  return typeof victim === "object" ? victim.name : victim
}

const repeat = <A>(count: number, f: (index: number) => A): Array<A> => Array.from({ length: count }, (_, i) => f(i))

describe("makeRoom", () => {
  it("displaces nobody while there is room", () => {
    assert.isUndefined(displaced(populate(3, 2, [member("a", "x"), member("b", "y")]), "x"))
  })

  it("takes the oldest of an origin that has as many as it may", () => {
    const population = populate(100, 2, [member("a", "x"), member("b", "y"), member("c", "x")])

    assert.strictEqual(displaced(population, "x"), "a")
    assert.isUndefined(displaced(population, "y"))
  })

  it("takes the newest of the largest origin when all is full", () => {
    const crowd = repeat(6, (i) => member(`crowd ${i}`, "crowd"))
    const population = populate(12, 64, [...repeat(5, (i) => member(`few ${i}`, "few")), ...crowd, member("a", "a")])

    assert.strictEqual(displaced(population, "elsewhere"), "crowd 5")
    assert.strictEqual(displaced(population, "crowd"), "crowd 5")
  })

  it("takes one of the newer half when no origin has more than four", () => {
    const population = populate(40, 64, repeat(40, (i) => member(`${i}`, `origin ${i % 10}`)))
    const victims = new Set(repeat(2_000, (seed) => Number(displaced(population, "elsewhere", seed))))

    assert.sameMembers(Array.from(victims), repeat(20, (i) => 20 + i))
  })

  it("passes over those who turn out to be established, and does not ask them again", () => {
    const population = populate(8, 64, repeat(8, (i) => member(`${i}`, `origin ${i}`, i !== 6)))

    for (let seed = 0; seed < 50; seed++) assert.strictEqual(displaced(population, "elsewhere", seed), "6")
    assert.isTrue(population.established.every(isOld))
  })

  it("refuses the newcomer when all are established, but for one time in 64", () => {
    const population = populate(10, 64, repeat(10, (i) => member(`${i}`, `origin ${i}`, true)))
    const answers = repeat(64_000, (seed) => displaced(population, "elsewhere", seed))
    const admitted = answers.filter((answer) => answer !== "refused")

    assert.approximately(admitted.length, 1_000, 150)
    assert.strictEqual(new Set(admitted).size, 10)
  })

  it("an established member is not displaced by forging its origin (S-4.1)", () => {
    const population = populate(100, 3, [member("honest", "x", true), member("eve 1", "x"), member("eve 2", "x")])

    assert.strictEqual(displaced(population, "x"), "eve 1")
  })

  it("an established member is not displaced because its origin has many (S-4.1)", () => {
    const honest = repeat(6, (i) => member(`honest ${i}`, "gateway", true))
    const population = populate(8, 64, [...honest, member("eve 1", "a"), member("eve 2", "b")])

    for (let seed = 0; seed < 50; seed++) assert.match(displaced(population, "c", seed)!, /^eve/)
  })

  it("takes nobody for new who was established once", () => {
    const population = Population.make<Member>(100, 2, 1)
    Population.add(population, member("a", "x"), true)
    Population.add(population, member("b", "x"))

    assert.strictEqual(displaced(population, "x"), "b")
  })

  it("gives an origin at its limit the oldest when all of them are established", () => {
    const population = populate(100, 2, [member("a", "x", true), member("b", "x", true)])

    assert.strictEqual(displaced(population, "x"), "a")
  })
})

describe("hasRoom", () => {
  it("is whether one more from there displaces nobody", () => {
    const population = populate(4, 2, [member("a", "x"), member("b", "x"), member("c", "y")])
    assert.deepStrictEqual(["x", "y", "z"].map((origin) => Population.hasRoom(population, from(origin))), [
      false,
      true,
      true
    ])

    Population.add(population, member("d", "z"))
    assert.isFalse(Population.hasRoom(population, from("y")))
  })
})

describe("the population", () => {
  it("keeps its books through any arrivals, departures and evictions", () => {
    const dice = Given.dice(1)
    const population = Population.make<Member>(50, 8, 1)
    const members: Array<Member> = []
    let seed = 1
    const leave = (gone: Member) => {
      Population.remove(population, gone)
      members.splice(members.indexOf(gone), 1)
    }
    for (let step = 0; step < 3_000; step++) {
      const origin = `origin ${dice.between(0, 40) % dice.between(1, 40)}`
      if (members.length > 0 && dice.oneIn(4)) leave(dice.pick(members))
      const [victim, next] = Population.makeRoom(population, from(origin), seed, isOld)
      seed = next
      if (typeof victim === "object") leave(victim)
      if (victim !== "refused") {
        const newcomer = member(`${step}`, origin, dice.oneIn(3))
        Population.add(population, newcomer)
        members.push(newcomer)
      }

      assertBooks(population, members)
    }
  })
})

const assertBooks = (population: Population.Population<Member>, members: ReadonlyArray<Member>) => {
  const listed = [...population.fresh, ...population.established]
  const sizes = new Map<string, number>()
  for (const { origin } of members) sizes.set(origin, (sizes.get(origin) ?? 0) + 1)

  assert.strictEqual(Population.size(population), members.length)
  assert.isAtMost(members.length, population.capacity)
  assert.sameMembers(listed, [...members])
  assert.isTrue(population.fresh.every((each, place) => each.place === place))
  assert.isTrue(population.established.every((each, place) => each.place === place))
  for (const [origin, size] of sizes) {
    assert.isAtMost(size, population.perOrigin)
    if (size > 4) assert.include(Array.from(population.crowds[size - 4]!, (group) => group.origin), origin)
  }
  assert.strictEqual(population.origins.get(undefined)?.size, sizes.size)
  const crowded = Array.from(sizes.values()).filter((size) => size > 4)
  assert.strictEqual(population.crowds.reduce((sum, crowd) => sum + crowd.size, 0), crowded.length)
}
