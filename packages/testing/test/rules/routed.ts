import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"

/** A rule on a network of a topology; the number is that of the UDP semantics. */
export const rule = <E>(
  name: string,
  topology: Topology.Input,
  test: (network: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<void, E, Scope.Scope>
): void => {
  const program = Effect.flatMap(SimulatedNetwork.make({ topology: Topology.make(topology), seed: 1 }), test)
  it.effect(name, () => Simulation.run(program))
}

export const a = Topology.segment("a", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64" })
export const b = Topology.segment("b", { ipv4: "10.22.0.0/24", ipv6: "fd22::/64" })
export const c = Topology.segment("c", { ipv4: "10.33.0.0/24" })

/** H1 on two segments, H2 and H3 on the first, H4 on the second: the bed on which the rules were found. */
export const bed: Topology.Input = {
  segments: [a, b],
  hosts: [
    { name: "h1", interfaces: { eth0: { on: a }, eth1: { on: b } }, defaultRoute: false },
    { name: "h2", interfaces: { eth0: { on: a } }, defaultRoute: false },
    { name: "h3", interfaces: { eth0: { on: a } }, defaultRoute: false },
    { name: "h4", interfaces: { eth0: { on: b } }, defaultRoute: false }
  ]
}

/** Longer than anything takes here. */
export const arrival = Effect.sleep("100 millis")

/** What became of the last datagram that was sent, a line each. */
export const fate = (network: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(
    network.frames,
    (frames) =>
      frames.at(-1)!.outcomes.map((outcome) =>
        `${outcome.at ?? "-"} ${outcome._tag === "Delivered" ? "delivered" : outcome.reason}`
      )
  )
