/**
 * Timing of things too short to time once: each as a loop of its own, calibrated, in turn with the others.
 */

/** Does something `count` times. What it gives keeps the work from being optimised away. */
export type Loop = (count: number) => unknown

/** Nanoseconds for each operation, of every round. */
export type Timings<Name extends string> = { readonly [K in Name]: ReadonlyArray<number> }

/** Milliseconds that one timing takes at least. */
export const shortest = 50

/** Times the loops A B C, A B C, …. */
export const time = <Name extends string>(
  loops: { readonly [K in Name]: Loop },
  rounds: number,
  atLeast = shortest
): Timings<Name> => {
  const names = Object.keys(loops) as Array<Name>
  const counts = new Map(names.map((name) => [name, calibrate(loops[name], atLeast)]))
  const timings = Object.fromEntries(names.map((name) => [name, []])) as unknown as { [K in Name]: Array<number> }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const count = counts.get(name)!
      timings[name].push((milliseconds(loops[name], count) * 1e6) / count)
    }
  }
  return timings
}

/** Times something that cannot be repeated as it is: `prepare` makes the work of each time anew, unmeasured. */
export const timeOnce = <A>(prepare: () => A, work: (prepared: A) => unknown): number => {
  const prepared = prepare()
  // what preparing left behind is not this work's to collect
  globalThis.gc?.()
  const from = process.hrtime.bigint()
  keep(work(prepared))
  return Number(process.hrtime.bigint() - from) / 1e6
}

const calibrate = (loop: Loop, atLeast: number): number => {
  let count = 16
  while (true) {
    const took = milliseconds(loop, count)
    // twice over at a fifth of the time: what is measured later has been compiled by then
    if (took >= atLeast / 5) {
      return Math.ceil((count * atLeast) / milliseconds(loop, count))
    }
    count *= 2
  }
}

const milliseconds = (loop: Loop, count: number): number => {
  const from = process.hrtime.bigint()
  keep(loop(count))
  return Number(process.hrtime.bigint() - from) / 1e6
}

let kept: unknown

/** Takes what work gives, so that the work is not left out. */
export const keep = (value: unknown): void => {
  kept = value
  if (kept === keep) throw new Error("unreachable")
}
