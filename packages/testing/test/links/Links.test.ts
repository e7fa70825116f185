import { Distribution, Link, Loss, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema, type Scope } from "effect"
import { type Endpoint, open } from "../endpoint.ts"

const simulated = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(program))

const group = "239.1.1.1"
const deep = { port: 9778, receiveBuffer: { capacity: 100_000 }, kernelReceiveBufferSize: 100_000_000 } as const

const hosts = Effect.fnUntraced(function*(link: Link.Input, names: ReadonlyArray<string> = ["ada", "grace", "edith"]) {
  const lan = yield* SimulatedNetwork.make({ seed: 3, link, history: 1_000_000 })
  const endpoints = yield* Effect.forEach(names, (name) => open(lan.host(name), { ...deep, join: [group] }))
  return { lan, endpoints: endpoints as unknown as readonly [Endpoint, Endpoint, Endpoint] }
})

/** Sends numbers from 0, one every `every`, and tells who heard which. */
const count = Effect.fnUntraced(function*(link: Link.Input, total: number, to: string, every = 1) {
  const { endpoints: [ada, grace, edith], lan } = yield* hosts(link)
  for (let i = 0; i < total; i++) {
    yield* ada.send(`${i}`, to)
    if (every > 0) yield* Effect.sleep(every)
  }
  yield* Effect.sleep("1 minute")
  const numbers = (endpoint: Endpoint) => Effect.map(endpoint.received, (texts) => texts.map(Number))
  return { lan, grace: yield* numbers(grace), edith: yield* numbers(edith) }
})

const unicast = "10.11.0.2:9778"
const multicast = `${group}:9778`

