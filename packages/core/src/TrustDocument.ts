/**
 * The trust list as text: JSON with a version, one entry a line, to be read by people and compared by their tools.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as TrustEntry from "./TrustEntry.ts"

/**
 * What is wrong with a text, and where: a line, or an entry (counted from 1) and its field.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fault {
  /** The line, or the entry and its field. */
  readonly where: string
  /** What is wrong with it. */
  readonly problem: string
}

const version = 1

/**
 * Writes a list.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (entries: ReadonlyArray<TrustEntry.TrustEntry>): string =>
  `{"version":${version},"entries":[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]}\n`

/**
 * Reads a list.
 *
 * **Details**
 *
 * Nothing is guessed: a field that is not known, another version, or two entries of one key are faults. Who misspells `until` must not
 * trust a key for ever.
 *
 * **Example**
 *
 * ```ts
 * import { TrustDocument } from "@effect-discovery/core"
 * import { Result } from "effect"
 *
 * const fault = Result.flip(TrustDocument.decode(`{"version":1,"entries":[{"key":"d75a98"}]}`))
 * // entry 1, field key: expected 64 lower-case hexadecimal digits
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const decode = (text: string): Result.Result<ReadonlyArray<TrustEntry.TrustEntry>, Fault> =>
  Result.try({ try: (): unknown => JSON.parse(text), catch: () => ({ where: lineOf(text), problem: "no JSON" }) }).pipe(
    Result.flatMap(entriesOf),
    Result.flatMap(decodeEach)
  )

const decodeEntry = Schema.decodeUnknownResult(TrustEntry.TrustEntry, { onExcessProperty: "error" })
const Document = Schema.Struct({ version: Schema.Literal(version), entries: Schema.Array(Schema.Unknown) })
const decodeDocument = Schema.decodeUnknownResult(Document, { onExcessProperty: "error" })

const entriesOf = (json: unknown): Result.Result<ReadonlyArray<unknown>, Fault> =>
  Result.mapBoth(decodeDocument(json), {
    onSuccess: ({ entries }) => entries,
    onFailure: ({ issue }) => faultOf(issue, "the document")
  })

const decodeEach = (
  entries: ReadonlyArray<unknown>
): Result.Result<ReadonlyArray<TrustEntry.TrustEntry>, Fault> => {
  const decoded = new Map<string, TrustEntry.TrustEntry>()
  for (const [index, unknown] of entries.entries()) {
    const where = `entry ${index + 1}`
    const entry = decodeEntry(unknown)
    if (Result.isFailure(entry)) return Result.fail(faultOf(entry.failure.issue, where))
    const { key } = entry.success
    if (decoded.has(key)) return Result.fail({ where: `${where}, field key`, problem: "another entry has the same" })
    decoded.set(key, entry.success)
  }
  return Result.succeed([...decoded.values()])
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const faultOf = (issue: SchemaIssue.Issue, where: string): Fault => {
  const [first] = format(issue).issues
  const path = (first?.path ?? []).map((part) => nameOf(String(typeof part === "object" ? part.key : part)))
  return {
    where: path.length === 0 ? where : `${where}, field ${path.join(".")}`,
    problem: lowered(first?.message ?? "not as expected")
  }
}

// a name that the file made up may be of any length, and have line feeds and control characters
const nameOf = (name: string): string => /^\w{1,32}$/.test(name) ? name : "of a strange name"

const lowered = (sentence: string): string => `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`

// Engines differ in whether they say where JSON ends to be JSON, so the lines of entries are tried one by one.
const lineOf = (text: string): string => {
  const lines = text.split("\n")
  const index = lines.findIndex((line, index) => !isLine(line.trim(), index))
  return `line ${(index === -1 ? lines.length - 1 : index) + 1}`
}

const isLine = (line: string, index: number): boolean => {
  if (index === 0) return /^\{"version":\d+,"entries":\[$/.test(line)
  if (line === "]}" || line === "") return true
  return Result.isSuccess(Result.try((): unknown => JSON.parse(line.replace(/,$/, ""))))
}
