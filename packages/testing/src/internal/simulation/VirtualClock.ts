/**
 * The clock of a simulation, with the whole interface of `TestClock`.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as TestClock from "effect/testing/TestClock"
import * as Micros from "../Micros.ts"
import * as VirtualTimer from "../VirtualTimer.ts"
import type { Executor } from "./Executor.ts"

/** @internal */
export const make = (
  executor: Executor,
  start: number,
  live: Clock.Clock
): TestClock.TestClock & VirtualTimer.VirtualTimer => {
  // setTime moves the wall clock back without moving what is monotonic
  let wallOffset = start
  const currentTimeMillisUnsafe = () => Math.floor((executor.now + wallOffset) / 1000)
  const currentTimeNanosUnsafe = () => BigInt(executor.now + wallOffset) * 1000n
  const monotonicTimeNanosUnsafe = () => BigInt(executor.now) * 1000n

  const setTime = (timestamp: number) =>
    Effect.suspend(() => {
      const delay = Math.round(timestamp * 1000) - (executor.now + wallOffset)
      if (delay < 0) wallOffset += delay
      return sleepLate(executor, Math.max(0, delay))
    })

  return {
    currentTimeMillisUnsafe,
    currentTimeNanosUnsafe,
    monotonicTimeNanosUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
    monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe),
    sleep: (duration) => sleep(executor, Micros.fromDuration(duration)),
    adjust: (duration) => sleepLate(executor, Micros.fromDuration(Duration.fromInputUnsafe(duration))),
    setTime,
    withLive: (effect) => withLive(executor, live, effect),
    [VirtualTimer.TypeId]: {
      now: () => executor.now,
      at: (time, sleeper) => executor.sleepUntil(time, sleeper),
      withdraw: (entry) => executor.sleepers.remove(entry),
      shuffle: executor.strategy.isPerturbed ? (run, who) => executor.schedule(run, 0, who) : undefined
    }
  }
}

const sleep = (executor: Executor, micros: number): Effect.Effect<void> => {
  if (micros <= 0) return Effect.yieldNow
  return micros === Infinity ? Effect.never : wait(executor, micros, false)
}

// What others do at that instant is done before an adjustment of the clock returns, as with TestClock.
const sleepLate = (executor: Executor, micros: number): Effect.Effect<void> =>
  micros === Infinity ? Effect.never : wait(executor, Math.max(0, micros), true)

const wait = (executor: Executor, micros: number, isLate: boolean): Effect.Effect<void> =>
  Effect.withFiber((fiber) =>
    Effect.callback<void>((resume) => {
      const sleeper: VirtualTimer.Sleeper = { wake: () => resume(Effect.void), fiber }
      const entry = executor.sleepUntil(executor.now + micros, sleeper, isLate)
      return Effect.sync(() => executor.sleepers.remove(entry))
    })
  )

const withLive = <A, E, R>(executor: Executor, live: Clock.Clock, effect: Effect.Effect<A, E, R>) =>
  Effect.withFiber<A, E, R>((fiber) => {
    const use = { fiber }
    return Effect.acquireUseRelease(
      Effect.sync(() => executor.live.add(use)),
      () => Effect.provideService(effect, Clock.Clock, live),
      () => Effect.sync(() => executor.live.delete(use))
    )
  })
