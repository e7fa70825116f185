/** What a host tells of others, of itself, and of what it was sent. */
import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Stream, Tracer } from "effect"
import * as Endpoint from "../endpoint.ts"
import { keyOf, start } from "../signed/support.ts"
import { discover, every } from "./every.ts"

const on = (...segments: ReadonlyArray<string>) =>
  Object.fromEntries(segments.map((segment, index) => [`eth${index}`, { on: segment }]))

/** `gate` is on both links, `ada` on one and `bob` on the other. */
const topology = Topology.make({
  segments: [Topology.segment("home"), Topology.segment("work")],
  hosts: [
    { name: "gate", interfaces: on("home", "work") },
    { name: "ada", interfaces: on("home") },
    { name: "bob", interfaces: on("work") }
  ]
})

const latin1 = (payload: Uint8Array) => Buffer.from(payload).toString("latin1")
const octetsOf = (host: string) => Buffer.from(keyOf(host), "hex").toString("latin1")

describe("a host on two links", () => {
  it.effect.each(every)("S-A7 S-V5 tells neither of the other's nodes, by $name", (each) =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ topology })
        const [gate, ada, bob] = yield* Effect.all(["gate", "ada", "bob"].map((host) => discover(lan, host, each)))
        yield* ada!.advertise(each.announcement("ada"))
        yield* bob!.advertise(each.announcement("bob"))
        yield* Effect.sleep("2 minutes")
        yield* gate!.advertise(each.announcement("gate"))
        yield* Effect.sleep("2 minutes")

        assert.strictEqual((yield* gate!.peers).length, 2)
        assert.strictEqual((yield* ada!.peers).length, 1)
        assert.strictEqual((yield* bob!.peers).length, 1)
        const said = (yield* lan.frames).filter(({ from }) => from === "gate/eth1").map(({ payload }) =>
          latin1(payload)
        )
        assert.isAbove(said.length, 0)
        const heard = (yield* lan.frames).filter(({ from }) => from.startsWith("ada/")).map(({ payload }) =>
          latin1(payload)
        )
        // an mDNS question of theirs may be what we ask ourselves
        const announced = heard.filter((text) => text.includes("ada") || text.includes(octetsOf("ada")))
        assert.isAbove(announced.length, 0)
        for (const text of said) {
          assert.notInclude(announced, text)
          assert.notInclude(text, octetsOf("ada"))
          assert.notMatch(text, /\bada\b/)
        }
      }),
      { start }
    ))
})

describe("a host that announces nothing", () => {
  it.effect.each(every.filter(({ isAsking }) => !isAsking))(
    "S-V2 sends nothing, whatever it hears by $name",
    (each) =>
      Simulation.run(
        Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
          const bob = yield* discover(lan, "bob", each)
          const ada = yield* discover(lan, "ada", each)
          yield* ada.advertise(each.announcement("ada"))
          yield* Effect.sleep("5 minutes")

          assert.strictEqual((yield* bob.peers).length, 1)
          assert.deepStrictEqual((yield* lan.frames).filter(({ from }) => from.startsWith("bob/")), [])
        }),
        { start }
      )
  )
})

const marker = "zq\u001b]0;zq\u0007"

/** Datagrams that look like what they are sent among, and hold what is to be found again. */
const hostile = (captured: ReadonlyArray<Uint8Array>, count: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: count }, (_, index) => {
    const base = captured[index % captured.length]!
    const text = new TextEncoder().encode(`${marker}${index}`)
    const at = (index * 7) % (base.length + 1)
    return Uint8Array.from([
      ...base.subarray(0, at),
      ...text,
      ...base.subarray(index % 3 === 0 ? at : at + text.length)
    ])
  })

describe("a host that is sent 2,000 hostile datagrams", () => {
  it.effect.each(every)(
    "S-D3 S-F1 S-F5 counts them by words of its own, and goes on, by $name",
    (each) =>
      Simulation.run(
        Effect.gen(function*() {
          const spans: Array<string> = []
          const tracer = Tracer.make({
            span: (options) => {
              const span = new Tracer.NativeSpan(options)
              spans.push(options.name)
              return Object.assign(span, {
                attribute: (key: string, value: unknown) => void spans.push(`${key}=${String(value)}`)
              })
            }
          })
          yield* Effect.gen(function*() {
            const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
            const bob = yield* discover(lan, "bob", each)
            const ada = yield* discover(lan, "ada", each)
            const words = new Set<string>()
            yield* Stream.runForEach(bob.diagnostics, (diagnostic) =>
              Effect.sync(() => {
                if (diagnostic._tag === "DatagramRejected" || diagnostic._tag === "AnnouncementRefused") {
                  words.add(diagnostic.reason)
                }
              })).pipe(Effect.forkScoped({ startImmediately: true }))
            yield* ada.advertise(each.announcement("ada"))
            yield* Effect.sleep("10 seconds")
            const captured = (yield* lan.frames).filter(({ from }) => from.startsWith("ada/")).map(({ payload }) =>
              payload
            )
            const eve = yield* Endpoint.open(lan.host("eve"), { broadcast: true })
            for (const payload of hostile(captured, 2_000)) {
              yield* eve.sendBytes(payload, each.to)
              yield* Effect.sleep("30 millis")
            }
            yield* Effect.sleep("10 seconds")

            const labels = (yield* Metric.snapshot).flatMap((
              { attributes, id }
            ) => [id, ...Object.values(attributes ?? {})])
            assert.isAbove(words.size, 0)
            assert.isAtMost(words.size, 16)
            for (const word of words) assert.match(word, /^[a-zA-Z][a-zA-Z-]{2,30}$/)
            for (const label of [...words, ...spans, ...labels]) assert.notInclude(label, "zq")
            assert.isTrue((yield* bob.peers).some(({ key, name }) => name.startsWith("ada") || key === keyOf("ada")))
          }).pipe(Effect.withTracer(tracer))
        }),
        { start }
      )
  )
})
