/**
 * The result as a file. Scripts read it: names of fields and rows are stable.
 */
import * as Limits from "@effect-discovery/core/Limits"
import { readFileSync, writeFileSync } from "node:fs"
import type * as Machine from "./Machine.ts"
import type { Row } from "./Row.ts"

/** Everything that one run found. */
export interface ResultFile extends Machine.Machine {
  readonly schema: 1
  readonly date: string
  readonly mode: "full" | "quick"
  readonly note?: string | undefined
  /** Octets asked of the system as receive buffer, and what it gave; it counts its own bookkeeping in. */
  readonly receiveBuffer: { readonly asked: number; readonly granted: number | null }
  readonly noise: { readonly rawAgain: number | null }
  readonly peers: { readonly [name: string]: string }
  readonly rows: ReadonlyArray<Row>
}

/** A result as of now. */
export const make = (options: {
  readonly machine: Machine.Machine
  readonly peers: Readonly<Record<string, string>>
  readonly mode: "full" | "quick"
  readonly note?: string | undefined
  readonly granted: number | undefined
  readonly noise: number | undefined
  readonly rows: ReadonlyArray<Row>
}): ResultFile => {
  const { granted, machine, mode, noise, note, peers, rows } = options
  const { commit, cpus, effect, memory, node, platform } = machine
  return {
    schema: 1,
    date: new Date().toISOString().replace(/\.\d+/, ""),
    commit,
    node,
    effect,
    platform,
    cpus,
    memory,
    mode,
    note,
    receiveBuffer: { asked: Limits.defaults.kernelReceiveBuffer, granted: granted ?? null },
    noise: { rawAgain: noise === undefined ? null : rounded(noise) },
    peers,
    rows: rows.map(roundedRow)
  }
}

/** Writes a result, one row a line, so that two of them can be compared by eye as well. */
export const write = (path: string, result: ResultFile): void => {
  const { rows, ...rest } = result
  const head = JSON.stringify(rest, undefined, 2).replace(/\n\}$/, "")
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n")
  writeFileSync(path, `${head},\n  "rows": [\n${lines}\n  ]\n}\n`)
}

/** Reads a result. Throws when the file is none. */
export const read = (path: string): ResultFile => {
  const value = JSON.parse(readFileSync(path, "utf8")) as Partial<ResultFile>
  if (value.schema !== 1 || !Array.isArray(value.rows)) throw new Error(`${path} is no result of this benchmark`)
  return value as ResultFile
}

/** The rows of several results, the older first: of a group that was measured again those of the last one. */
export const latestRows = (results: ReadonlyArray<ResultFile>): ReadonlyArray<Row> => {
  const runs = new Map<string, ReadonlyArray<Row>>()
  for (const { rows } of results) for (const { group } of rows) runs.set(group, rows)
  return Array.from(runs, ([group, rows]) => rows.filter((row) => row.group === group)).flat()
}

const rounded = (value: number): number => Number(value.toPrecision(4))

const roundedRow = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? rounded(value) : value])
  ) as unknown as Row
