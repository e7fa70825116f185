/**
 * JSON lines to and from the test that started a peer. Octets of TXT values are characters, one each.
 */
import { createInterface } from "node:readline"

/** A service to publish. `ttl` is in seconds, and for peers that can choose one. */
export interface Publish {
  readonly do: "publish"
  readonly name: string
  readonly type: string
  readonly port: number
  readonly txt: Txt
  readonly ttl?: number
}

export interface Update {
  readonly do: "update"
  readonly name: string
  readonly port?: number
  readonly txt?: Txt
}

/** What a peer is told to do. */
export type Command =
  | Publish
  | Update
  | { readonly do: "withdraw"; readonly name: string }
  | { readonly do: "browse"; readonly type: string }
  /** For this library only: to tell what it takes up. */
  | { readonly do: "measure" }
  | { readonly do: "exit" }

/** By key; `null` for a key without a value. */
export type Txt = Readonly<Record<string, string | null>>

/** What a peer tells. `asked` is the name that the test knows a service by, `name` the one it has. */
export type Line =
  | { readonly tell: "ready" }
  | { readonly tell: "host"; readonly name: string }
  | { readonly tell: "published"; readonly asked: string; readonly name: string }
  | { readonly tell: "renamed"; readonly asked: string; readonly previous: string; readonly name: string }
  /** It does not publish what it was asked to, since the name is taken. */
  | { readonly tell: "refused"; readonly asked: string }
  | Seen
  | { readonly tell: "gone"; readonly name: string }
  | Measured

/** What the process takes up, `at` milliseconds after its start: octets of values after a collection, and what it has open. */
export interface Measured {
  readonly tell: "measured"
  readonly at: number
  readonly heap: number
  /** Kinds and numbers of what keeps the process alive. */
  readonly resources: string
  readonly files: number
}

/** A service as the peer has it now. */
export interface Seen {
  readonly tell: "seen"
  readonly name: string
  readonly host: string
  readonly port: number
  readonly addresses: ReadonlyArray<string>
  readonly txt: Txt
}

export const tell = (line: Line): void => console.log(JSON.stringify(line))

/** Obeys commands as they come; the end of them is one to exit. */
export const obey = (doings: { readonly [Do in Command["do"]]?: (command: Extract<Command, { do: Do }>) => void }) => {
  const perform = (command: Command) => doings[command.do]?.(command as never)
  createInterface({ input: process.stdin })
    .on("line", (line) => perform(JSON.parse(line) as Command))
    .on("close", () => perform({ do: "exit" }))
  tell({ tell: "ready" })
}

/** The strings of a TXT record. */
export const toStrings = (txt: Txt): ReadonlyArray<Buffer> =>
  Object.entries(txt).map(([key, value]) => Buffer.from(value === null ? key : `${key}=${value}`, "latin1"))

export const fromStrings = (strings: ReadonlyArray<Uint8Array>): Txt =>
  Object.fromEntries(
    strings.filter(({ length }) => length > 0).map((string) => {
      const text = Buffer.from(string).toString("latin1")
      const at = text.indexOf("=")
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
    })
  )
