/**
 * Runs groups, by the rules that hold for all of them.
 */
import * as Effect from "effect/Effect"
import type * as Group from "./Group.ts"
import * as Noise from "./Noise.ts"
import type { Row } from "./Row.ts"

/** What all groups gave. `noise` is the median ratio of the first noise row. */
export interface Result {
  readonly rows: ReadonlyArray<Row>
  readonly granted: number | undefined
  readonly noise: number | undefined
}

/** Runs groups one after the other. A UDP group that finds the machine noisy is run once more before its rows are void. */
export const groups = (
  selected: ReadonlyArray<Group.Group>,
  plan: Group.Plan
): Effect.Effect<Result> =>
  Effect.map(Effect.forEach(selected, (group) => runGroup(group, plan)), (results) => ({
    rows: results.flatMap(({ rows }) => rows),
    granted: results.find(({ granted }) => granted !== undefined)?.granted,
    noise: results.map(({ rows }) => Noise.rowOf(rows)?.ratio).find((ratio) => ratio !== undefined)
  }))

const runGroup = Effect.fnUntraced(function*(group: Group.Group, plan: Group.Plan) {
  const first = yield* group.run(plan)
  if (!group.isUdp || !Noise.isNoisy(Noise.rowOf(first.rows))) return first
  plan.onMeasured(`${group.name} again: too noisy`)
  const second = yield* group.run(plan)
  return { ...second, rows: Noise.apply(second.rows, Noise.rowOf(second.rows)) }
})

/** The exit code under `--check`: noise takes precedence, since it explains a miss. */
export const exitCode = (rows: ReadonlyArray<Row>): 0 | 1 | 3 => {
  if (rows.some(({ verdict }) => verdict === "void")) return 3
  return rows.some(({ verdict }) => verdict === "miss") ? 1 : 0
}
