/**
 * A group of rows that are measured together, and how long to take over it.
 */
import type * as Effect from "effect/Effect"
import type * as Row from "./Row.ts"

/** How thoroughly to measure. */
export interface Plan {
  readonly isQuick: boolean
  readonly rounds: number
  /** Milliseconds of each stretch of UDP that counts: as fast as possible, and paced. */
  readonly window: number
  readonly pacedWindow: number
  /** Rounds of re-announcements before it. */
  readonly warmUp: number
  /** Milliseconds of each stretch of doing nothing. */
  readonly idle: number
  /** Told after every single measurement. */
  readonly onMeasured: (what: string) => void
}

/** For a claim. */
export const full = (onMeasured: Plan["onMeasured"]): Plan => ({
  isQuick: false,
  rounds: 7,
  window: 500,
  // over seven rounds, more than the eight seconds that are asked for
  pacedWindow: 1_200,
  warmUp: 60,
  idle: 60_000,
  onMeasured
})

/** For a look. */
export const quick = (onMeasured: Plan["onMeasured"]): Plan => ({
  isQuick: true,
  rounds: 3,
  window: 250,
  pacedWindow: 500,
  warmUp: 20,
  idle: 5_000,
  onMeasured
})

/** What a group's run gives: its rows, and the receive buffer that its raw sockets were granted. */
export interface Result {
  readonly rows: ReadonlyArray<Row.Row>
  readonly granted?: number | undefined
}

/** A group. The rows of a UDP group count only on a quiet machine. */
export interface Group {
  readonly name: string
  readonly isUdp: boolean
  readonly run: (plan: Plan) => Effect.Effect<Result>
}
