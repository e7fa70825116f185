import { DiscoveryEvent } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Backlog from "../../../src/internal/runtime/Backlog.ts"
import * as Given from "../Given.ts"
import * as Histories from "../Histories.ts"

const { discovered, lost } = DiscoveryEvent
const [ada, grace] = [Given.peer("ada"), Given.peer("grace")]

describe("add", () => {
  it("keeps every change while there is room", () => {
    const backlog = Backlog.make(2)
    Backlog.add(backlog, [discovered(ada), lost(ada, "Expired")])

    assert.deepStrictEqual(Backlog.take(backlog), [discovered(ada), lost(ada, "Expired")])
  })

  it("keeps the net difference when there are too many", () => {
    const backlog = Backlog.make(2)
    Backlog.add(backlog, [discovered(ada), discovered(grace)])
    Backlog.add(backlog, [lost(ada, "Expired")])

    assert.deepStrictEqual(Backlog.take(backlog), [discovered(grace)])
  })
})

describe("take", () => {
  it("leaves nothing, and room for as much as at first", () => {
    const backlog = Backlog.make(2)
    Backlog.add(backlog, ["a", "b", "c", "d"].map((name) => discovered(Given.peer(name))))
    Backlog.take(backlog)
    assert.deepStrictEqual(Backlog.take(backlog), [])

    Backlog.add(backlog, [discovered(ada), lost(ada, "Expired"), discovered(ada)])
    assert.deepStrictEqual(Backlog.take(backlog), [discovered(ada)])
  })
})

describe("a slow subscriber", () => {
  const capacity = 8

  it("ends in the true state, whenever it reads", () => {
    for (let seed = 0; seed < 500; seed++) {
      const dice = Given.dice(seed)
      const backlog = Backlog.make(capacity)
      let [state, seen]: [Histories.State, Histories.State] = [new Map(), new Map()]
      for (let batch = 0; batch < 20; batch++) {
        const events = Histories.draw(dice, state, 6)
        state = Histories.fold(state, events)
        Backlog.add(backlog, events)
        if (dice.oneIn(5)) seen = Histories.fold(seen, Backlog.take(backlog))
      }

      const caughtUp = Histories.fold(seen, Backlog.take(backlog))
      assert.deepStrictEqual(Histories.content(caughtUp), Histories.content(state), `seed ${seed}`)
    }
  })

  it("holds no more than its capacity or twice the peers that there are, however long it sleeps", () => {
    const dice = Given.dice(1)
    const backlog = Backlog.make(capacity)
    let state: Histories.State = new Map()
    for (let batch = 0; batch < 5_000; batch++) {
      const events = Histories.draw(dice, state, 10)
      state = Histories.fold(state, events)
      Backlog.add(backlog, events)

      assert.isAtMost(backlog.events.length, Math.max(capacity, 2 * Histories.names.length))
    }
  })

  it("does not coalesce at every change when all that waits differs", () => {
    const backlog = Backlog.make(10)
    let coalesced = 0
    for (let i = 0; i < 1_000; i++) {
      const before = backlog.events
      Backlog.add(backlog, [discovered(Given.peer(`${i}`))])
      if (backlog.events !== before) coalesced++
    }

    assert.isAtMost(coalesced, 8)
  })
})
