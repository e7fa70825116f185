/**
 * Runs random socket programs on the simulated network and on real ones, and tells where they differ.
 *
 * `pnpm contract:fuzz --loopback 1000 --namespaces 100 --seed 7`: so many programs; `--most 10` differences end it.
 */
import { Effect } from "effect"
import { parseArgs } from "node:util"
import * as Namespace from "../lan/Namespace.ts"
import * as Campaign from "./Campaign.ts"
import * as LoopbackBed from "./LoopbackBed.ts"
import * as NamespaceBed from "./NamespaceBed.ts"

const { values } = parseArgs({
  options: {
    loopback: { type: "string", default: "0" },
    namespaces: { type: "string", default: "0" },
    seed: { type: "string" },
    most: { type: "string", default: "10" }
  }
})

const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const mostDifferences = Number(values.most)

const campaign = (name: string, programs: number, report: Effect.Effect<Campaign.Report>) =>
  Effect.gen(function*() {
    if (programs === 0) return true
    const [duration, result] = yield* Effect.timed(report)
    console.log(`${name}, seed ${seed}, ${String(duration)}: ${Campaign.format(result)}`)
    return result.differences.length === 0
  })

const loopback = Number(values.loopback)
const namespaces = Number(values.namespaces)

if (![loopback, namespaces, seed, mostDifferences].every(Number.isSafeInteger) || loopback + namespaces <= 0) {
  console.error(
    "usage: pnpm contract:fuzz [--loopback programs] [--namespaces programs] [--seed n] [--most differences]"
  )
  process.exit(2)
}

const program = Effect.gen(function*() {
  const isSame = yield* campaign(
    "loopback",
    loopback,
    Effect.scoped(
      Effect.flatMap(
        LoopbackBed.make,
        (bed) => Campaign.run(bed, { seed, programs: loopback, place: "loopback", mostDifferences })
      )
    )
  )
  if (namespaces > 0 && Namespace.unavailable !== undefined) {
    console.warn(`no namespaces, since ${Namespace.unavailable}`)
    return isSame
  }
  const isSameOnLan = yield* campaign(
    "namespaces",
    namespaces,
    Effect.scoped(
      Effect.flatMap(
        NamespaceBed.make({ hosts: ["h1", "h2", "h3", "h4"], isAcquainted: true }),
        (bed) => Campaign.run(bed, { seed, programs: namespaces, place: "lan", mostDifferences })
      )
    )
  )
  return isSame && isSameOnLan
})

process.exitCode = await Effect.runPromise(program) ? 0 : 1
