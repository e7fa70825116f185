import { Fault, Faults, SimulatedNetwork, type SimulatedNetworkError, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, type Scope } from "effect"
import { open } from "../endpoint.ts"

const group = "239.1.1.1"
const member = { port: 9778, join: [group] }

const trio = Effect.fnUntraced(function*(options: SimulatedNetwork.Options = {}) {
  const lan = yield* SimulatedNetwork.make({ seed: 1, ...options })
  const ada = yield* open(lan.host("ada"), member)
  const grace = yield* open(lan.host("grace"), member)
  const edith = yield* open(lan.host("edith"), member)
  const tell = Effect.fnUntraced(function*(...texts: ReadonlyArray<string>) {
    for (const text of texts) {
      yield* ada.send(text, `${group}:9778`)
      yield* Effect.sleep("10 millis")
    }
    yield* ada.received
    return [yield* grace.received, yield* edith.received]
  })
  return { lan, ada, grace, edith, tell }
})

const drops = (lan: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(lan.journal, (journal) => journal.events.filter((event) => event.kind === "drop"))

const simulated = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(program))

describe("cut", () => {
  simulated(
    "takes one direction, and only while its scope is open",
    Effect.gen(function*() {
      const { ada, grace, lan, tell } = yield* trio()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.cut({ from: "ada", to: "grace" })
        assert.deepStrictEqual(yield* tell("one"), [[], ["one"]])
        yield* grace.send("back", "10.11.0.1:9778")
        yield* Effect.sleep("10 millis")
        assert.deepStrictEqual(yield* ada.received, ["back"])
      }))

      assert.deepStrictEqual(yield* tell("two"), [["two"], ["two"]])
      const [drop] = yield* drops(lan)
      const begin = (yield* lan.journal).events.find((event) => event.text === "cut ada grace")
      assert.deepInclude(drop, { reason: "cut", rule: 118 })
      assert.isTrue(drop?.causes.includes(begin!.seq))
    })
  )
})

const { Verdict } = Faults

describe("rule", () => {
  simulated(
    "decides by what it sees, the first that has an opinion",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* lan.faults.rule((datagram) => datagram.to === "grace" ? Verdict.drop("not for grace") : Verdict.pass)
      yield* lan.faults.rule((datagram) => datagram.isMulticast ? Verdict.drop("no multicast") : Verdict.pass)

      assert.deepStrictEqual(yield* tell("one"), [[], []])
      assert.deepStrictEqual((yield* drops(lan)).map(({ reason, text }) => [reason, text]), [
        ["rule", "not for grace"],
        ["rule", "no multicast"]
      ])
    })
  )

  simulated(
    "sees the datagram as it is on its way",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      const seen: Array<Faults.Datagram> = []
      yield* lan.faults.rule((datagram) => {
        seen.push(datagram)
        return Verdict.pass
      })
      yield* tell("one")

      assert.deepInclude(seen[0], {
        from: "ada",
        to: "grace",
        fromInterface: "eth0",
        toInterface: "eth0",
        segment: "lan",
        source: "10.11.0.1",
        destination: group,
        port: 9778,
        isMulticast: true,
        isBroadcast: false
      })
      assert.strictEqual(new TextDecoder().decode(seen[0]?.payload), "one")
    })
  )

  simulated(
    "delays",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio({ latency: "5 millis" })
      yield* lan.faults.rule(({ to }) => to === "grace" ? Verdict.delay("20 millis") : Verdict.pass)
      yield* tell("one")
      yield* Effect.sleep("1 second")
      const [frame] = yield* lan.frames

      assert.deepStrictEqual(frame?.outcomes.slice(1).map(({ at, time }) => [at, time]), [
        ["edith/eth0", 5000],
        ["grace/eth0", 25_000]
      ])
    })
  )
})

