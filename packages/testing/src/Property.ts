/**
 * Properties of programs on a network, judged in hundreds of runs, each with other faults; one that fails is shrunk to what is needed for it.
 *
 * **Details**
 *
 * A run has five phases: the hosts boot; faults happen; the faults stop, and those who have to live are started again; what has to hold
 * eventually must come to hold, and stay so while the network is to be quiet; the hosts stop, and nothing may be left of them.
 *
 * @since 0.1.0
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Coverage from "./Coverage.ts"
import * as Runs from "./internal/property/Campaign.ts"
import * as Generate from "./internal/property/Generate.ts"
import type { Plan } from "./internal/property/Plan.ts"
import { Tally } from "./internal/property/Tally.ts"
import type * as Journal from "./Journal.ts"
import * as PropertyFailed from "./PropertyFailed.ts"
import type * as PropertyState from "./PropertyState.ts"
import * as Schedule from "./Schedule.ts"
import type * as SimulatedNetwork from "./SimulatedNetwork.ts"
import * as Swarm from "./Swarm.ts"
import * as Topology from "./Topology.ts"

/**
 * A predicate that has to hold some time after the faults have stopped, and from then on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Eventually<in V> {
  /** The predicate. */
  readonly check: PropertyState.Predicate<V>
  /** At the latest how long after the faults have stopped. */
  readonly within: Duration.Input
  /** Pairs of hosts of which the second should have heard of the first, for the report of a failure; see `PropertyState.Liveness`. */
  readonly missing?: PropertyState.Liveness<V>["missing"]
}

/**
 * A property: the network, what goes wrong on it, what runs on its hosts, and what has to hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<V, E = never, R = never> {
  /** What reports call it. Default: `property`. */
  readonly name?: string | undefined
  /** The network, or how many hosts there are on one segment. Default: 3. */
  readonly topology?: number | Topology.Topology | undefined
  /** Other options of the network: all but those that are part of its topology. */
  readonly network?:
    | Omit<SimulatedNetwork.Options, "seed" | "topology" | "network" | "ipv6" | "membership">
    | undefined
  /** What may go wrong. Default: `Swarm.all`. */
  readonly faults?: Swarm.Swarm | undefined
  /** For how long faults may happen. Default: 20 seconds. */
  readonly faultsFor?: Duration.Input | undefined
  /** Runs once before the hosts boot, on no host. */
  readonly setup?:
    | ((network: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<unknown, unknown, R | Scope.Scope>)
    | undefined
  /** How long the hosts have until faults begin. Default: a second. */
  readonly boot?: Duration.Input | undefined
  /**
   * Starts the program of a host in the background, in the scope it is given, and returns the effect that shows its state: the `view` that
   * predicates see. It runs again whenever the host is started again. A failure or defect of it fails the property; a failure of a fiber it forked
   * does so where the view tells of it.
   */
  readonly workload: (participant: PropertyState.Participant) => Effect.Effect<Effect.Effect<V>, E, R>
  /** Predicates judged whenever a workload says that it `changed`, and after events of the network. */
  readonly always?: { readonly [name: string]: PropertyState.Predicate<V> } | undefined
  /** How often at most events of the network have them judged; with 0 after each. Default: 100 milliseconds. */
  readonly every?: Duration.Input | undefined
  /** Predicates that have to hold after the faults, in the end all at one time. */
  readonly eventually?: { readonly [name: string]: Eventually<V> } | undefined
  /**
   * How many datagrams each host may send a second once all has converged and the last replayed datagram has arrived, on the average `during` 10
   * seconds.
   */
  readonly quiet?: { readonly datagrams: number; readonly during?: Duration.Input | undefined } | undefined
  /** Judged over the journal of the whole run, as much of it as the network's `history` keeps. */
  readonly history?: { readonly [name: string]: (journal: Journal.Journal) => PropertyState.Verdict } | undefined
  /** Marks of which each must be hit in at least one run, or nothing was proved. */
  readonly sometimes?: ReadonlyArray<string> | undefined
  /** How many runs there are, each with a seed derived from `seed`. Default: 100. */
  readonly runs?: number | undefined
  /** What the seeds of the runs come from. Default: 0. */
  readonly seed?: number | undefined
  /** The seeds themselves, one for each run, in place of `runs` and `seed`. */
  readonly seeds?: ReadonlyArray<number> | undefined
  /** How many more runs have seeds that nobody has tried before. Default: none. */
  readonly freshRuns?: number | undefined
  /** With `random`, hosts drawn for each run stay dead from the end of the faults on, and the others have to manage. */
  readonly core?: "all" | "random" | undefined
  /** Whether nothing has to converge. Default: false. */
  readonly safetyOnly?: boolean | undefined
  /**
   * Whether a fiber that dies of a defect fails the property when nobody waits for it, see `Simulation.Report`. Default: `fail`. Programs that
   * learn of their fibers' defects by other means `allow` them.
   */
  readonly defects?: "fail" | "allow" | undefined
  /** How fibers are scheduled, see `Simulation`. Default: `fifo`. */
  readonly order?: "fifo" | "random" | "pct" | undefined
  /** The probability that a fiber yields between two operations, see `Simulation`. Default: 0. */
  readonly preemption?: number | undefined
  /**
   * Whether points of misfortune fire: each is `active` in a run, and then `fires`, with these probabilities, a quarter each by default. Default:
   * false.
   */
  readonly buggify?: boolean | { readonly active?: number | undefined; readonly fires?: number | undefined } | undefined
  /** How many runs shrinking may take. Default: 1,000. */
  readonly shrinkRuns?: number | undefined
  /** How many fiber turns and wake-ups a run may take, a twentieth of them within one instant, see `Simulation`. Default: 200,000. */
  readonly eventLimit?: number | undefined
  /** How many turns the real event loop gets before time passes, see `Simulation`. Default: 0, so programs with promises in them need some. */
  readonly realTurns?: number | undefined
  /**
   * The token of a run to replay instead, which need not go through what `sometimes` and `coverage` ask for. Default: what the configuration
   * `SIMULATION_REPLAY` says.
   */
  readonly replay?: string | undefined
  /** The runs themselves, instead of ones that are generated. */
  readonly schedules?: ReadonlyArray<Schedule.Schedule> | undefined
  /** What the runs have to go through, beside the marks of `sometimes`, or nothing was proved. */
  readonly coverage?: Coverage.Minimum | undefined
  /** The directory for the records of a run that failed, written where there is a `FileSystem`. Default: `simulation-reports`. */
  readonly reports?: string | undefined
}

