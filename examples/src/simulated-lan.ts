/**
 * A whole LAN in memory, in virtual time and from a seed: nodes find each other although a fifth of the datagrams is lost, lose each
 * other when the LAN is partitioned, and find each other again when it heals. A second run from the seed gives the same log.
 */
import { Announcement, Discovery } from "@effect-discovery/core"
import { Peerage } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer } from "effect"

/** Starts a node on a host of the LAN: the same program as on a real network, down to its sockets. */
const join = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, name: string) {
  const live = Discovery.layer({ sources: [Peerage.source()] }).pipe(Layer.provide(lan.host(name).layer))
  const node = Context.get(yield* Layer.build(live), Discovery.Discovery)
  yield* node.advertise(Announcement.make({ name: `${name}@lan` }))
  return node
})

const namesOf = ({ peers }: Discovery.Discovery["Service"]) =>
  Effect.map(peers, (peers) => peers.map(({ name }) => name.replace("@lan", "")).toSorted().join(" "))

const scenario = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "5 millis", jitter: "20 millis", loss: 0.2 })
  const nodes = [yield* join(lan, "ada"), yield* join(lan, "grace"), yield* join(lan, "mary")]
  const known = Effect.map(Effect.forEach(nodes, namesOf), (names) => names.join(" | "))

  yield* Effect.sleep("1 minute")
  const before = yield* known
  // a partition lasts until its scope closes; what was heard before it holds for 21 s
  const during = yield* Effect.scoped(
    lan.partition([["ada"], ["grace", "mary"]]).pipe(Effect.andThen(Effect.sleep("1 minute")), Effect.andThen(known))
  )
  yield* Effect.sleep("1 minute")
  return { known: [before, during, yield* known], log: yield* lan.log, frames: yield* lan.frames }
})

const expected = ["grace mary | ada mary | ada grace", " | mary | grace", "grace mary | ada mary | ada grace"]

const program = Effect.gen(function*() {
  const first = yield* Simulation.run(scenario, { seed: 7 })
  const second = yield* Simulation.run(scenario, { seed: 7 })
  const lost = first.frames.flatMap(({ outcomes }) => outcomes)
    .filter((outcome) => outcome._tag === "Dropped" && outcome.reason === "loss")
  yield* Console.log(`before, during and after the partition, ada | grace | mary knew:\n${first.known.join("\n")}`)
  yield* Console.log(`${first.frames.length} datagrams in 3 minutes, ${lost.length} copies lost on their way`)

  if (first.known.join("\n") !== expected.join("\n")) return yield* Effect.fail("they did not find each other")
  if (first.log !== second.log) return yield* Effect.fail("the second run from the seed went differently")
})

NodeRuntime.runMain(program)