describe("hold", () => {
  const held = Effect.fnUntraced(function*(order: Fault.Order) {
    const { grace, lan, tell } = yield* trio()
    yield* lan.faults.hold({ to: "grace" })
    assert.deepStrictEqual(yield* tell("1", "2", "3", "4"), [[], ["1", "2", "3", "4"]])
    yield* lan.faults.release({ to: "grace", order })
    yield* Effect.sleep("1 millis")
    return yield* grace.received
  })

  simulated(
    "keeps datagrams until they are released, in the order asked for",
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* held("fifo"), ["1", "2", "3", "4"])
      assert.deepStrictEqual(yield* held("reverse"), ["4", "3", "2", "1"])
      assert.deepStrictEqual((yield* held("random")).toSorted(), ["1", "2", "3", "4"])
    })
  )

  simulated(
    "goes on holding after a release",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* lan.faults.hold({ to: "grace" })
      yield* tell("1")
      yield* lan.faults.release()

      assert.deepStrictEqual(yield* tell("2"), [["1"], ["1", "2"].slice(1)])
    })
  )

  simulated(
    "lets go when its scope closes, and loses what is above its limit",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.hold({ to: "grace" }, { limit: 2, order: "reverse" })
        yield* tell("1", "2", "3")
      }))

      assert.deepStrictEqual(yield* tell("4"), [["2", "1", "4"], ["4"]])
      assert.deepStrictEqual((yield* drops(lan)).map(({ reason }) => reason), ["held"])
    })
  )
})

describe("replay", () => {
  simulated(
    "delivers again, as often and as late as it is told",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* lan.faults.replay({ match: { to: "grace" }, delay: "1 minute", copies: 2 })
      yield* tell("one")
      yield* Effect.sleep("3 minutes")
      const [frame] = yield* lan.frames

      assert.deepStrictEqual(
        frame?.outcomes.filter(({ at }) => at === "grace/eth0").map(({ time }) => time),
        [1000, 60_001_000, 120_001_000]
      )
    })
  )
})

describe("118: snooping", () => {
  simulated(
    "multicast dies when the switch has forgotten, and a new join revives it",
    Effect.gen(function*() {
      const { grace, lan, tell } = yield* trio()
      yield* lan.faults.snooping({ after: "260 seconds" })
      yield* Effect.sleep("259 seconds")
      assert.deepStrictEqual(yield* tell("before"), [["before"], ["before"]])
      yield* Effect.sleep("1 second")
      assert.deepStrictEqual(yield* tell("after"), [[], []])
      const again = yield* open(lan.host("hedy"), member)
      yield* tell("again")
      yield* grace.send("unicast", "10.11.0.1:9778")

      assert.deepStrictEqual(yield* again.received, ["again"])
      assert.deepInclude((yield* drops(lan))[0], { reason: "snooping", rule: 118 })
    })
  )

  simulated(
    "the groups of 224.0.0.0/24 are flooded",
    Effect.gen(function*() {
      const { ada, lan } = yield* trio()
      const grace = yield* open(lan.host("grace"), { port: 5353, join: ["224.0.0.251"] })
      yield* lan.faults.snooping({ after: "1 second" })
      yield* Effect.sleep("1 minute")
      yield* ada.send("one", "224.0.0.251:5353")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace.received, ["one"])
    })
  )
})

describe("120: a duplicate address", () => {
  simulated(
    "makes two hosts send as one, and gives the address back",
    Effect.gen(function*() {
      const { ada, grace, lan } = yield* trio()
      const address = () => lan.host("edith").addresses.length
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.duplicateAddress("grace", "edith")
        assert.strictEqual(String(lan.host("edith").address), String(lan.host("grace").address))
        for (const name of ["grace", "edith"]) {
          const socket = yield* open(lan.host(name))
          yield* socket.send(name, "10.11.0.1:9778")
        }
        yield* Effect.sleep("10 millis")
        assert.deepStrictEqual((yield* ada.senders).map((sender) => sender.split(":")[0]), ["10.11.0.2", "10.11.0.2"])
      }))

      assert.notStrictEqual(String(lan.host("edith").address), String(lan.host("grace").address))
      assert.strictEqual(address(), 1)
      yield* ada.send("one", "10.11.0.2:9778")
      yield* Effect.sleep("10 millis")
      assert.deepStrictEqual(yield* grace.received, ["one"])
    })
  )
})

describe("121: a firewall", () => {
  simulated(
    "gives EPERM to its host, and drops what comes in without a sound",
    Effect.gen(function*() {
      const { ada, grace, lan } = yield* trio()
      yield* lan.faults.firewall("grace", { in: "drop", out: "EPERM" })
      const error = yield* Effect.flip(grace.send("out", "10.11.0.1:9778"))
      yield* ada.send("in", "10.11.0.2:9778")
      yield* Effect.sleep("10 millis")

      assert.deepInclude(error.reason, { kind: "PermissionDenied" })
      assert.deepStrictEqual(yield* grace.received, [])
      assert.deepInclude((yield* drops(lan))[0], { reason: "firewall", rule: 121 })
      const events = (yield* lan.journal).events
      const begin = events.find(({ text }) => text.startsWith("firewall"))!
      assert.isTrue(events.find(({ kind }) => kind === "error")?.causes.includes(begin.seq))
    })
  )

  simulated(
    "of one port leaves the others open",
    Effect.gen(function*() {
      const { grace, lan } = yield* trio()
      yield* lan.faults.firewall("grace", { out: "EPERM", port: 53 })
      yield* grace.send("out", "10.11.0.1:9778")

      assert.strictEqual(
        (yield* Effect.flip(grace.send("out", "10.11.0.1:53"))).reason._tag,
        "DatagramSocketWriteError"
      )
    })
  )
})

