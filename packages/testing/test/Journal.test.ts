import { Journal, NetworkEvent, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { open } from "./endpoint.ts"
import { record, Steps } from "./journal/recorded.ts"
import { group, journalOf, kindsOf } from "./journal/scenario.ts"

const text = new TextDecoder()

describe("journal", () => {
  it.effect("every event tells where it happened and what it follows from", () =>
    Effect.gen(function*() {
      const { events } = yield* journalOf()
      const sent = events.filter(({ kind }) => kind === "send")
      const [first] = sent
      const delivered = events.find(({ datagram, host, kind }) =>
        kind === "deliver" && datagram === 1 && host === "mary"
      )

      assert.deepStrictEqual(delivered, {
        kind: "deliver",
        seq: delivered!.seq,
        time: 1000,
        host: "mary",
        interface: "eth0",
        socket: 3,
        datagram: 1,
        causes: [first!.seq],
        rule: undefined,
        code: undefined,
        text: ""
      })
      // ada hears herself
      assert.deepStrictEqual(sent[1]!.causes, [first!.seq + 1])
    }))

  it.effect("a datagram can be looked at as it was sent", () =>
    Effect.gen(function*() {
      const journal = yield* journalOf()
      const { payload, ...head } = journal.datagram(2)!

      assert.strictEqual(text.decode(payload), "two")
      assert.deepStrictEqual(head, {
        id: 2,
        sentBy: head.sentBy,
        time: 1_000_000,
        host: "ada",
        interface: "eth0",
        socket: 1,
        source: { address: "10.11.0.1", port: 9778 },
        destination: { address: group, port: 9778 },
        kind: "Multicast",
        ttl: 1
      })
      assert.strictEqual(journal.datagram(99), undefined)
    }))

  it.effect("what a receiver does to a payload does not change the journal", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      yield* ada.send("hello", "10.11.0.1:9778")
      const [datagram] = yield* ada.reader.pull
      datagram.payload.fill(0)

      assert.strictEqual(text.decode((yield* lan.journal).datagram(1)!.payload), "hello")
    })))

  it.effect("it does not change when the network goes on", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ history: 2 })
      for (const label of ["one", "two", "three"]) yield* lan.mark(label)
      const journal = yield* lan.journal
      for (const label of ["four", "five"]) yield* lan.mark(label)

      assert.deepStrictEqual(journal.events.map(({ seq, text }) => [seq, text]), [[2, "two"], [3, "three"]])
      assert.strictEqual(journal.forgotten, 1)
    })))

  it.prop("every cause is earlier than what it causes", { steps: Steps }, ({ steps }) => {
    for (const { causes, seq } of record(steps).events) {
      assert.isTrue(causes.every((cause) => cause >= 1 && cause < seq))
    }
  })

  it.prop("the ring keeps the last events and goes on counting", { steps: Steps }, ({ steps }) => {
    const all = record(steps).events
    const kept = record(steps, 7)

    assert.deepStrictEqual(kept.events, all.slice(-7))
    assert.strictEqual(kept.forgotten, Math.max(0, all.length - 7))
    for (const event of kept.events) {
      if (event.datagram !== undefined) assert.strictEqual(kept.datagram(event.datagram)?.id, event.datagram)
    }
  })

  it("payloads that are too much together go, and their events with them", () => {
    const send = { kind: "send", host: 0, pick: 0, after: 1, payload: Array.from({ length: 60_000 }, () => 1) } as const
    const { events, forgotten } = record(Array.from({ length: 10 }, () => send), 1000, undefined, 200_000)

    assert.strictEqual(forgotten, 7)
    assert.deepStrictEqual(events.map(({ seq }) => seq), [8, 9, 10])
  })

  it("there is a sentence for every reason", () => {
    for (const sentence of Object.values(NetworkEvent.dropReasons)) assert.match(sentence, /^[A-Z].*\.$/)
  })
})

describe("events", () => {
  it.effect("they come as they happen, until the network's scope closes", () =>
    Simulation.run(Effect.gen(function*() {
      const seen = yield* Effect.scoped(Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make()
        yield* lan.mark("before")
        const seen = yield* Effect.forkDetach(Stream.runCollect(lan.events), { startImmediately: true })
        const ada = yield* open(lan.host("ada"), { port: 9778 })
        yield* ada.send("hello", "10.11.0.1:9778")
        yield* Effect.sleep("1 second")
        yield* lan.mark("after")
        return seen
      }))

      assert.deepStrictEqual((yield* Fiber.join(seen)).map(({ kind }) => kind), [
        "bind",
        "send",
        "deliver",
        "mark",
        "close"
      ])
    })))

  it.effect("who is too slow misses the oldest, and the numbers tell", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ history: 3 })
      const slow = lan.events.pipe(Stream.take(4), Stream.runCollect)
      const fiber = yield* Effect.forkChild(slow, { startImmediately: true })
      yield* lan.mark("1")
      yield* Effect.sleep("1 second")
      for (let i = 2; i <= 9; i++) yield* lan.mark(`${i}`)

      assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ seq }) => seq), [1, 7, 8, 9])
    })))
})

