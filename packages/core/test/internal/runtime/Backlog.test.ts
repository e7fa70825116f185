import { DiscoveryEvent, type Peer } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Backlog from "../../../src/internal/runtime/Backlog.ts"
import * as Given from "../Given.ts"
import * as Histories from "../Histories.ts"

const { discovered, lost } = DiscoveryEvent
const [ada, grace] = [Given.peer("ada"), Given.peer("grace")]

/** A log with one subscriber. */
const follow = (capacity: number, peers: ReadonlyArray<Peer.Peer> = []) => {
  const log = Backlog.make(capacity)
  const backlog = Backlog.join(log, () => peers)
  return {
    log,
    backlog,
    tell: (...events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) => Backlog.tell(log, events),
    take: () => Backlog.take(log, backlog),
    size: () => Backlog.size(log, backlog)
  }
}

describe("join", () => {
  it("begins with the peers that are known", () => {
    const { take, tell } = follow(2, [ada])
    tell(discovered(grace))

    assert.deepStrictEqual(take(), [discovered(ada), discovered(grace)])
    assert.deepStrictEqual(take(), [])
  })

  it("asks for the peers once, however many begin before the next change", () => {
    const log = Backlog.make(2)
    let asked = 0
    const peers = () => {
      asked++
      return [ada]
    }
    const backlogs = Array.from({ length: 1_000 }, () => Backlog.join(log, peers))

    assert.strictEqual(asked, 1)
    assert.strictEqual(new Set(backlogs.map(({ known }) => known)).size, 1)
    Backlog.tell(log, [lost(ada, "Expired")])
    Backlog.join(log, peers)
    assert.strictEqual(asked, 2)
  })
})

describe("tell", () => {
  it("keeps every change while there is room", () => {
    const { take, tell } = follow(2)
    tell(discovered(ada), lost(ada, "Expired"))

    assert.deepStrictEqual(take(), [discovered(ada), lost(ada, "Expired")])
  })

  it("keeps the net difference when there are too many", () => {
    const { size, take, tell } = follow(2)
    tell(discovered(ada), discovered(grace))
    tell(lost(ada, "Expired"))

    assert.strictEqual(size(), 1)
    assert.deepStrictEqual(take(), [discovered(grace)])
  })

  it("keeps one list for all who wait as long, and none of what they have read", () => {
    const log = Backlog.make(2)
    const stuck = Array.from({ length: 1_000 }, () => Backlog.join(log, () => []))
    const reader = Backlog.join(log, () => [])
    for (let i = 0; i < 100; i++) {
      Backlog.tell(log, [discovered(Given.peer(`${i % 3}`)), lost(Given.peer(`${i % 3}`), "Expired")])
      assert.lengthOf(Backlog.take(log, reader), 2)
    }

    assert.strictEqual(new Set(stuck.map(({ behind }) => behind)).size, 1)
    assert.isAtMost(Backlog.size(log, stuck[0]!), 2)
    assert.deepStrictEqual(reader.page, log.last)
  })

  it("looks for who has too much only when somebody may have", () => {
    const { backlog, log } = follow(1_000)
    for (let i = 0; i < 1_000; i++) Backlog.tell(log, [discovered(ada)])

    assert.strictEqual(log.checkAt, 1_000)
    assert.strictEqual(Backlog.size(log, backlog), 1_000)
  })
})

describe("take", () => {
  it("leaves nothing, and room for as much as at first", () => {
    const { take, tell } = follow(2)
    tell(...["a", "b", "c", "d"].map((name) => discovered(Given.peer(name))))
    take()
    assert.deepStrictEqual(take(), [])

    tell(discovered(ada), lost(ada, "Expired"), discovered(ada))
    assert.deepStrictEqual(take(), [discovered(ada)])
  })
})

describe("take by many", () => {
  it("gives what was told together as it is, and the same to all", () => {
    const log = Backlog.make(2)
    const backlogs = Array.from({ length: 3 }, () => Backlog.join(log, () => []))
    const events = [discovered(ada), discovered(grace)]
    Backlog.tell(log, events)

    for (const backlog of backlogs) assert.strictEqual(Backlog.take(log, backlog), events)
    for (const backlog of backlogs) assert.deepStrictEqual(Backlog.take(log, backlog), [])
  })
})

describe("leave", () => {
  it("ends what is kept for a subscriber", () => {
    const { backlog, log } = follow(2)
    Backlog.leave(log, backlog)
    Backlog.tell(log, [discovered(ada), discovered(grace), lost(ada, "Expired")])

    assert.deepStrictEqual(backlog.behind, [])
    assert.strictEqual(log.checkAt, Infinity)
  })
})

describe("a slow subscriber", () => {
  const capacity = 8

  it("ends in the true state, whenever it reads", () => {
    for (let seed = 0; seed < 500; seed++) {
      const dice = Given.dice(seed)
      const { take, tell } = follow(capacity)
      let [state, seen]: [Histories.State, Histories.State] = [new Map(), new Map()]
      for (let batch = 0; batch < 20; batch++) {
        const events = Histories.draw(dice, state, 6)
        state = Histories.fold(state, events)
        tell(...events)
        if (dice.oneIn(5)) seen = Histories.fold(seen, take())
      }

      const caughtUp = Histories.fold(seen, take())
      assert.deepStrictEqual(Histories.content(caughtUp), Histories.content(state), `seed ${seed}`)
    }
  })

  it("holds no more than its capacity or twice the peers that there are, however long it sleeps", () => {
    const dice = Given.dice(1)
    const { size, tell } = follow(capacity)
    let state: Histories.State = new Map()
    for (let batch = 0; batch < 5_000; batch++) {
      const events = Histories.draw(dice, state, 10)
      state = Histories.fold(state, events)
      tell(...events)

      assert.isAtMost(size(), Math.max(capacity, 2 * Histories.names.length))
    }
  })

  it("does not coalesce at every change when all that waits differs", () => {
    const { backlog, tell } = follow(10)
    let coalesced = 0
    for (let i = 0; i < 1_000; i++) {
      const before = backlog.behind
      tell(discovered(Given.peer(`${i}`)))
      if (backlog.behind !== before) coalesced++
    }

    assert.isAtMost(coalesced, 8)
  })
})
