/**
 * Inputs that are kept in the repository: for each target the shortest one found so far of each outcome, so that every way through a decoder is
 * gone each time the tests run. `pnpm fuzz --keep` adds what a run finds.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Inputs by what comes of them. */
export type Corpus = ReadonlyMap<string, Uint8Array>

const folder = join(import.meta.dirname, "corpus")
const fileOf = (target: string): string => join(folder, `${target}.txt`)

/** What is kept for a target. */
export const read = (target: string): Corpus =>
  existsSync(fileOf(target)) ? parse(readFileSync(fileOf(target), "utf8")) : new Map()

/** Adds what is new or shorter. */
export const keep = (target: string, found: Corpus): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(target), format(merge(read(target), found)))
}

/** The shorter one of each outcome. */
export const merge = (self: Corpus, that: Corpus): Corpus => {
  const merged = new Map(self)
  for (const [outcome, octets] of that) {
    const known = merged.get(outcome)
    if (known === undefined || octets.length < known.length) merged.set(outcome, octets)
  }
  return merged
}

/** A line for each input: its octets, and what comes of it. */
export const format = (corpus: Corpus): string =>
  Array.from(corpus)
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([outcome, octets]) => `${Buffer.from(octets).toString("hex") || "-"} ${outcome}\n`)
    .join("")

/** What `format` has written. */
export const parse = (text: string): Corpus =>
  new Map(
    text.split("\n").filter((line) => line !== "").map((line) => {
      const at = line.indexOf(" ")
      return [line.slice(at + 1), Uint8Array.from(Buffer.from(line.slice(0, at), "hex"))]
    })
  )
