/**
 * The files by which a run is looked at afterwards.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Journal from "./Journal.ts"

/**
 * Writes a journal as a capture for Wireshark, as a picture, as lines of JSON and as a log, and gives the paths of the files.
 *
 * **Details**
 *
 * The directory is made where it is missing. The name of a test will do as `name`: whatever is not a letter or a digit becomes a dash.
 *
 * **Example** (After a failure)
 *
 * ```ts
 * import { Report, SimulatedNetwork } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make()
 *   const paths = yield* Report.write("reports", "peers converge", yield* lan.journal)
 *   return paths // reports/peers-converge.pcapng and others
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const write = (
  directory: string,
  name: string,
  journal: Journal.Journal
): Effect.Effect<ReadonlyArray<string>, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(directory, { recursive: true })
    const path = `${directory}/${fileName(name)}`
    yield* files.writeFile(`${path}.pcapng`, Journal.toPcapng(journal))
    yield* files.writeFileString(`${path}.svg`, Journal.toSvg(journal, { title: name }))
    yield* files.writeFileString(`${path}.jsonl`, Journal.toJsonLines(journal))
    yield* files.writeFileString(`${path}.log`, `${Journal.toLog(journal)}\n`)
    return ["pcapng", "svg", "jsonl", "log"].map((extension) => `${path}.${extension}`)
  })

// File systems take 255 octets; a character is four at most.
const longest = 60

const fileName = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "").slice(0, longest) || "journal"
