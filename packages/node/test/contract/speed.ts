import { Fuzz, Simulation } from "@effect-discovery/testing"
import { Effect } from "effect"
import * as LoopbackBed from "./LoopbackBed.ts"
import * as NamespaceBed from "./NamespaceBed.ts"
import * as SimulatedBed from "./SimulatedBed.ts"
const n = Number(process.argv[2] ?? 500)
await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  for (const place of ["loopback", "lan"] as const) {
    const ps = Array.from({ length: n }, (_, i) => Fuzz.generate(i, place))
    let t = performance.now()
    for (const p of ps) {
      yield* Simulation.run(Effect.flatMap(SimulatedBed.make(p.seed), (bed) => Fuzz.run(p, bed)), { seed: p.seed })
    }
    console.log(place, "sim", (performance.now() - t) / n)
    t = performance.now()
    const bed = yield* (place === "loopback"
      ? LoopbackBed.make
      : NamespaceBed.make({ hosts: ["h1", "h2", "h3", "h4"], isAcquainted: true }))
    t = performance.now()
    for (const p of ps) {
      yield* Fuzz.run(p, bed)
    }
    console.log(place, "real", (performance.now() - t) / n)
  }
})))
