/**
 * What was asked for on the command line.
 */
import { parseArgs } from "node:util"

/** The arguments. No groups means all of them. */
export interface Arguments {
  readonly groups: ReadonlyArray<string>
  readonly quick: boolean
  readonly check: boolean
  readonly json: string | undefined
  /** What a reader of the result has to know of the run, such as what else ran on the machine. */
  readonly note: string | undefined
  readonly compare: string | undefined
}

/** How it is used. */
export const usage = (groups: ReadonlyArray<string>): string =>
  `pnpm bench [groups...] [--quick] [--json file [--note text]] [--check] [--compare old.json]

groups: ${groups.join(", ")}`

/** Reads the arguments; a string says what is wrong with them. */
export const parse = (args: ReadonlyArray<string>, groups: ReadonlyArray<string>): Arguments | string => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        check: { type: "boolean", default: false },
        json: { type: "string" },
        note: { type: "string" },
        compare: { type: "string" }
      }
    })
    const unknown = positionals.find((name) => !groups.includes(name))
    if (unknown !== undefined) return `there is no group ${unknown}`
    const { check, compare, json, note, quick } = values
    return { groups: positionals, quick, check, json, note, compare }
  } catch (error) {
    return (error as Error).message
  }
}