describe("failNext", () => {
  simulated(
    "fails so many calls, then none",
    Effect.gen(function*() {
      const { grace, lan } = yield* trio()
      yield* lan.faults.failNext("grace", "send", "ENETUNREACH", { times: 2 })
      const outcome = Effect.match(grace.send("x", "10.11.0.1:9778"), {
        onFailure: ({ reason }) => "kind" in reason ? reason.kind : reason._tag,
        onSuccess: () => "sent"
      })

      assert.deepStrictEqual(yield* Effect.all([outcome, outcome, outcome]), ["Unreachable", "Unreachable", "sent"])
    })
  )

  simulated(
    "with a probability puts all calls at risk",
    Effect.gen(function*() {
      const { grace, lan } = yield* trio()
      yield* lan.faults.failNext("grace", "send", "ENOBUFS", { probability: 0.25 })
      const sent = yield* Effect.forEach(
        Array.from({ length: 400 }),
        () => Effect.match(grace.send("x", "10.11.0.1:9778"), { onFailure: () => 0, onSuccess: () => 1 })
      )

      assert.closeTo(sent.filter((one) => one === 1).length, 300, 30)
    })
  )

  simulated(
    "with a certain one fails them all",
    Effect.gen(function*() {
      const { grace, lan } = yield* trio()
      yield* lan.faults.failNext("grace", "send", "ENOBUFS", { probability: 1 })

      for (let i = 0; i < 3; i++) yield* Effect.flip(grace.send("x", "10.11.0.1:9778"))
    })
  )

  simulated(
    "fails a bind and a join as well",
    Effect.gen(function*() {
      const { lan } = yield* trio()
      yield* lan.faults.failNext("grace", "bind", "EMFILE")
      yield* lan.faults.failNext("edith", "join", "ENOBUFS")

      assert.strictEqual((yield* Effect.flip(open(lan.host("grace")))).reason._tag, "DatagramSocketOpenError")
      assert.strictEqual((yield* Effect.flip(open(lan.host("edith"), member))).reason._tag, "DatagramSocketOpenError")
      yield* open(lan.host("grace"))
    })
  )
})

describe("link", () => {
  simulated(
    "changes the links of a host while its scope is open, and names itself as the cause",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.link({ host: "grace" }, { loss: 1 })
        assert.deepStrictEqual(yield* tell("one"), [[], ["one"]])
      }))

      assert.deepStrictEqual(yield* tell("two"), [["two"], ["two"]])
      const begin = (yield* lan.journal).events.find(({ text }) => text.startsWith("link grace"))!
      assert.isTrue((yield* drops(lan))[0]?.causes.includes(begin.seq))
    })
  )

  simulated(
    "of multicast is no cause of what befalls unicast",
    Effect.gen(function*() {
      const { ada, lan } = yield* trio()
      yield* lan.setLoss(1)
      yield* lan.faults.link({}, { multicast: { loss: 1 } })
      for (const to of ["10.11.0.2:9778", "239.1.1.1:9778"]) yield* ada.send("lost", to)
      yield* Effect.sleep("10 millis")

      const begin = (yield* lan.journal).events.find(({ text }) => text.startsWith("link"))!
      const blamed = (yield* drops(lan)).map(({ causes }) => causes.includes(begin.seq))
      assert.deepStrictEqual(blamed, [false, true, true])
    })
  )

  simulated(
    "of two changes at once the later one holds, until it ends",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* lan.faults.link({}, { loss: 1 })
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.link({ to: "grace" }, { loss: 0 })
        assert.deepStrictEqual(yield* tell("one"), [["one"], []])
      }))

      assert.deepStrictEqual(yield* tell("two"), [[], []])
    })
  )
})

