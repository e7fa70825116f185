/**
 * The one place where a machine meets the clock.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Ref from "effect/Ref"
import * as Machine from "../../Machine.ts"
import * as Waking from "./Waking.ts"

/** A machine that is running. */
export interface Runner<State, Input, Output> {
  /** Monotonic time in milliseconds, the `now` of every step. */
  readonly now: () => number
  readonly state: () => State
  /** Takes one step now. The caller performs the outputs. */
  readonly step: (input: Input, now: number) => ReadonlyArray<Output>
  /** Sleeps until the machine's deadline, wakes it, performs what it wants, for ever. */
  readonly timer: <E, R>(
    perform: (outputs: ReadonlyArray<Output>, now: number) => Effect.Effect<void, E, R>
  ) => Effect.Effect<never, E, R>
}

/**
 * Monotonic time in milliseconds of the current fiber's clock, readable without an effect: the same for all who read one clock.
 *
 * Clocks may count from when the machine was started. More milliseconds than 24 days have are numbers that need an object each, wherever they are
 * kept, so what has counted for long is counted from when it was first read.
 */
export const monotonic: Effect.Effect<() => number> = Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
  const origin = originOf(clock)
  return () => read(clock) - origin
})

const read = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

const origins = new WeakMap<Clock.Clock, number>()
const day = 86_400_000

const originOf = (clock: Clock.Clock): number => {
  const known = origins.get(clock)
  if (known !== undefined) return known
  const now = read(clock)
  const origin = now < day ? 0 : Math.floor(now)
  origins.set(clock, origin)
  return origin
}

// After a stall of the whole program, what its sockets kept is read before anything is declared over: peers must not be lost because
// we slept (S-F2).
const stall = 100
const drain = 100

/** Starts a machine. */
export const runMachine = <State, Input, Output>(
  machine: Machine.Machine<State, Input | Machine.Woke, Output>,
  seed: number
): Effect.Effect<Runner<State, Input, Output>> =>
  Effect.map(monotonic, (now) => {
    const first = machine.init(seed, now())
    // not what it gave besides, which may be much and is kept by nobody else
    const current = Ref.makeUnsafe(first.state)
    let wakeAt = first.wakeAt
    const sooner = Latch.makeUnsafe()
    let armedFor = Infinity

    const step = (input: Input | Machine.Woke, at: number): ReadonlyArray<Output> => {
      const next = machine.step(Ref.getUnsafe(current), input, at)
      current.ref.current = next.state
      wakeAt = next.wakeAt
      if (wakeAt < armedFor) sooner.openUnsafe()
      return next.outputs
    }

    // what the step gives is performed before the machine is woken
    const disturbed = Waking.by(sooner)

    // a timer is armed for the deadline known now; only a sooner one disturbs it
    const sleep = Effect.suspend(() => {
      armedFor = wakeAt
      sooner.closeUnsafe()
      if (armedFor === Infinity) return disturbed
      const wait = armedFor - now()
      return wait <= 0 ? Effect.void : Effect.raceFirst(Effect.sleep(Math.ceil(wait)), disturbed)
    })

    return {
      now,
      state: () => Ref.getUnsafe(current),
      step,
      timer: (perform) =>
        Effect.forever(Effect.andThen(
          sleep,
          Effect.suspend(() => {
            const late = now() - wakeAt
            if (late < 0) return Effect.void
            const wake = Effect.suspend(() => {
              const at = now()
              // what was read in the meantime may have moved the deadline
              if (at < wakeAt) return Effect.void
              return perform(step(Machine.Woke, at), at)
            })
            return late > stall ? Effect.andThen(Effect.sleep(drain), wake) : wake
          })
        ))
    }
  })