/** The lengths of the runs of numbers that are missing. */
const bursts = (heard: ReadonlyArray<number>, total: number): ReadonlyArray<number> => {
  const present = new Set(heard)
  const lengths: Array<number> = []
  for (let i = 0, length = 0; i <= total; i++) {
    if (i < total && !present.has(i)) length++
    else if (length > 0) {
      lengths.push(length)
      length = 0
    }
  }
  return lengths
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length

describe("117: loss", () => {
  simulated(
    "of the model of Gilbert and Elliott has the mean and the bursts of the theory",
    Effect.gen(function*() {
      const loss = Loss.gilbertElliott({ p: 0.02, r: 0.25 })
      const total = 40_000
      const { grace } = yield* count({ loss }, total, unicast, 0)

      assert.closeTo(1 - grace.length / total, Loss.mean(loss), 0.008) // 2 / 27
      assert.closeTo(mean(bursts(grace, total)), 4, 0.3) // 1 / r
    })
  )

  simulated(
    "in both states has the mean of the theory",
    Effect.gen(function*() {
      const loss = Loss.gilbertElliott({ p: 0.05, r: 0.2, lossGood: 0.1, lossBad: 0.6 })
      const { grace } = yield* count({ loss }, 40_000, unicast, 0)

      assert.closeTo(1 - grace.length / 40_000, 0.2, 0.01) // 0.2 * 0.6 + 0.8 * 0.1
    })
  )

  simulated(
    "is each receiver's own, and common loss is all receivers' together",
    Effect.gen(function*() {
      const own = yield* count({ loss: 0.3 }, 5000, multicast, 0)
      const common = yield* count({ commonLoss: 0.3 }, 5000, multicast, 0)
      const both = own.grace.filter((number) => own.edith.includes(number))

      assert.closeTo(own.grace.length, 3500, 120)
      assert.closeTo(both.length, 2450, 120)
      assert.closeTo(common.grace.length, 3500, 120)
      assert.deepStrictEqual(common.grace, common.edith)
    })
  )

  simulated(
    "of multicast is what is said for multicast",
    Effect.gen(function*() {
      const link = { loss: 0, multicast: { loss: 1 } }

      assert.strictEqual((yield* count(link, 10, unicast)).grace.length, 10)
      assert.strictEqual((yield* count(link, 10, multicast)).grace.length, 0)
    })
  )

  simulated(
    "37: of a datagram in fragments is that of any of them",
    Effect.gen(function*() {
      const { endpoints: [ada, grace], lan } = yield* hosts({ loss: 0.1 })
      const payload = "x".repeat(6000) // 5 fragments of 1,480 octets
      for (let i = 0; i < 2000; i++) yield* ada.send(payload, unicast)
      yield* Effect.sleep("1 second")
      const reasons = (yield* lan.journal).events.flatMap((event) => event.kind === "drop" ? [event.reason] : [])

      assert.closeTo((yield* grace.received).length, 2000 * 0.9 ** 5, 80)
      assert.deepStrictEqual(new Set(reasons), new Set(["fragment"]))
    })
  )
})

describe("117: delay", () => {
  simulated(
    "follows its distribution, on a grid",
    Effect.gen(function*() {
      const latency = Distribution.exponential({ mean: "2 millis", min: "1 millis" })
      const { lan } = yield* count({ latency }, 20_000, unicast, 0)
      const delays = (yield* lan.frames).map(({ outcomes, time }) => outcomes[0]!.time - time)

      assert.closeTo(mean(delays), 2005, 25)
      assert.isTrue(delays.every((delay) => delay >= 1000))
      assert.isTrue((yield* lan.frames).every(({ outcomes }) => outcomes[0]!.time % 10 === 0))
    })
  )

  simulated(
    "never takes less than no time",
    Effect.gen(function*() {
      const jitter = Distribution.normal({ mean: 0, deviation: 5 })
      const { grace } = yield* count({ latency: 1, jitter }, 500, unicast)

      assert.strictEqual(grace.length, 500)
    })
  )

  simulated(
    "of multicast waits for the beacon while stations sleep",
    Effect.gen(function*() {
      const { lan } = yield* count({ latency: 1, powersave: { dtim: 3 } }, 100, multicast, 7)
      const frames = (yield* lan.frames).flatMap(({ outcomes }) => outcomes.filter(({ at }) => at === "grace/eth0"))

      assert.isTrue(frames.every(({ time }) => (time - 1000) % 307_200 === 0))
      // one at the beacon of the start, the others at those of 307, 614 and 921 milliseconds
      assert.strictEqual(new Set(frames.map(({ time }) => time)).size, 4)
    })
  )

  simulated(
    "of unicast does not",
    Effect.gen(function*() {
      const { lan } = yield* count({ latency: 1, powersave: { dtim: 3 } }, 10, unicast, 7)

      assert.isTrue((yield* lan.frames).every(({ outcomes, time }) => outcomes[0]!.time - time === 1000))
    })
  )
})

describe("44: bandwidth", () => {
  simulated(
    "spaces datagrams, and the queue loses its tail",
    Effect.gen(function*() {
      // 28 octets of headers and 972 of payload: a millisecond each
      const { endpoints: [ada, grace], lan } = yield* hosts({ latency: 1, bandwidth: "8 Mbit", queue: "5 kB" })
      for (let i = 0; i < 10; i++) yield* ada.send(`${i}`.padEnd(972), unicast)
      yield* Effect.sleep("1 second")
      const frames = yield* lan.frames

      assert.deepStrictEqual((yield* grace.received).map(Number), [0, 1, 2, 3, 4])
      assert.deepStrictEqual(frames.slice(0, 5).map(({ outcomes }) => outcomes[0]?.time), [
        2000,
        3000,
        4000,
        5000,
        6000
      ])
      assert.deepInclude(frames[5]?.outcomes[0], { _tag: "Dropped", reason: "queue" })
    })
  )

  simulated(
    "of a pair is that pair's alone",
    Effect.gen(function*() {
      const { endpoints: [ada], lan } = yield* hosts({ latency: 1 })
      yield* lan.link("ada", "grace").set({ bandwidth: "8 Mbit" })
      for (let i = 0; i < 3; i++) {
        yield* ada.send(`${i}`.padEnd(972), unicast)
        yield* ada.send(`${i}`.padEnd(972), "10.11.0.3:9778")
      }
      yield* Effect.sleep("1 second")
      const times = (yield* lan.frames).map(({ outcomes }) => outcomes[0]?.time)

      assert.deepStrictEqual(times, [2000, 1000, 3000, 1000, 4000, 1000])
    })
  )

  simulated(
    "of a pair is that of multicast where it is said for multicast",
    Effect.gen(function*() {
      const { endpoints: [ada], lan } = yield* hosts({ latency: 1 })
      yield* lan.link("ada", "grace").set({ multicast: { bandwidth: "8 Mbit" } })
      for (let i = 0; i < 3; i++) {
        yield* ada.send(`${i}`.padEnd(972), multicast)
        yield* ada.send(`${i}`.padEnd(972), unicast)
      }
      yield* Effect.sleep("1 second")
      const times = (yield* lan.frames).map(({ outcomes }) => outcomes.find(({ at }) => at === "grace/eth0")?.time)

      assert.deepStrictEqual(times, [2000, 1000, 3000, 1000, 4000, 1000])
    })
  )

  simulated(
    "of a pair is taken in turn with that of the sender, and once where it is the same",
    Effect.gen(function*() {
      const { endpoints: [ada], lan } = yield* hosts({ latency: 1, bandwidth: "8 Mbit" })
      yield* lan.link("ada", "grace").set({ multicast: { bandwidth: "4 Mbit" } })
      yield* ada.send("".padEnd(972), multicast)
      yield* ada.send("".padEnd(972), unicast)
      yield* Effect.sleep("1 second")
      const times = (yield* lan.frames).map(({ outcomes }) => outcomes.find(({ at }) => at === "grace/eth0")?.time)

      assert.deepStrictEqual(times, [4000, 3000])
    })
  )
})

describe("117: reordering", () => {
  simulated(
    "lets as many overtake as the gap says",
    Effect.gen(function*() {
      const { grace } = yield* count({ reorder: { probability: 0.05, gap: 3 } }, 2000, unicast)
      const late = grace.filter((number, i) => number < Math.max(-1, ...grace.slice(Math.max(0, i - 8), i)))

      assert.deepStrictEqual(grace.toSorted((a, b) => a - b), Array.from({ length: 2000 }, (_, i) => i))
      assert.closeTo(late.length, 100, 30)
      for (const number of late) {
        const place = grace.indexOf(number)
        const passed = grace.slice(0, place).filter((other) => other > number)
        // those among them that were held back themselves do not count
        assert.isTrue(passed.length >= 3 - 1 && passed.length <= 3 + 3, `${number} after ${passed.join(" ")}`)
      }
    })
  )

  simulated(
    "waits no longer than it is told",
    Effect.gen(function*() {
      const { lan } = yield* count({ latency: 1, reorder: { probability: 1, gap: 5, within: 20 } }, 3, unicast, 100)

      assert.deepStrictEqual(
        (yield* lan.frames).map(({ outcomes, time }) => outcomes[0]!.time - time),
        [21_000, 21_000, 21_000]
      )
    })
  )
})

describe("46: corruption", () => {
  simulated(
    "loses the datagram by default",
    Effect.gen(function*() {
      const { grace, lan } = yield* count({ corrupt: 0.25 }, 2000, unicast, 0)
      const reasons = (yield* lan.journal).events.flatMap((event) => event.kind === "drop" ? [event.reason] : [])

      assert.closeTo(grace.length, 1500, 70)
      assert.deepStrictEqual(new Set(reasons), new Set(["corrupt"]))
    })
  )

  simulated(
    "delivers up to three turned bits when asked to",
    Effect.gen(function*() {
      const { endpoints: [ada, grace], lan } = yield* hosts({ corrupt: { probability: 1, mode: "deliver" } })
      const text = "the same text again and again"
      for (let i = 0; i < 100; i++) yield* ada.send(text, unicast)
      yield* Effect.sleep("1 second")
      const datagrams = yield* grace.reader.pull
      const turned = datagrams.map(({ payload }) => {
        const sent = new TextEncoder().encode(text)
        return payload.reduce((sum, octet, i) => sum + (octet ^ sent[i]!).toString(2).replaceAll("0", "").length, 0)
      })

      assert.deepStrictEqual(new Set(turned), new Set([1, 2, 3]))
      assert.isTrue((yield* lan.frames).every(({ payload }) => new TextDecoder().decode(payload) === text))
    })
  )
})

describe("chance", () => {
  const luck = Effect.fnUntraced(
    function*(change: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<void, unknown, Scope.Scope>) {
      const { endpoints: [ada, grace, edith], lan } = yield* hosts({ ...Link.wifiLossy, reorder: 0.1 })
      yield* change(lan)
      for (let i = 0; i < 300; i++) {
        yield* ada.send(`${i}`, multicast)
        yield* ada.send(`u${i}`, unicast)
        yield* grace.send(`g${i}`, multicast)
      }
      yield* Effect.sleep("1 minute")
      return { log: yield* lan.log, edith: (yield* edith.received).filter((text) => !text.startsWith("g")) }
    }
  )

  it.effect("the same seed gives the same journal", () =>
    Effect.gen(function*() {
      const nothing = luck(() => Effect.void)

      assert.strictEqual((yield* Simulation.run(nothing)).log, (yield* Simulation.run(nothing)).log)
    }))

  it.effect("a fault between two does not change the luck of a third", () =>
    Effect.gen(function*() {
      const without = yield* Simulation.run(luck(() => Effect.void))
      const cut = yield* Simulation.run(luck((lan) => lan.faults.cut({ from: "ada", to: "grace" })))
      const lossy = yield* Simulation.run(luck((lan) => lan.faults.link({ to: "grace" }, { loss: 0.9 })))
      const silent = yield* Simulation.run(luck((lan) => lan.faults.firewall("grace", { in: "drop", out: "drop" })))

      assert.isAbove(without.edith.length, 100)
      for (const { edith } of [cut, lossy, silent]) assert.deepStrictEqual(edith, without.edith)
    }))
})

describe("a link", () => {
  const messageOf = (input: Link.Input) =>
    Result.match(Link.make(input), { onFailure: (error) => error.message, onSuccess: () => "sound" })

  it("that means nothing is refused with the option, the value and what is expected", () => {
    assert.deepStrictEqual([
      messageOf({ loss: 1.5 }),
      messageOf({ latency: "-1 millis" }),
      messageOf({ bandwidth: "fast" as "1 Mbit" }),
      messageOf({ queue: "1 GB" as "1 MB" }),
      messageOf({ mtu: 20 }),
      messageOf({ reorder: { probability: 0.1, gap: 0 } }),
      messageOf({ loss: Loss.gilbertElliott({ p: 2, r: 0.1 }) }),
      messageOf({ latency: Distribution.exponential({ mean: "1 millis", min: "2 millis" }) }),
      messageOf({ multicast: { jitter: Distribution.uniform(2, 1) } }),
      messageOf({ powersave: { dtim: 0 } }),
      messageOf({ corrupt: { probability: Number.NaN } })
    ], [
      "loss is a probability from 0 to 1, not 1.5",
      "latency is a finite duration from 0, not \"-1 millis\"",
      "bandwidth is bits a second from 1, such as \"20 Mbit\", or \"unlimited\", not \"fast\"",
      "queue is a size from 0, such as \"64 KiB\", not \"1 GB\"",
      "mtu is a whole number of octets from 68 to 65535, not 20",
      "reorder.gap is a whole number of datagrams from 1, not 0",
      "loss.p is a probability from 0 to 1, not 2",
      "latency.mean is a finite number from 2, not 1",
      "multicast.jitter.max is a finite number from 2, not 1",
      "powersave.dtim is a whole number of beacons from 1 to 255, not 0",
      "corrupt is a probability from 0 to 1, not NaN"
    ])
  })

  const presets = {
    perfect: Link.perfect,
    wired: Link.wired,
    wifi: Link.wifi,
    wifiLossy: Link.wifiLossy,
    wifiCongested: Link.wifiCongested,
    powersaveWifi: Link.powersaveWifi
  }

  it("is data that can be stored, and is a link again", () => {
    for (const link of Object.values(presets)) {
      const stored = JSON.parse(JSON.stringify(Schema.encodeSync(Link.Link)(link)))

      assert.deepStrictEqual(Schema.decodeUnknownSync(Link.Link)(stored), link)
      assert.deepStrictEqual(Link.make(link), Result.succeed(link))
    }
  })

  for (const [name, link] of Object.entries(presets)) {
    simulated(
      `${name} loses at most a fifth of what is sent now and then`,
      Effect.gen(function*() {
        const { grace } = yield* count(link, 1000, multicast, 50)

        assert.isAtLeast(new Set(grace).size, 800)
      })
    )
  }

  simulated(
    "of a change replaces what is said for multicast too, unless it says more of it",
    Effect.gen(function*() {
      const { endpoints: [ada, grace], lan } = yield* hosts(Link.wifiLossy)
      yield* lan.setLoss(1)
      for (let i = 0; i < 50; i++) yield* ada.send(`${i}`, multicast)
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(yield* grace.received, [])
    })
  )
})
