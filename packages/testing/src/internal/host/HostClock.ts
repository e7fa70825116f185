/**
 * A host's time as the `Clock` of its programs, with the whole interface of `TestClock` where the network's clock has it.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as TestClock from "effect/testing/TestClock"
import * as Micros from "../Micros.ts"
import type { HostTime } from "./HostTime.ts"

/** @internal */
export const make = (time: HostTime, outer: Clock.Clock): Clock.Clock => {
  const currentTimeMillisUnsafe = () => time.wallMillis
  const currentTimeNanosUnsafe = () => time.wallNanos
  const monotonicTimeNanosUnsafe = () => BigInt(time.now) * 1000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe,
    currentTimeNanosUnsafe,
    monotonicTimeNanosUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
    monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe),
    sleep: (duration) => {
      const micros = Micros.fromDuration(duration)
      if (micros <= 0) return outer.sleep(duration)
      return micros === Infinity ? Effect.never : time.sleep(micros)
    }
  }
  return isTestClock(outer)
    ? { ...clock, adjust: outer.adjust, setTime: outer.setTime, withLive: outer.withLive } as TestClock.TestClock
    : clock
}

const isTestClock = (clock: Clock.Clock): clock is TestClock.TestClock => "adjust" in clock && "withLive" in clock
