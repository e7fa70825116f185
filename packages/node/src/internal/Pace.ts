/**
 * When to look again at something that does not tell of its changes.
 *
 * Half the time since there was reason to expect one, from 2 to 30 seconds. Changes come together: an address follows its interface, and one
 * network the other. What has been the same for a minute is likely to stay so, and each look wakes the processor.
 */

/** The moment of a look, by the monotonic clock and by the wall clock, in milliseconds. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** When the last look was, when the next is due, and since when a change is expected. */
export interface Pace {
  readonly looked: Moment
  readonly dueAt: number
  readonly restlessSince: number
}

/** The milliseconds between two looks. `undefined` goes by the time since a change. */
export type Interval = number | undefined

/** Before the first look. */
export const start = (at: Moment): Pace => ({ looked: at, dueAt: Infinity, restlessSince: at.monotonic })

/** After a look. */
export const look = (self: Pace, at: Moment, hasChanged: boolean, interval: Interval): Pace => {
  const restlessSince = hasChanged || hasSlept(self, at) ? at.monotonic : self.restlessSince
  const next = interval === undefined ? wait(at.monotonic - restlessSince) : Math.max(interval, pause)
  return { looked: at, restlessSince, dueAt: at.monotonic + next }
}

/** When there is reason to expect a change: the next look is due when what failed has been told, and never twice at a time. */
export const stir = (self: Pace, monotonic: number): Pace => ({
  ...self,
  restlessSince: monotonic,
  dueAt: Math.min(self.dueAt, monotonic + pause)
})

const wait = (quiet: number): number => Math.min(Math.max(quiet / 2, 2_000), 30_000)

// before a look, whatever fails how often, and however often it is asked for
const pause = 100

// Timers stand still while a machine sleeps, and so does the monotonic clock on some systems. A wall clock that was merely set costs a few looks.
const hasSlept = ({ dueAt, looked }: Pace, { monotonic, wall }: Moment): boolean =>
  monotonic - dueAt > sleep || wall - looked.wall - (monotonic - looked.monotonic) > sleep

const sleep = 1_000
