import { assert, describe, it } from "@effect/vitest"
import * as Page from "../src/harness/Page.ts"
import * as Plot from "../src/harness/Plot.ts"
import * as Plots from "../src/harness/Plots.ts"
import * as ResultFile from "../src/harness/ResultFile.ts"
import * as Row from "../src/harness/Row.ts"

const rows = [
  Row.measured({ group: "burst", name: "ours, time to all", unit: "ms", values: [40], target: Row.atMost(100) }),
  Row.measured({ group: "burst", name: "bonjour-service, time to all", unit: "ms", values: [80] }),
  Row.measured({ group: "burst", name: "ours, found", unit: "services", values: [900], target: Row.atLeast(1_000) }),
  Row.measured({
    group: "hostile",
    name: "mdns, records",
    unit: "ns/B",
    values: [9],
    against: "mdns, records, dns-packet",
    ratios: [1.5]
  }),
  Row.measured({
    group: "lan",
    name: "Avahi, browse",
    unit: "ms",
    values: [20],
    against: "ours, browse",
    ratios: [0.5]
  }),
  Row.measured({ group: "lan", name: "Avahi, idle", unit: "ms", values: [20], against: "ours, idle", ratios: [2] })
]

const result = ResultFile.make({
  machine: { commit: "abc", node: "24.0.0", effect: "4.1.0", platform: "linux-x64", cpus: 2, memory: 8 },
  peers: { "dns-packet": "5.6.1" },
  mode: "full",
  granted: 2_097_152,
  noise: 1,
  rows
})

describe("Page", () => {
  const page = Page.format([result])

  it("says where we lose: what misses its target, and where another library is better", () => {
    const lines = page.split("\n")
    const from = lines.indexOf("## Where we lose")

    assert.deepStrictEqual(lines.slice(from + 2, from + 6), [
      "- burst, ours, found: 900 services; the target is >= 1000",
      "- hostile, mdns, records: 9.00 ns/B; 1.50 of mdns, records, dns-packet",
      "- lan, Avahi, browse: 20.0 ms; 0.50 of ours, browse",
      ""
    ])
  })

  it("takes a group that was measured again from the last run", () => {
    const again = [Row.measured({ group: "burst", name: "ours, time to all", unit: "ms", values: [50] })]
    const page = Page.format([result, { ...result, commit: "def", note: "beside another program", rows: again }])

    assert.include(page, "commit abc, all rounds of hostile, lan.")
    assert.include(page, "commit def, all rounds of burst, beside another program.")
    assert.include(page, "50.0 ms")
    assert.notInclude(page, "40.0 ms")
    assert.include(page, "mdns, records")
    assert.notInclude(Page.format([result, { ...result, commit: "def" }]), "abc")
  })

  it("says of each run what it was taken on", () => {
    const other = { ...result, commit: "def", cpus: 16, noise: { rawAgain: 1.2 }, peers: { Avahi: "0.8" } }
    const page = Page.format([result, { ...other, rows: rows.slice(-1) }])

    for (const [commit, cpus, noise, peer] of [["abc", 2, 1, "dns-packet 5.6.1"], ["def", 16, 1.2, "Avahi 0.8"]]) {
      const run = page.slice(page.indexOf(`commit ${commit},`)).split("- Run:")[0]
      assert.include(run, `  - Beside it: ${peer}.\n  - Machine: ${cpus} processors`)
      assert.include(run, `  - Noise: a bare socket against itself came to ${noise};`)
    }
  })

  it("shows the plot of each question that there are rows for", () => {
    assert.include(page, "](performance/burst.svg)")
    assert.include(page, "](performance/hostile.svg)")
    assert.notInclude(page, "](performance/steady.svg)")
  })
})

describe("Plots", () => {
  it("draws the rows that answer the question", () => {
    const { svg } = Plots.draw(rows).find(({ file }) => file === "burst")!

    assert.deepStrictEqual(svg.match(/class="(ours|other|limit)"/g), ["class=\"ours\"", "class=\"other\""])
    assert.notInclude(svg, "found")
  })
})

describe("Plot", () => {
  const plot = (values: ReadonlyArray<number>, isLogarithmic?: boolean) =>
    Plot.format({
      title: "a < b",
      unit: "ms",
      bars: values.map((value) => ({ label: "ours", value, side: "ours" })),
      isLogarithmic
    })

  const lengths = (svg: string) =>
    Array.from(svg.matchAll(/width="([\d.]+)" height="18"/g), ([, width]) => Number(width))

  it("makes bars as long as their values, or as the logarithms of these", () => {
    const [half, whole] = lengths(plot([5, 10]))
    assert.closeTo(half! / whole!, 0.5, 0.01)

    const [one, two, three] = lengths(plot([1, 10, 100], true))
    assert.isAtMost(one!, 1)
    assert.closeTo(two! / three!, 0.5, 0.01)
  })

  it("has colours for light and for dark, and no markup from names", () => {
    const svg = plot([1])

    assert.include(svg, "prefers-color-scheme:dark")
    assert.include(svg, "a &lt; b")
  })
})
