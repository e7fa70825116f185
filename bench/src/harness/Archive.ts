/**
 * The results that the documentation's page is made from, kept beside its plots: one file for each run of which some rows still count.
 */
import { globSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as ResultFile from "./ResultFile.ts"

/** The results in a folder, the oldest first. */
export const read = (folder: string): ReadonlyArray<ResultFile.ResultFile> =>
  globSync("*.json", { cwd: folder }).map((file) => ResultFile.read(join(folder, file))).toSorted(byDate)

const byDate = (self: ResultFile.ResultFile, that: ResultFile.ResultFile): number =>
  self.date < that.date ? -1 : self.date > that.date ? 1 : 0

/** Those of which some group was not measured again later, the oldest first. */
export const counting = (results: ReadonlyArray<ResultFile.ResultFile>): ReadonlyArray<ResultFile.ResultFile> => {
  const sorted = results.toSorted(byDate)
  const latest = new Set(ResultFile.latestRows(sorted))
  return sorted.filter(({ rows }) => rows.some((row) => latest.has(row)))
}

/** Replaces what a folder has by these. */
export const write = (folder: string, results: ReadonlyArray<ResultFile.ResultFile>): void => {
  for (const file of globSync("*.json", { cwd: folder })) rmSync(join(folder, file))
  for (const result of results) ResultFile.write(join(folder, nameOf(result)), result)
}

// colons are in no name of a file on Windows
const nameOf = ({ date }: ResultFile.ResultFile): string => `${date.replaceAll(":", "-")}.json`
