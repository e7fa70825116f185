import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Archive from "../src/harness/Archive.ts"
import * as Page from "../src/harness/Page.ts"
import * as Plots from "../src/harness/Plots.ts"
import * as ResultFile from "../src/harness/ResultFile.ts"
import * as Row from "../src/harness/Row.ts"

const result = (date: string, ...groups: ReadonlyArray<string>): ResultFile.ResultFile => ({
  ...ResultFile.make({
    machine: { commit: "abc", node: "24.0.0", effect: "4.1.0", platform: "linux-x64", cpus: 2, memory: 8 },
    peers: {},
    mode: "full",
    granted: undefined,
    noise: undefined,
    rows: groups.map((group) => Row.measured({ group, name: "ours", unit: "ms", values: [1] }))
  }),
  date
})

describe("Archive", () => {
  it("keeps the results of which some group was not measured again", () => {
    const [all, burst, codec] = [
      result("2026-01-01T00:00:00Z", "burst", "codec"),
      result("2026-01-02T00:00:00Z", "burst"),
      result("2026-01-03T00:00:00Z", "codec")
    ]

    assert.deepStrictEqual(Archive.counting([burst, all]), [all, burst])
    assert.deepStrictEqual(Archive.counting([codec, burst, all]), [burst, codec])
  })

  it("gives what was written last, the oldest first", () => {
    const folder = mkdtempSync(join(tmpdir(), "archive-"))
    const [first, second] = [result("2026-01-01T00:00:00Z", "burst"), result("2026-01-02T00:00:00Z", "codec")]
    try {
      Archive.write(folder, [result("2025-01-01T00:00:00Z", "wire")])
      Archive.write(folder, [second, first])

      assert.deepStrictEqual(Archive.read(folder).map(({ date }) => date), [first.date, second.date])
      assert.isTrue(readdirSync(folder).every((file) => /^[\w.-]+$/.test(file)))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("the documentation", () => {
  const page = join(import.meta.dirname, "../../docs/performance.md")
  const folder = join(import.meta.dirname, "../../docs", Page.plotFolder)
  const [first, ...rest] = Archive.read(folder)

  it("says what its results say", () => {
    assert.isDefined(first)
    assert.strictEqual(readFileSync(page, "utf8"), Page.format([first, ...rest]))
  })

  it("draws what its results say", () => {
    const plots = Plots.draw(ResultFile.latestRows([first!, ...rest]))
    const drawn = new Map(plots.map(({ file, svg }) => [`${file}.svg`, svg]))
    const files = readdirSync(folder).filter((file) => file.endsWith(".svg"))

    assert.sameMembers(files, [...drawn.keys()])
    for (const file of files) assert.strictEqual(readFileSync(join(folder, file), "utf8"), drawn.get(file))
  })
})