describe("healAll", () => {
  simulated(
    "ends all that is at work, and their scopes end nothing again",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.partition([["ada"], ["grace"]])
        yield* lan.faults.link({ to: "edith" }, { loss: 1 })
        yield* lan.faults.hold()
        yield* lan.faults.firewall("grace", { in: "drop" })
        yield* lan.faults.apply({ _tag: "InterfaceDown", host: "edith", interface: "eth0" })
        assert.deepStrictEqual(yield* tell("one"), [[], []])
        yield* lan.faults.healAll
        assert.deepStrictEqual(yield* tell("two"), [["two"], ["two"]])
      }))

      assert.deepStrictEqual(yield* tell("three"), [["three"], ["three"]])
      const texts = (yield* lan.journal).events.flatMap(({ kind, text }) => kind === "fault" ? [text] : [])
      assert.strictEqual(texts.at(-1), "heal all")
    })
  )
})

describe("apply and play", () => {
  const schedule: ReadonlyArray<Fault.FaultEvent> = [
    { _tag: "Loss", at: 1000, for: 1000, probability: 1 },
    { _tag: "Cut", at: 3000, for: 1000, from: "ada", to: "grace" },
    { _tag: "CarrierLoss", at: 5000, for: 1000, host: "edith", interface: "eth0" }
  ]

  simulated(
    "a schedule puts each fault to work at its time, for its time",
    Effect.gen(function*() {
      const { ada, edith, grace, lan } = yield* trio()
      const beacons = Effect.gen(function*() {
        for (let i = 0; i < 8; i++) {
          yield* Effect.sleep("500 millis")
          yield* ada.send(`${i}`, `${group}:9778`)
          yield* Effect.sleep("500 millis")
        }
      })
      yield* Effect.all([beacons, lan.faults.play(schedule)], { concurrency: 2 })

      assert.deepStrictEqual(yield* grace.received, ["0", "2", "4", "5", "6", "7"])
      assert.deepStrictEqual(yield* edith.received, ["0", "2", "3", "4", "6", "7"])
    })
  )

  simulated(
    "an applied fault ends after its time, or with its scope",
    Effect.gen(function*() {
      const { lan, tell } = yield* trio()
      yield* lan.faults.apply({ _tag: "Loss", probability: 1, for: 50 })
      assert.deepStrictEqual(yield* tell("one"), [[], []])
      yield* Effect.sleep("50 millis")
      assert.deepStrictEqual(yield* tell("two"), [["two"], ["two"]])
      yield* Effect.scoped(lan.faults.apply({ _tag: "Loss", probability: 1, for: 50_000 }))

      assert.deepStrictEqual(yield* tell("three"), [["three"], ["three"]])
    })
  )

  const all: { readonly [Kind in Fault.Kind]: Extract<Fault.FaultEvent, { readonly _tag: Kind }> } = {
    Partition: { _tag: "Partition", groups: [["ada"], ["grace"]] },
    Cut: { _tag: "Cut", from: "ada", to: "grace" },
    Link: { _tag: "Link", host: "ada", link: { mtu: 600 } },
    Loss: { _tag: "Loss", from: "ada", probability: 0.5 },
    Duplicate: { _tag: "Duplicate", probability: 0.5 },
    Reorder: { _tag: "Reorder", probability: 0.5, gap: 2 },
    Corrupt: { _tag: "Corrupt", probability: 0.5, mode: "deliver" },
    Hold: { _tag: "Hold", match: { isMulticast: true }, order: "random" },
    Replay: { _tag: "Replay", match: { group, port: 9778 }, delay: 100 },
    Snooping: { _tag: "Snooping", segment: "lan", after: 1000 },
    DuplicateAddress: { _tag: "DuplicateAddress", owner: "ada", thief: "grace" },
    Firewall: { _tag: "Firewall", host: "grace", in: "drop" },
    Errno: { _tag: "Errno", host: "grace", operation: "send", code: "ENOBUFS", times: 1 },
    InterfaceDown: { _tag: "InterfaceDown", host: "grace", interface: "eth0" },
    CarrierLoss: { _tag: "CarrierLoss", host: "grace", interface: "eth0" },
    AddressChange: { _tag: "AddressChange", host: "grace", interface: "eth0", address: "10.11.0.77" },
    Crash: { _tag: "Crash", host: "grace" },
    Restart: { _tag: "Restart", host: "grace" },
    Pause: { _tag: "Pause", host: "grace", duration: 100, mode: "gc" },
    ClockSkew: { _tag: "ClockSkew", host: "grace", offset: -500 },
    ClockDrift: { _tag: "ClockDrift", host: "grace", ppm: 50 },
    ClockJump: { _tag: "ClockJump", host: "grace", by: 1000 }
  }

  it("every kind can be stored", () => {
    assert.deepStrictEqual(Fault.kinds.toSorted(), Object.keys(all).toSorted())
    for (const fault of Object.values(all)) {
      const stored = JSON.parse(JSON.stringify(Schema.encodeSync(Fault.FaultEvent)(fault)))
      assert.deepStrictEqual(Schema.decodeUnknownSync(Fault.FaultEvent)(stored), fault)
    }
  })

  for (const fault of Object.values(all)) {
    simulated(
      `${fault._tag} begins and ends, and leaves the network as it was`,
      Effect.gen(function*() {
        const { ada, edith, lan, tell } = yield* trio()
        yield* Effect.scoped(Effect.gen(function*() {
          yield* lan.faults.apply({ ...fault, for: 300 })
          yield* tell("one", "two", "three")
          yield* Effect.sleep("1 second")
          yield* tell("gone")
        }))
        yield* edith.received
        const kinds = (yield* lan.journal).events.flatMap(({ kind, text }) => kind === "fault" ? [text] : [])
        yield* ada.send("last", "10.11.0.3:9778")
        yield* Effect.sleep("1 second")

        assert.strictEqual(kinds.length, 2, kinds.join(", "))
        assert.match(kinds[1]!, / ends$/)
        assert.deepStrictEqual((yield* edith.received).filter((text) => text === "last"), ["last"])
      })
    )
  }
})

