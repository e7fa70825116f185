import { Journal, Report } from "@effect-discovery/testing"
import { assert, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { journalOf } from "./journal/scenario.ts"

it.effect("write makes a file of every kind, named for the test", () =>
  Effect.gen(function*() {
    const journal = yield* journalOf()
    const written = new Map<string, string | Uint8Array>()
    const memory = FileSystem.layerNoop({
      makeDirectory: () => Effect.void,
      writeFile: (path, octets) => Effect.sync(() => void written.set(path, octets)),
      writeFileString: (path, text) => Effect.sync(() => void written.set(path, text))
    })
    const paths = yield* Effect.provide(Report.write("out/reports", "peers: all of them/converge…", journal), memory)

    assert.deepStrictEqual(paths, Array.from(written.keys()))
    assert.strictEqual(paths[0], "out/reports/peers-all-of-them-converge.pcapng")
    assert.deepStrictEqual(written.get(paths[0]!), Journal.toPcapng(journal))
  }))
