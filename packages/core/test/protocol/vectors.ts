/** The captured and malformed datagrams under `test/fixtures`. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Captured<Expected> {
  readonly id: string
  readonly transport: { readonly src: string; readonly srcPort: number }
  readonly hex: string
  readonly expected: Expected
}

export interface Malformed {
  readonly id: string
  readonly wrong: string
  readonly hex: string
  readonly expected: { readonly decode: "error" | "ok" | "either"; readonly must: ReadonlyArray<string> }
}

const fixtures = join(import.meta.dirname, "../fixtures")

export const read = <A>(folder: string): ReadonlyArray<A> =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(fixtures, folder, name), "utf8")))

/** What real programs sent. */
export const captured = <Expected>(protocol: string): ReadonlyArray<Captured<Expected>> => read(protocol)

/** What must not harm: some are legal and only look odd. */
export const malformed = (protocol: string): ReadonlyArray<Malformed> => read(`${protocol}/malformed`)

export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

export const fromText = (text: string): Uint8Array => new TextEncoder().encode(text)
