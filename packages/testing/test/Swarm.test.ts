import { Fault, Swarm, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const topology = Topology.lan(4)
const draw = (swarm: Swarm.Swarm, seed: number) => Swarm.generate(swarm, topology, "20 seconds", seed)
const seeds = Array.from({ length: 500 }, (_, seed) => seed)

describe("generate", () => {
  it("the same seed gives the same faults, another gives others", () => {
    assert.deepStrictEqual(draw(Swarm.all, 7), draw(Swarm.all, 7))
    assert.notDeepEqual(draw(Swarm.all, 7), draw(Swarm.all, 8))
  })

  it("all kinds occur, each in some runs and not in others, and within the time", () => {
    const runs = seeds.map((seed) => draw(Swarm.all, seed))
    for (const kind of Fault.kinds) {
      const having = runs.filter((faults) => faults.some(({ _tag }) => _tag === kind)).length
      assert.isTrue(having > 10 && having < 250, `${kind} ${having}`)
    }
    for (const { at = 0, for: time = 0 } of runs.flat()) assert.isTrue(at >= 0 && at < 20_000 && at + time <= 20_000)
  })

  it("what it draws can be stored", () => {
    const encode = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(Fault.FaultEvent)))
    const decode = Schema.decodeSync(Schema.fromJsonString(Schema.toCodecJson(Fault.FaultEvent)))
    for (const fault of seeds.flatMap((seed) => draw(Swarm.all, seed))) {
      assert.deepStrictEqual(decode(encode(fault)), fault)
    }
  })

  it("has the kinds it is told to, and no more faults", () => {
    const faults = seeds.map((seed) => draw(Swarm.make({ kinds: ["Crash", "Cut"], share: 1, atMost: 3 }), seed))

    assert.isTrue(faults.every((faults) => faults.length >= 1 && faults.length <= 3))
    assert.deepStrictEqual(new Set(faults.flat().map(({ _tag }) => _tag)), new Set(["Crash", "Cut"]))
    assert.deepStrictEqual(draw(Swarm.none, 7), [])
  })

  it("a host without interfaces loses none", () => {
    const attic = Topology.segment("attic")
    const host = (name: string, on: Topology.Host["interfaces"]) => ({ name, interfaces: on })
    const hosts = [host("alone", {}), host("ada", { eth0: { on: attic.name } })]
    const swarm = Swarm.only(["AddressChange", "CarrierLoss", "InterfaceDown"])
    const faults = (hosts: ReadonlyArray<Topology.HostInput>) =>
      seeds.flatMap((seed) => Swarm.generate(swarm, Topology.make({ segments: [attic], hosts }), "1 second", seed))

    assert.isTrue(faults(hosts).length > 0 && faults(hosts).every((fault) => "host" in fault && fault.host === "ada"))
    assert.deepStrictEqual(faults(hosts.slice(0, 1)), [])
  })

  it("a network of one host has the faults that one host can have", () => {
    const faults = seeds.flatMap((seed) => Swarm.generate(Swarm.all, Topology.lan(1), "1 second", seed))

    assert.isFalse(faults.some(({ _tag }) => _tag === "Partition" || _tag === "Cut" || _tag === "DuplicateAddress"))
    assert.deepStrictEqual(Swarm.generate(Swarm.all, Topology.lan(0), "1 second", 7), [])
  })
})
