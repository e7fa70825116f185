/**
 * The group that measures what forged signatures cost, and what is heard in spite of them.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Rows from "../harness/Rows.ts"
import type * as Forged from "../memory/forged.ts"

/**
 * 10,000 forged announcements a second, on the trusted peers' own link. What the signatures cost is what they cost more than datagrams that
 * are refused by their header. Those in the names of trusted keys delay these, since nothing but verifying tells them apart.
 */
export const signed: Group.Group = {
  name: "signed",
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Rounds.run(
        Math.min(5, plan.rounds),
        kinds.map((name) => ({ name, measure: measure({ forged: name, milliseconds: plan.pacedWindow }) })),
        (name, round) => plan.onMeasured(`signed ${name} ${round}`)
      ),
      (outcomes) => ({ rows: [...shares(outcomes), ...delays(outcomes)] })
    )
}

const kinds = ["nothing", "another realm", "strangers", "trusted keys"] as const

type Outcomes = ReadonlyMap<string, Rounds.Outcome<Forged.Sample>>

const measure = (options: Parameters<Forged.Api["measure"]>[0]) =>
  Effect.scoped(
    Effect.flatMap(
      Child.start<Forged.Api>(new URL("../memory/forged.ts", import.meta.url)),
      (child) => child.ask("measure", options)
    )
  )

const over = (outcomes: Outcomes, name: string, against: string, target?: Row.Target): Row.Row => {
  const [one, other] = [outcomes.get(name)!, outcomes.get(against)!]
  const title = `${name} over ${against}`
  if (one._tag === "Failed") return Row.skipped("signed", title, one.reason)
  if (other._tag === "Failed") return Row.skipped("signed", title, other.reason)
  const values = one.samples.map(({ share }, round) => share - other.samples[round]!.share)
  return Row.measured({ group: "signed", name: title, unit: "% of a core", values, target })
}

const shares = (outcomes: Outcomes): ReadonlyArray<Row.Row> => [
  over(outcomes, "another realm", "nothing"),
  over(outcomes, "strangers", "another realm", Row.atMost(5)),
  over(outcomes, "trusted keys", "another realm", Row.atMost(5))
]

const delays = (outcomes: Outcomes): ReadonlyArray<Row.Row> =>
  kinds.map((name) => {
    const row = Rows.of("signed", outcomes, {
      name,
      unit: "intervals",
      value: ({ announcements }) => announcements,
      target: name === "trusted keys" ? undefined : Row.atMost(3)
    })
    return { ...row, name: `${name}, trusted peers seen` }
  })