describe("hash", () => {
  it.effect("it is the same for the same run, whatever other runs there were", () =>
    Effect.gen(function*() {
      const [first, second, third] = [yield* journalOf(7), yield* journalOf(8), yield* journalOf(7)]

      assert.strictEqual(Journal.hash(first), Journal.hash(third))
      // no chance in it
      assert.strictEqual(Journal.hash(first), Journal.hash(second))
    }))

  it.prop("it is equal exactly where nothing differs", { one: Steps, other: Steps }, ({ one, other }) => {
    const [first, second] = [record(one), record(other)]

    assert.strictEqual(Journal.hash(first), Journal.hash(record(one)))
    assert.strictEqual(Journal.hash(first) === Journal.hash(second), Journal.diff(first, second) === undefined)
  })

  it("it covers payloads", () => {
    const step = { kind: "send", host: 0, pick: 1, after: 0, payload: [1, 2, 3] } as const
    const other = { ...step, payload: [1, 2, 4] }

    assert.notStrictEqual(Journal.hash(record([step])), Journal.hash(record([other])))
    assert.strictEqual(Journal.hash(record([step])), "933b7a9bc926b6aa") // in any process
    assert.strictEqual(Journal.diff(record([step]), record([other]))?.seq, 1)
  })
})

describe("diff", () => {
  it.effect("it names the first event in which two runs part", () =>
    Effect.gen(function*() {
      const first = yield* journalOf(7)
      const second = yield* journalOf(7, { latency: "2 millis" })
      const divergence = Journal.diff(first, second, { context: 2 })

      assert.strictEqual(
        divergence?.text,
        `the runs part at event 9
  both:   0.000000 ada/eth0 send f1 10.11.0.1:9778 > 239.1.1.1:9778 3 B ba2719ef
  both:   0.000000 ada/eth0 deliver f1 #1
  first:  0.001000 grace/eth0 deliver f1 #2 (after event 7)
  second: 0.002000 grace/eth0 deliver f1 #2 (after event 7)`
      )
      assert.strictEqual(Journal.diff(first, yield* journalOf(7)), undefined)
    }))

  it("one that ends earlier parts at its end", () => {
    const steps = Array.from({ length: 3 }, () => ({ kind: "fault", host: 0, pick: 0, after: 1, payload: [] }) as const)
    const divergence = Journal.diff(record(steps), record(steps.slice(1, 3).map((step) => ({ ...step }))))

    assert.strictEqual(divergence?.seq, 3)
    assert.strictEqual(divergence?.second, undefined)
    assert.include(divergence!.text, "second: nothing: it ends here")
  })
})

describe("fate", () => {
  it.effect("it says why one host does not hear another", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      yield* open(lan.host("grace"), { port: 9778, join: [group] })
      lan.host("mary")
      const fate = (from: string, to: string) =>
        Effect.map(lan.journal, (journal) => Journal.fate(journal, from, to)?.text)
      yield* ada.send("hello", `${group}:9778`)
      const underWay = yield* fate("ada", "grace")
      yield* Effect.sleep("1 second")
      yield* lan.partition([["ada"], ["grace"]])
      const sent = "f1 10.11.0.1:9778 > 239.1.1.1:9778 5 B"

      assert.strictEqual(
        underWay,
        `0.000000 ada sent ${sent}: nothing is known of it at grace, it may be under way`
      )
      assert.strictEqual(
        yield* fate("ada", "grace"),
        `0.000000 ada sent ${sent}: delivered at grace/eth0 to socket #2 at 0.001000`
      )
      yield* ada.send("hello", "10.11.0.2:9778")
      assert.match((yield* fate("ada", "grace"))!, /f2 .*: dropped at grace\/eth0: partition.* \(The two hosts/)
      assert.match((yield* fate("ada", "mary"))!, /f1 .*: dropped at mary\/eth0: not-joined/)
      assert.strictEqual(yield* fate("grace", "ada"), undefined)
    })))
})

describe("last", () => {
  it.effect("it keeps to one host", () =>
    Effect.gen(function*() {
      const journal = yield* journalOf()

      assert.deepStrictEqual(Journal.last(journal, "grace", 2).map(({ datagram, kind }) => [kind, datagram]), [
        ["drop", 2],
        ["deliver", 3]
      ])
      assert.deepStrictEqual(Journal.last(journal, "grace", 0), [])
      assert.deepStrictEqual(Journal.last(journal, "nobody", 3), [])
    }))
})

describe("toJsonLines", () => {
  it.effect("every line is an object, and the first is about the journal itself", () =>
    Effect.gen(function*() {
      const journal = yield* journalOf()
      const [head, ...lines] = Journal.toJsonLines(journal).trimEnd().split("\n").map((line) => JSON.parse(line))

      assert.deepStrictEqual(head, { seed: journal.seed, forgotten: 0, hosts: journal.hosts })
      assert.deepStrictEqual(lines.map(({ kind }) => kind), kindsOf(journal))
      assert.deepInclude(lines.find(({ kind }) => kind === "send"), {
        host: "ada",
        destination: { address: group, port: 9778 },
        cast: "multicast",
        payload: "6f6e65"
      })
    }))
})
