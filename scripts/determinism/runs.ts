/**
 * Child of `scripts/determinism.ts`: runs a LAN under faults for so many seeds, twice each in every order, and prints what happened as a
 * hash, a line a run.
 */
import { Announcement, Discovery } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation, Swarm, Topology } from "@effect-discovery/testing"
import { Effect, Random } from "effect"

const seeds = Array.from({ length: Number(process.argv[2]) }, (_, at) => at)

const sources = [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()]

const participant = (name: string) =>
  Discovery.advertise(Announcement.make({ name: `${name}@lan`, identity: name, port: 22_000 })).pipe(
    Effect.andThen(Effect.never),
    Effect.scoped,
    Effect.provide(Discovery.layer({ sources }))
  )

const topology = Topology.lan(5, { ipv6: "fd11::/64", link: { latency: 1, jitter: 3, loss: 0.05, duplicate: 0.01 } })

const program = Effect.gen(function*() {
  const seed = yield* Random.nextInt
  const lan = yield* SimulatedNetwork.make({ topology, seed })
  for (const host of yield* lan.hosts) yield* host.start(participant(host.name))
  yield* Effect.forkScoped(lan.faults.play(Swarm.generate(Swarm.all, topology, "20 seconds", seed)))
  yield* Effect.sleep("40 seconds")
})

const replayed = await Effect.runPromise(
  Simulation.checkDeterminism(program, { seeds, preemption: 0.01, outside: "fail" })
)
for (const { hash, order, seed } of replayed) console.log(`seed ${seed} ${order} ${hash}`)
