import type { Network } from "@effect-discovery/core"
import {
  DiscoveryProperties,
  type Faults,
  Journal,
  Link,
  type NetworkEvent,
  Property,
  type PropertyFailed,
  type PropertyState,
  type SimulatedHost,
  SimulatedNetwork,
  type SimulatedNetworkError,
  Simulation,
  type SimulationError,
  SimulationTest,
  Topology
} from "@effect-discovery/testing"
import { Context, Effect, FileSystem, Layer, type Scope, Stream } from "effect"
import { describe, expect, test } from "tstyche"

class Database extends Context.Service<Database, { readonly members: ReadonlyArray<string> }>()("Database") {}

declare const lan: SimulatedNetwork.SimulatedNetwork
declare const host: SimulatedHost.SimulatedHost
declare const program: Effect.Effect<number, "no", Network.Network | Database | Scope.Scope>

describe("SimulatedNetwork", () => {
  test("make fails with what is wrong with an option or a topology, and lives in a scope", () => {
    expect(SimulatedNetwork.make({ topology: Topology.lan(3), seed: 7 })).type.toBe<
      Effect.Effect<SimulatedNetwork.SimulatedNetwork, SimulatedNetworkError.SimulatedNetworkError, Scope.Scope>
    >()
    expect(SimulatedNetwork.layer()).type.toBe<
      Layer.Layer<SimulatedNetwork.SimulatedNetwork, SimulatedNetworkError.SimulatedNetworkError>
    >()
  })

  test("an option that does not exist is refused", () => {
    expect(SimulatedNetwork.make).type.not.toBeCallableWith({ lose: 0.5 })
    expect(SimulatedNetwork.make).type.not.toBeCallableWith({ link: { lose: 0.5 } })
    expect(SimulatedNetwork.make).type.not.toBeCallableWith({ link: { bandwidth: "20 Mbit", queue: "much" } })
  })

  test("a fault is scoped, and what is no fault is refused", () => {
    expect(lan.faults.partition([["ada"], ["grace"]])).type.toBe<Faults.Scoped>()
    expect(lan.faults.apply).type.toBeCallableWith({ _tag: "Crash", at: 0, for: 1000, host: "ada" })
    expect(lan.faults.apply).type.not.toBeCallableWith({ _tag: "Explosion", host: "ada" })
    expect(lan.faults.failNext).type.not.toBeCallableWith("ada", "send", "EWHATEVER")
  })

  test("an event narrows by its kind", () => {
    void Stream.runForEach(lan.events, (event) => {
      if (event.kind === "drop") expect(event.reason).type.toBe<NetworkEvent.DropReason>()
      return Effect.void
    })
    expect(Effect.map(lan.journal, Journal.hash)).type.toBe<Effect.Effect<string>>()
  })
})

describe("SimulatedHost", () => {
  test("run gives the network, and leaves what else is needed", () => {
    expect(host.run(program)).type.toBe<Effect.Effect<number, "no", Database | Scope.Scope>>()
  })

  test("start gives the network and a scope, and tells of no end", () => {
    expect(host.start(program)).type.toBe<Effect.Effect<void, never, Database>>()
  })

  test("its layer takes the place of the real one", () => {
    expect(host.layer).type.toBe<Layer.Layer<Network.Network>>()
  })
})

describe("Simulation", () => {
  test("run gives a scope and adds its own errors", () => {
    expect(Simulation.run(program, { seed: 7 })).type.toBe<
      Effect.Effect<number, "no" | SimulationError.SimulationError, Network.Network | Database>
    >()
  })

  test("checkDeterminism fails only where runs differ", () => {
    expect(Simulation.checkDeterminism(program)).type.toBe<
      Effect.Effect<ReadonlyArray<Simulation.Replayed>, SimulationError.SimulationError, Network.Network | Database>
    >()
    expect(Simulation.checkDeterminism).type.not.toBeCallableWith(program, { seed: 7 })
  })
})

describe("Property", () => {
  const workload = ({ name }: PropertyState.Participant) =>
    Effect.map(Effect.andThen(Database, program), (count) => Effect.succeed({ name, count }))

  test("predicates see the view that the workload shows", () => {
    const checked = Property.check({
      workload,
      always: {
        counts: ({ hosts }) => {
          expect(hosts[0]!.view).type.toBe<{ name: string; count: number } | undefined>()
          return true
        }
      },
      eventually: {
        counts: { check: ({ hosts }) => hosts.every(({ view }) => view?.count === 3), within: "3 seconds" }
      }
    })
    expect(checked).type.toBe<Effect.Effect<Property.Campaign, PropertyFailed.PropertyFailed, Database>>()
  })

  test("what is part of the topology is refused as an option of the network", () => {
    const check = Property.check<void, never, never>
    const idle = () => Effect.succeed(Effect.void)
    expect(check).type.toBeCallableWith({ workload: idle, network: { link: Link.wifi, history: 1000 } })
    expect(check).type.not.toBeCallableWith({ workload: idle, network: { ipv6: "fd11::/64" } })
    expect(check).type.not.toBeCallableWith({ workload: idle, network: { seed: 7 } })
  })

  test("what is ready made for discovery fits", () => {
    expect(Property.check({
      workload: DiscoveryProperties.workload({ sources: () => [] }),
      always: DiscoveryProperties.always,
      eventually: { allSeeAll: DiscoveryProperties.allSeeAll("60 seconds") },
      history: { explained: DiscoveryProperties.explained }
    })).type.toBe<Effect.Effect<Property.Campaign, PropertyFailed.PropertyFailed>>()
  })
})

describe("SimulationTest", () => {
  const vitest = Object.assign((_name: string, _test: () => Promise<void>, _timeout?: number) => {}, { skip: true })
  const it = SimulationTest.extend(vitest)

  test("adds to the test function what it had not", () => {
    expect(it.skip).type.toBe<boolean>()
    expect(it).type.toBeCallableWith("plain", async () => {})
  })

  test("the view is inferred", () => {
    it.simulation("counts", {
      workload: () => Effect.succeed(Effect.succeed({ count: 3 })),
      always: {
        counts: ({ hosts }) => {
          expect(hosts[0]!.view).type.toBe<{ count: number } | undefined>()
          return true
        }
      }
    })
  })

  test("a workload may need the host's network and a scope, and what the layer has", () => {
    const workload = () => Effect.as(program, Effect.void)
    const database = Layer.succeed(Database, { members: [] })

    expect(it.simulation).type.toBeCallableWith("refused", { workload: () => Effect.as(Effect.scope, Effect.void) })
    expect(it.simulation).type.not.toBeCallableWith("refused", { workload })
    expect(SimulationTest.extend(vitest, database).simulation).type.toBeCallableWith("taken", { workload })
    expect(SimulationTest.extend(vitest, FileSystem.layerNoop({})).simulation).type.not.toBeCallableWith("refused", {
      workload
    })
  })
})
