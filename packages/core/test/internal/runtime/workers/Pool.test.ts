import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Runner from "../../../../src/internal/runtime/Runner.ts"
import * as Pool from "../../../../src/internal/runtime/workers/Pool.ts"

const kinds = ["ok", "fail", "die", "interrupt", "stubborn"] as const

/** Something to be run: it takes so long, then ends in its way. A stubborn one cannot be interrupted. */
interface Job {
  readonly id: number
  readonly at: number
  readonly duration: number
  readonly kind: typeof kinds[number]
}

type Log = Array<readonly [at: number, what: string]>

interface Bounds {
  readonly concurrency: number
  readonly capacity: number
  readonly timeLimit: number
  readonly overflow: "sliding" | "dropping"
}

const endings = {
  ok: "handled",
  stubborn: "handled",
  fail: "failures",
  die: "defects",
  interrupt: "interruptions"
} as const

/** What a pool should do, the naive way: from one instant at which something happens to the next. */
const model = ({ capacity, concurrency, overflow, timeLimit }: Bounds, jobs: ReadonlyArray<Job>): Log => {
  const log: Log = []
  const waiting: Array<Job> = []
  let running: Array<{ readonly job: Job; readonly since: number }> = []
  let lingering: ReadonlyArray<number> = []
  const isFree = () => running.length < concurrency && running.length + lingering.length < 2 * concurrency
  const start = (now: number) => {
    while (waiting.length > 0 && isFree()) {
      const job = waiting.shift()!
      log.push([now, `start ${job.id}`])
      running.push({ job, since: now })
    }
  }
  const endOf = ({ job, since }: { job: Job; since: number }) => since + Math.min(job.duration, timeLimit)
  const passTo = (now: number) => {
    while (true) {
      const next = Math.min(...running.map(endOf), ...lingering)
      if (next > now) return
      lingering = lingering.filter((at) => at > next)
      for (const one of running.filter((one) => endOf(one) === next)) {
        const isLate = one.job.duration > timeLimit
        log.push([next, isLate ? "timeouts" : endings[one.job.kind]])
        if (isLate && one.job.kind === "stubborn") lingering = [...lingering, one.since + one.job.duration]
      }
      running = running.filter((one) => endOf(one) > next)
      start(next)
    }
  }
  for (const job of jobs) {
    passTo(job.at)
    if (waiting.length >= capacity && !isFree()) {
      log.push([job.at, "drop"])
      if (overflow === "dropping") continue
      waiting.shift()
    }
    waiting.push(job)
    start(job.at)
  }
  passTo(1e9)
  return log
}

const taskOf = ({ duration, id, kind }: Job, log: Log, now: () => number): Effect.Effect<void, string> => {
  const ending = {
    ok: Effect.void,
    stubborn: Effect.void,
    fail: Effect.fail("failed"),
    die: Effect.die("died"),
    interrupt: Effect.interrupt
  }[kind]
  const task = Effect.sync(() => void log.push([now(), `start ${id}`])).pipe(
    Effect.andThen(duration === 0 ? Effect.void : Effect.sleep(duration)),
    Effect.andThen(ending)
  )
  return kind === "stubborn" ? Effect.uninterruptible(task) : task
}

const run = Effect.fnUntraced(function*(bounds: Bounds, jobs: ReadonlyArray<Job>) {
  const now = yield* Runner.monotonic
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const log: Log = []
  const pool = Pool.make({
    ...bounds,
    now,
    onEnd: (ending) => void log.push([now(), ending]),
    onDrop: () => void log.push([now(), "drop"])
  })
  yield* Effect.forkChild(Pool.timer(pool), { startImmediately: true })
  for (const job of jobs) {
    yield* TestClock.adjust(job.at - now())
    Pool.offer(pool, () => fork(taskOf(job, log, now)))
  }
  yield* TestClock.adjust("10 minutes")
  assert.deepStrictEqual([pool.active, pool.waiting.length, pool.running.size, pool.lingering.size], [0, 0, 0, 0])
  return log
})

// what happens at one instant may be told in any order
const sorted = (log: Log) => log.map(([at, what]) => `${Math.round(at)} ${what}`).toSorted()

describe("a pool", () => {
  it.effect("does what the naive model does", () =>
    Effect.gen(function*() {
      for (let seed = 1; seed <= 200; seed++) {
        const draw = drawing(seed)
        const bounds: Bounds = {
          concurrency: 1 + draw(4),
          capacity: 1 + draw(4),
          timeLimit: 3_001,
          overflow: draw(2) === 0 ? "sliding" : "dropping"
        }
        let at = 0
        const jobs = Array.from({ length: 40 }, (_, id): Job => {
          at += draw(2_000)
          return { id, at, duration: draw(5) === 0 ? 0 : 1 + draw(7_919), kind: kinds[draw(kinds.length)]! }
        })
        const log = yield* Effect.scoped(run(bounds, jobs)).pipe(Effect.provide(TestClock.layer()))

        assert.deepStrictEqual(sorted(log), sorted(model(bounds, jobs)), `seed ${seed}`)
      }
    }), 30_000)

  it.effect("tasks that end at once do not start each other ever deeper", () =>
    Effect.gen(function*() {
      let handled = 0
      const pool = Pool.make({
        concurrency: 1,
        capacity: 100_000,
        timeLimit: 1_000,
        overflow: "dropping",
        now: () => 0,
        onEnd: () => void handled++,
        onDrop: () => undefined
      })
      const fork = Effect.runForkWith(yield* Effect.context<never>())
      Pool.offer(pool, () => fork(Effect.sleep("1 second")))
      for (let i = 0; i < 20_000; i++) Pool.offer(pool, () => fork(Effect.void))
      yield* TestClock.adjust("1 second")

      assert.strictEqual(handled, 20_001)
    }))
})

const drawing = (seed: number) => {
  let state: Seed.Seed = seed
  return (bound: number): number => {
    const [value, next] = Seed.next(state)
    state = next
    return Math.floor(value * bound)
  }
}