describe("what does not exist", () => {
  const messageOf = <A, R>(self: Effect.Effect<A, SimulatedNetworkError.SimulatedNetworkError, R>) =>
    Effect.map(Effect.flip(Effect.asVoid(self)), (error) => error.message)

  simulated(
    "fails with its name",
    Effect.gen(function*() {
      const { lan: { faults } } = yield* trio()
      const unknown = [
        faults.partition([["ada"], ["nobody"]]),
        faults.cut({ from: "nobody", to: "ada" }),
        faults.link({ host: "nobody" }, {}),
        faults.hold({ from: "nobody" }),
        faults.release({ to: "nobody" }),
        faults.replay({ match: { to: "nobody" }, delay: 1 }),
        faults.duplicateAddress("ada", "nobody"),
        faults.firewall("nobody", {}),
        faults.failNext("nobody", "send", "EPERM"),
        faults.apply({ _tag: "Crash", host: "nobody" })
      ]
      for (const fault of unknown) assert.include(yield* messageOf(fault), "no host \"nobody\"")

      assert.deepStrictEqual([
        yield* messageOf(faults.snooping({ segment: "wan" })),
        yield* messageOf(faults.link({}, { loss: 2 })),
        yield* messageOf(faults.replay({ delay: "-1 millis" })),
        yield* messageOf(faults.hold({}, { limit: 0 })),
        yield* messageOf(faults.duplicateAddress("ada", "ada")),
        yield* messageOf(faults.apply({ _tag: "Loss", probability: 0, for: -1 })),
        yield* messageOf(faults.firewall("ada", { in: "drop", port: 70_000 })),
        yield* messageOf(faults.replay({ delay: NaN }))
      ], [
        "segment is one of those that the network has (lan), not \"wan\"",
        "loss is a probability from 0 to 1, not 2",
        "delay is a finite duration from 0, not \"-1 millis\"",
        "limit is a whole number from 1, not 0",
        "thief is another host with an IPv4 address on a segment of ada, not ada",
        "for is a finite duration from 0, not -1",
        "port is a port from 1 to 65535, not 70000",
        "delay is a finite duration from 0, not NaN"
      ])
    })
  )

  simulated(
    "say so when data is no fault at all",
    Effect.gen(function*() {
      const { faults } = (yield* trio()).lan
      const stored: ReadonlyArray<never> = JSON.parse(
        "[null, {\"_tag\":\"Quake\"}, {\"_tag\":\"Cut\",\"from\":\"ada\"}]"
      )

      for (const fault of stored) {
        assert.match(yield* messageOf(faults.apply(fault)), /^fault is a Fault\.FaultEvent \(.+\), not /)
        assert.match(yield* messageOf(faults.play([fault])), /^fault is a Fault\.FaultEvent \(.+\), not /)
      }
      assert.match(
        yield* messageOf(faults.failNext("ada", "send", "EWHATEVER" as never)),
        /^code is one of EACCES, .+, not "EWHATEVER"$/
      )
      assert.match(
        yield* messageOf(faults.failNext("ada", "listen" as never, "EPERM")),
        /^operation is one of bind, connect, join, send, not "listen"$/
      )
    })
  )
})
