/**
 * A sans-IO state machine: data in, data out, time a number, chance a seed.
 *
 * Protocols and the registry are machines. They open no socket, read no clock and draw no random number, so the same
 * inputs at the same times give the same outputs on a real LAN, in the simulated LAN and from a recorded capture.
 *
 * @since 0.1.0
 */

/**
 * What one transition gives: the next state, what should happen now, and when to come back.
 *
 * **Details**
 *
 * A runner that is called at or after `wakeAt` feeds the machine's `Woke` input.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step<out State, out Output> {
  /** What the next step is taken from. */
  readonly state: State
  /** What should happen now, in this order. */
  readonly outputs: ReadonlyArray<Output>
  /** The machine's one deadline, in milliseconds of the clock that `now` is read from; `Infinity` where it waits for input only. */
  readonly wakeAt: number
}

/**
 * A state machine with one initial step and one transition function.
 *
 * **Details**
 *
 * `seed` is a 32-bit integer from which a machine derives all its jitter. `now` is monotonic time in milliseconds and never
 * goes back between two steps.
 *
 * **Gotchas**
 *
 * A machine may update its state in place and give the same one back. Whoever steps it goes on with the state of the last step.
 *
 * @category models
 * @since 0.1.0
 */
export interface Machine<in out State, in Input, out Output> {
  /** The first state, with what should happen at the start. */
  readonly init: (seed: number, now: number) => Step<State, Output>
  /** The transition that an input makes at `now`. */
  readonly step: (state: State, input: Input, now: number) => Step<State, Output>
}

/**
 * The input that says that `wakeAt` has come.
 *
 * @category models
 * @since 0.1.0
 */
export interface Woke {
  readonly _tag: "Woke"
}

/**
 * The one `Woke` value.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Woke: Woke = { _tag: "Woke" }

/**
 * Runs a machine over timed inputs, waking it whenever an input comes after its deadline, and returns every output with its
 * time.
 *
 * **Details**
 *
 * The machine's last deadline before `until` (default: the last input's time) is served as well, so this is the whole life of a
 * machine as a runner would have driven it. Meant for tests and for replaying captures.
 *
 * @category running
 * @since 0.1.0
 */
export const replay = <State, Input, Output>(
  machine: Machine<State, Input | Woke, Output>,
  options: {
    readonly seed: number
    readonly inputs: ReadonlyArray<readonly [at: number, input: Input]>
    readonly until?: number | undefined
  }
): ReadonlyArray<readonly [at: number, output: Output]> => {
  const outputs: Array<readonly [number, Output]> = []
  let current = machine.init(options.seed, 0)
  const take = (at: number, next: Step<State, Output>) => {
    current = next
    for (const output of next.outputs) outputs.push([at, output])
  }
  const wakeUntil = (limit: number) => {
    while (current.wakeAt <= limit && current.wakeAt < Infinity) {
      take(current.wakeAt, machine.step(current.state, Woke, current.wakeAt))
    }
  }
  take(0, current)
  for (const [at, input] of options.inputs) {
    wakeUntil(at)
    take(at, machine.step(current.state, input, at))
  }
  wakeUntil(options.until ?? options.inputs.at(-1)?.[0] ?? 0)
  return outputs
}
