/** The captured datagrams that the tests of core have. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Captured<Expected> {
  readonly id: string
  readonly hex: string
  readonly expected: Expected
}

const fixtures = join(import.meta.dirname, "../../../core/test/fixtures")

export const read = <Expected>(folder: string): ReadonlyArray<Captured<Expected>> =>
  readdirSync(join(fixtures, folder)).filter((name) => name.endsWith(".json")).toSorted()
    .map((name) => JSON.parse(readFileSync(join(fixtures, folder, name), "utf8")))

export const fromHex = (hex: string): Buffer => Buffer.from(hex, "hex")
