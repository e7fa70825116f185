import { Journal, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { open } from "../endpoint.ts"
import { record, Steps } from "./recorded.ts"
import { group, journalOf } from "./scenario.ts"
import * as Xml from "./xml.ts"

const pathsOf = (svg: string, kind: string) => svg.split(`class="${kind}`).length - 1

const port = 9778

describe("toSvg", () => {
  it.effect("every datagram from host to host is an arrow, and every loss ends in a cross", () =>
    Effect.gen(function*() {
      const svg = Journal.toSvg(yield* journalOf(), { title: "Three hosts" })
      const { texts } = Xml.parse(svg)

      assert.strictEqual(pathsOf(svg, "a h0\"><title>event"), 5)
      assert.strictEqual(pathsOf(svg, "a lost\" d=\"M") - 1, 1) // one is in the legend
      assert.includeMembers(texts, ["Three hosts", "ada", "grace", "mary", "partition ada mary | grace", "◆ apart"])
      assert.strictEqual(pathsOf(svg, "side0\" x"), 3) // one is in the legend
      assert.strictEqual(pathsOf(svg, "side1\" x"), 2)
      assert.notMatch(svg, /<script|href|url\(|@import|http(?!:\/\/www\.w3\.org\/2000\/svg")/)
    }))

  it.effect("the legend has room, however few hosts there are", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = lan.host("ada")
      yield* lan.partition([["ada"], [lan.host("grace").name]])
      yield* lan.faults.cut({ from: "ada", to: "grace" })
      yield* ada.crash
      const svg = Journal.toSvg(yield* lan.journal)
      const [, width = "0"] = /width="([\d.]+)"/.exec(svg) ?? []
      const [, left = "0"] = /x="([\d.]+)"[^>]*>host off or paused/.exec(svg) ?? []

      assert.isAbove(Number(left), 0)
      assert.isAbove(Number(width), Number(left) + 100)
    }))

  it.prop(
    "it is well-formed whatever hosts are called",
    { steps: Steps, first: Schema.String, second: Schema.String },
    ({ first, second, steps }) => {
      const names = [first, `${second}<script>alert("1")</script>`, "&amp;\u0000\ud800]]>"]
      const { elements } = Xml.parse(Journal.toSvg(record(steps, 1000, names), { title: first }))

      assert.notInclude(elements, "script")
    }
  )

  it("more arrows than can be seen are folded into counts, and it says so", () => {
    const send = { kind: "send", host: 0, pick: 1, after: 500, payload: [] } as const
    const steps = [
      send,
      ...Array.from({ length: 2500 }, () => ({ ...send, kind: "deliver", host: 1, pick: 0 }) as const)
    ]
    const svg = Journal.toSvg(record(steps, 10_000))
    const { texts } = Xml.parse(svg)
    const counts = texts.filter((text) => /^\d+$/.test(text)).map(Number)

    assert.isTrue(texts.some((text) => text.includes("2500 arrows folded")))
    assert.strictEqual(counts.reduce((sum, count) => sum + count, 0), 2500)
    assert.isBelow(svg.length, 100_000)
  })

  it.effect("the hosts, the time and the events can be chosen", () =>
    Effect.gen(function*() {
      const journal = yield* journalOf()
      const { texts } = Xml.parse(
        Journal.toSvg(journal, { hosts: ["mary", "ada"], from: "500 millis", to: "1500 millis" })
      )

      assert.notInclude(texts, "grace")
      assert.isTrue(texts.some((text) => /^2 hosts · 0.500 to 1.500 s.* 1 deliveries/.test(text)))
      assert.isTrue(
        Xml.parse(Journal.toSvg(journal, { filter: ({ kind }) => kind === "mark" })).texts.some((text) =>
          text.includes(" 1 events")
        )
      )
    }))

  it.effect("groups and states are bars beside the columns, which tell from when to when", () =>
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        const [ada, bob] = [lan.host("ada"), lan.host("bob")]
        yield* ada.mark("probing")
        yield* Effect.scoped(Effect.andThen(open(bob, { port, join: [group] }), Effect.sleep("1 second")))
        yield* ada.mark("announced")
        yield* open(ada, { port, join: [group] })
        yield* Effect.sleep("1 second")
        yield* lan.mark("the end")
        return yield* lan.journal
      })
      const svg = Journal.toSvg(yield* Simulation.run(program))
      const { texts } = Xml.parse(svg)

      assert.includeMembers(texts, ["probing", "announced", "in a group", "state"])
      assert.includeMembers(texts, [
        "probing\n0.000 to 1.000 s",
        "announced\n1.000 to 2.000 s",
        "in 239.1.1.1 on eth0\n0.000 to 1.000 s",
        "in 239.1.1.1 on eth0\n1.000 to 2.000 s"
      ])
      assert.strictEqual(pathsOf(svg, "mark\""), 1)
    }))

  it("an empty journal is a picture, too", () => {
    Xml.parse(Journal.toSvg(record([])))
    Xml.parse(Journal.toSvg(record([], 10, [])))
  })
})
