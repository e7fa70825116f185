import type { PeerKey, TrustEntry, TrustEvent, TrustState } from "@effect-discovery/core"
import { Seed, TrustEntry as Entry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Book from "../../../src/internal/trust/Book.ts"
import * as Names from "../../../src/internal/trust/Names.ts"
import * as Rotation from "../../../src/internal/trust/Rotation.ts"
import * as Sightings from "../../../src/internal/trust/Sightings.ts"
import * as Given from "../Given.ts"

const day = 86_400_000
const keys = Array.from({ length: 12 }, (_, index) => Given.key(index + 1))
const names = ["ada", "grace"]

/** What any list must be like, found out the slow way from its entries and from what it has told. */
const check = (book: Book.Book, told: ReadonlyMap<PeerKey.PeerKey, TrustState.TrustState>, label: string) => {
  assert.isAtMost(book.entries.size, book.capacity, label)
  for (const key of keys) {
    assert.strictEqual(told.get(key) ?? "unknown", book.entries.get(key)?.state ?? "unknown", `${label} ${key}`)
  }
  // who starts anew has the same holders
  const anew = Names.make()
  Names.rebuild(anew, book.entries.values())
  for (const name of names) {
    assert.strictEqual(Names.holder(book.names, "demo", name), Names.holder(anew, "demo", name), `${label} ${name}`)
    const claimants = [...book.entries.values()].filter((entry) => entry.name === name).map(({ key }) => key)
    const holder = Names.holder(book.names, "demo", name)
    assert.strictEqual(holder !== undefined, claimants.length > 0, `${label} ${name}`)
    if (holder !== undefined) assert.include(claimants, holder, label)
  }
  for (const entry of book.entries.values()) {
    assert.strictEqual(entry.key, [...book.entries.keys()].find((key) => key === entry.key))
    if (entry.hops !== undefined) assert.isAtMost(entry.hops, 4, label)
  }
}

const grants = [
  () => ({}),
  (until: number) => ({ until }),
  (_: number, name: string) => ({ name, realm: "demo" })
]

const learn = (told: Map<PeerKey.PeerKey, TrustState.TrustState>, events: ReadonlyArray<TrustEvent.TrustEvent>) => {
  for (const event of events) {
    if (event._tag === "Granted" || event._tag === "Denied") told.set(event.entry.key, event.entry.state)
    if (event._tag === "Revoked" || event._tag === "Forgotten") told.delete(event.entry.key)
  }
}

describe("any history of a list", () => {
  it("S-T4 S-T6 S-T7 what is told and what is kept add up to what is so", () => {
    for (let seed = 0; seed < 60; seed++) {
      let state: Seed.Seed = seed
      const draw = (below: number) => {
        const [value, next] = Seed.between(state, 0, below)
        state = next
        return Math.min(Math.floor(value), below - 1)
      }
      const book = Book.make(8)
      const rotation = Rotation.make(true, 30 * day)
      const sightings = Sightings.make({ policy: "tofu", isPinning: true, capacity: 4, interval: 3_600_000 })
      const told = new Map<PeerKey.PeerKey, TrustState.TrustState>()
      const retired = new Set<PeerKey.PeerKey>()
      let stored: ReadonlyArray<TrustEntry.TrustEntry> = []
      let now = 0
      for (let turn = 0; turn < 150; turn++) {
        const out = Book.nothing()
        const [key, other, name] = [keys[draw(12)]!, keys[draw(12)]!, names[draw(2)]!]
        const deniedBefore = new Set(keys.filter((key) => Book.stateOf(book, key, now) === "denied"))
        const action = draw(9)
        if (action === 0) Book.trust(book, key, grants[draw(3)]!(now + draw(40) * day, name), now, out)
        if (action === 1) Book.deny(book, key, now, out)
        if (action === 2) Book.remove(book, key, out)
        if (action === 3) Book.accept(book, "demo", name, key, now, out)
        if (action === 4 && draw(4) === 0) Book.retire(book, key, now, out)
        if (action === 5) Rotation.offer(rotation, book, key, other, now, out)
        if (action === 6) {
          Sightings.note(sightings, book, { key, name, realm: "demo", authentication: "signed" }, now, out)
        }
        if (action === 7) Book.raiseFloor(book, key, { ms: draw(1_000), counter: 0, instance: 1 }, out)
        if (action === 8) {
          now += draw(3) * day
          Book.wake(book, now, out)
        }
        learn(told, out.events)
        stored = Entry.apply(stored, out.changes)

        const label = `seed ${seed}, turn ${turn}, action ${action}`
        check(book, told, label)
        assert.deepStrictEqual(byKey(stored), byKey([...book.entries.values()]), label)
        // only people make a denied key anything else, and nobody a retired one
        if (action !== 2 && action !== 8) {
          for (const key of deniedBefore) assert.strictEqual(Book.stateOf(book, key, now), "denied", label)
        }
        for (const { isRetired, key } of book.entries.values()) if (isRetired === true) retired.add(key)
        for (const key of retired) assert.strictEqual(Book.stateOf(book, key, now), "denied", label)
        assert.isAtMost(sightings.reports.size, 4)
      }
      // another program that reads the store comes to the same
      const other = Book.make(8)
      const out = Book.nothing()
      Book.wake(book, now, out)
      Book.adopt(other, stored, now, out)
      for (const key of keys) assert.strictEqual(Book.stateOf(other, key, now), Book.stateOf(book, key, now))
      assert.deepStrictEqual(Book.wakeAt(other), Book.wakeAt(book))
    }
  })
})

const byKey = (entries: ReadonlyArray<TrustEntry.TrustEntry>) => entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))
