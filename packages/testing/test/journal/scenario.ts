import { type Journal, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { Effect } from "effect"
import { open } from "../endpoint.ts"

export const group = "239.1.1.1"

/** Three hosts in a group: ada is heard by all, then not by grace, then by all again. */
export const partitioned = (options: SimulatedNetwork.Options = {}) =>
  Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make(options)
    const hosts = ["ada", "grace", "mary"]
    const [ada] = yield* Effect.forEach(hosts, (name) => open(lan.host(name), { port: 9778, join: [group] }))
    const say = (text: string) => Effect.andThen(ada!.send(text, `${group}:9778`), Effect.sleep("1 second"))
    yield* say("one")
    yield* lan.mark("apart")
    yield* Effect.scoped(Effect.andThen(lan.partition([["ada", "mary"], ["grace"]]), say("two")))
    yield* say("three")
    return yield* lan.journal
  })

export const journalOf = (seed = 7, options?: SimulatedNetwork.Options) =>
  Effect.orDie(Simulation.run(partitioned(options), { seed }))

export const kindsOf = (journal: Journal.Journal) => journal.events.map(({ kind }) => kind)