/**
 * What a campaign came to in which no run failed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Campaign {
  /** How many runs there were. */
  readonly runs: number
  /** What they went through. */
  readonly coverage: Coverage.Coverage
}

/**
 * Judges a property in many runs.
 *
 * **Details**
 *
 * The first run in which something does not hold is shrunk: to fewer faults, fewer hosts, shorter and rounder times, as long as the same property
 * fails. Fails with a `PropertyFailed` that tells the whole story and the token that replays it.
 *
 * **Gotchas**
 *
 * The type of the view is inferred from `workload`, so that has to come before the predicates. Shrinking leaves hosts out: predicates find those they
 * ask about by name, not by place, and hosts that others know by address have theirs in the topology.
 *
 * **Example** (Discovery under all faults)
 *
 * ```ts
 * import { JsonBeacon } from "@effect-discovery/core/protocol"
 * import { Coverage, DiscoveryProperties, Property } from "@effect-discovery/testing"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { coverage } = yield* Property.check({
 *     topology: 4,
 *     workload: DiscoveryProperties.workload({ sources: () => [JsonBeacon.source()] }),
 *     always: DiscoveryProperties.always,
 *     eventually: { allSeeAll: DiscoveryProperties.allSeeAll("90 seconds") },
 *     runs: 200
 *   })
 *   yield* Console.log(Coverage.toText(coverage))
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const check = <V, E, R>(
  options: Options<V, E, R>
): Effect.Effect<Campaign, PropertyFailed.PropertyFailed, Exclude<R, Network.Network | Scope.Scope>> =>
  Effect.gen(function*() {
    const plan = planOf<V, Exclude<R, Network.Network | Scope.Scope>>(options as never)
    const tally = new Tally()
    const token = options.replay ?? Option.getOrUndefined(yield* Effect.orDie(replay()))
    const isReplay = token !== undefined && token !== ""
    const schedules = isReplay ? [yield* scheduleOf(token)] : yield* schedulesOf(plan, options)
    const runs = yield* Runs.run(plan, schedules, {
      budget: options.shrinkRuns ?? 1000,
      reports: options.reports ?? "simulation-reports",
      onRun: tally.add
    })
    const campaign: Campaign = { runs, coverage: tally }
    if (runs === 0) return yield* nothing(plan.name)
    // one run that is looked at again is not to prove what all of them are
    if (!isReplay) yield* Coverage.assert(tally, minimumOf(options), plan.name)
    return campaign
  })

const minimumOf = ({ coverage = {}, sometimes = [] }: Pick<Options<unknown>, "coverage" | "sometimes">) => ({
  ...coverage,
  marks: [...sometimes, ...coverage.marks ?? []]
})

const nothing = (name: string) =>
  new PropertyFailed.PropertyFailed({
    reason: new PropertyFailed.ProvedNothing({ name, missing: ["the property itself: there were no runs"], runs: 0 })
  })

// unset and empty are the same to most shells
const replay = () => Config.option(Config.String("SIMULATION_REPLAY"))

type Given = Pick<
  Options<unknown>,
  | "schedules"
  | "seeds"
  | "seed"
  | "runs"
  | "freshRuns"
  | "faults"
  | "order"
  | "preemption"
  | "core"
  | "buggify"
>

const scheduleOf = (token: string) =>
  Effect.mapError(
    Effect.fromResult(Schedule.fromToken(token)),
    (reason) => new PropertyFailed.PropertyFailed({ reason })
  )

const schedulesOf = Effect.fnUntraced(function*(plan: Pick<Plan<never>, "topology" | "faultsFor">, options: Given) {
  if (options.schedules !== undefined) return options.schedules
  const seeds = [...options.seeds ?? Generate.seeds(options.seed ?? 0, options.runs ?? 100)]
  if (options.freshRuns !== undefined) seeds.push(...Generate.seeds((yield* Random.nextInt) | 0, options.freshRuns))
  return Generate.each(groundOf(plan, options), seeds)
})

const groundOf = (plan: Pick<Plan<never>, "topology" | "faultsFor">, options: Given): Generate.Ground => ({
  topology: plan.topology,
  faultsFor: plan.faultsFor,
  swarm: options.faults ?? Swarm.all,
  order: options.order ?? "fifo",
  preemption: options.preemption ?? 0,
  isCoreRandom: options.core === "random",
  buggify: options.buggify !== undefined && options.buggify !== false
})

const planOf = <V, R>(options: Options<V, unknown, R | Network.Network | Scope.Scope>): Plan<V, R> => ({
  name: options.name ?? "property",
  topology: topologyOf(options.topology ?? 3),
  network: options.network ?? {},
  setup: (options.setup ?? (() => Effect.void)) as Plan<V, R>["setup"],
  workload: options.workload,
  always: Object.entries(options.always ?? {}),
  every: millis(options.every ?? "100 millis"),
  eventually: Object.entries(options.eventually ?? {}).map(([name, { check, missing, within }]) =>
    [name, { check, missing, within: millis(within) }] as const
  ),
  quiet: options.quiet === undefined
    ? undefined
    : { datagrams: options.quiet.datagrams, during: millis(options.quiet.during ?? "10 seconds") },
  history: Object.entries(options.history ?? {}),
  boot: millis(options.boot ?? "1 second"),
  faultsFor: millis(options.faultsFor ?? "20 seconds"),
  eventLimit: options.eventLimit ?? 200_000,
  realTurns: options.realTurns ?? 0,
  allowsDefects: options.defects === "allow",
  isSafetyOnly: options.safetyOnly === true,
  misfortune: ratesOf(options.buggify)
})

const topologyOf = (topology: number | Topology.Topology): Topology.Topology =>
  typeof topology === "number" ? Topology.lan(topology) : topology

const ratesOf = (buggify: Options<unknown>["buggify"]) => {
  const { active = 0.25, fires = 0.25 } = typeof buggify === "object" ? buggify : {}
  return { active, fires }
}

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))
