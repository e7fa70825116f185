/**
 * Programs that publish, update and withdraw services by mDNS, one deed a second, for as long as it is told to, while there are floods, datagrams
 * are late, doubled and out of order, and programs stand still for a moment. It fails unless each sees all that the others do and nothing else,
 * and none of them grows in the second half of the time. All are on the loopback interface of a network namespace, which nothing leaves.
 *
 * `node scripts/soak.ts [--for 30m] [--programs 10] [--seed 1]`, as root
 */
import { Console, Duration, Effect, Option } from "effect"
import { parseArgs } from "node:util"
import * as Period from "../packages/node/src/internal/cli/Period.ts"
import * as Namespace from "../packages/node/test/lan/Namespace.ts"
import * as Churn from "./soak/Churn.ts"
import * as Program from "./soak/Program.ts"
import * as Trouble from "./soak/Trouble.ts"
import * as Verdict from "./soak/Verdict.ts"

const { values } = parseArgs({
  options: {
    for: { type: "string", default: "30m" },
    programs: { type: "string", default: "10" },
    seed: { type: "string", default: "1" }
  }
})
const count = Number(values.programs)
const seed = Number(values.seed)
const seconds = Option.match(Period.parse(values.for), {
  onNone: () => NaN,
  onSome: (period) => Math.round(Duration.toSeconds(period))
})
const type = "_soak._tcp"

const loopback = (namespace: string): string => `
  ip netns add ${namespace}
  ip -n ${namespace} link set lo up multicast on
  ip -n ${namespace} route add 224.0.0.0/4 dev lo`

const carryOut = (programs: ReadonlyArray<Program.Program>, { do: kind, name, owner, version }: Churn.Deed): void => {
  const txt = { version: String(version) }
  const { order } = programs[owner]!
  if (kind === "publish") order({ do: "publish", name, type, port: 1_000 + owner, txt })
  if (kind === "update") order({ do: "update", name, txt })
  if (kind === "withdraw") order({ do: "withdraw", name })
}

interface Outcome {
  readonly deeds: number
  readonly missed: ReadonlyArray<string>
  readonly untrue: ReadonlyArray<string>
}

/** One deed a second; each is judged when everyone has had time to see it. */
const play = Effect.fnUntraced(function*(
  programs: ReadonlyArray<Program.Program>,
  disturb: (trouble: Trouble.Trouble) => void
) {
  const churn = Churn.make(seed, count)
  const untrue: Array<string> = []
  const listen = (now: number) =>
    programs.forEach(({ told }, at) => {
      for (const each of told()) {
        if (Churn.isFalse(churn, each, now)) untrue.push(`program ${at} was told of ${each.name}: ${each.tell}`)
      }
    })
  const due: Array<{ readonly deed: Churn.Deed; readonly at: number }> = []
  const missed: Array<string> = []
  const judge = (now: number) => {
    while (due.length > 0 && due[0]!.at <= now) {
      const { deed } = due.shift()!
      const blind = Churn.missed(deed, programs.map(({ view }) => view))
      for (const at of blind) missed.push(`program ${at} has not seen ${deed.do} ${deed.name} of program ${deed.owner}`)
    }
  }
  const start = performance.now()
  for (let now = 0; now < seconds + Churn.patience; now++) {
    judge(now)
    listen(now)
    if (now < seconds) Trouble.at(seed, now, count).forEach(disturb)
    if (now < seconds) {
      const deed = Churn.next(churn, now)
      due.push({ deed, at: now + Churn.patience - 1 })
      carryOut(programs, deed)
    }
    if (now % 10 === 9) programs.forEach(({ order }) => order({ do: "measure" }))
    if (now % 60 === 59) {
      yield* Console.log(
        `${
          (now + 1) / 60
        } min: ${churn.published} published, ${churn.services.size} now, ${missed.length} missed, ${untrue.length} false`
      )
    }
    yield* Effect.sleep(Math.max(0, start + (now + 1) * 1_000 - performance.now()))
  }
  return { deeds: seconds, missed, untrue } satisfies Outcome
})

const kibibytes = (octets: number): string => `${(octets / 1_024).toFixed(1)} KiB`

const line = ({ files, first, growth, last, problems, resources }: Verdict.Verdict, at: number): string =>
  `program ${at}: heap ${kibibytes(first)} to ${kibibytes(last)}, ${kibibytes(growth)} a minute; ` +
  `handles ${resources.join(", then ")}; files ${files.join(", then ")}${problems.map((text) => `; ${text}`).join("")}`

const soak = Effect.gen(function*() {
  const namespace = `${yield* Namespace.names}-0`
  yield* Effect.sync(() => Namespace.sh(loopback(namespace)))
  const programs = yield* Effect.forEach(
    Array.from({ length: count }, (_, at) => at),
    (at) => Program.start(namespace, `soak-${at}`),
    { concurrency: 2 }
  )
  programs.forEach(({ order }) => order({ do: "browse", type }))
  yield* Console.log(`${count} programs for ${seconds / 60} minutes, seed ${values.seed}`)
  const canImpair = Trouble.canImpair(namespace)
  if (!canImpair) yield* Console.log("no datagram is late, doubled or out of order: this system has no netem")
  const flooder = yield* Trouble.flooder(namespace)
  const signal = (at: number, name: NodeJS.Signals) => programs[at]!.signal(name)
  const { deeds, missed, untrue } = yield* play(
    programs,
    (trouble) => {
      if (canImpair || (trouble.do !== "impair" && trouble.do !== "mend")) {
        Trouble.perform(namespace, flooder, signal, trouble)
      }
    }
  )
  const verdicts = programs.map(({ measurements }) => Verdict.judge(measurements))
  yield* Effect.forEach(verdicts, (verdict, at) => Console.log(line(verdict, at)), { discard: true })
  yield* Effect.forEach([...missed.slice(0, 20), ...untrue.slice(0, 20)], (text) => Console.error(text), {
    discard: true
  })
  const renames = programs.reduce((sum, program) => sum + program.renames(), 0)
  const problems = verdicts.flatMap(({ problems }) => problems)
  yield* Console.log(
    `${deeds} deeds, each to be seen by ${
      count - 1
    } programs: ${missed.length} missed, ${untrue.length} false events, ` +
      `${renames} renames, ${problems.length} problems`
  )
  yield* Effect.sync(() =>
    void (process.exitCode = missed.length + untrue.length + renames + problems.length === 0 ? 0 : 1)
  )
})

const misuse = Number.isNaN(seconds)
  ? `${values.for} is no time: 60m is one`
  : !Number.isInteger(count) || count < 2
  ? `${values.programs} is no number of programs, of which it takes two`
  : !Number.isSafeInteger(seed)
  ? `${values.seed} is no seed: 7 is one`
  : undefined
if (misuse !== undefined) {
  console.error(misuse)
  process.exitCode = 2
} else if (Namespace.unavailable === undefined) await Effect.runPromise(Effect.scoped(soak))
else console.error(`cannot run, since ${Namespace.unavailable}`)
