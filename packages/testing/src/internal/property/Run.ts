/**
 * One run of a property from boot to shutdown.
 */
import * as Buggify from "@effect-discovery/core/Buggify"
import * as Seed from "@effect-discovery/core/Seed"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Journal from "../../Journal.ts"
import type { Failure } from "../../PropertyFailed.ts"
import type * as PropertyState from "../../PropertyState.ts"
import type { Schedule } from "../../Schedule.ts"
import * as Simulation from "../../Simulation.ts"
import type * as SimulationError from "../../SimulationError.ts"
import type { Topology } from "../../Topology.ts"
import * as Leaks from "./Leaks.ts"
import { Misfortune } from "./Misfortune.ts"
import { hostsOf, type Plan } from "./Plan.ts"
import * as Sending from "./Sending.ts"
import { brief, kindOf, placeOf, Stage, verdict } from "./Stage.ts"
import * as World from "./World.ts"

/** @internal What a run came to. */
export interface Outcome {
  readonly failure: Failure | undefined
  /** Of what kind the cause of the failure is. */
  readonly kind: string
  readonly world: World.World | undefined
  readonly misfortune: Misfortune
  readonly marks: ReadonlySet<string>
  readonly elapsed: number
  readonly wasDeterministic: boolean
}

// A program that spins is found out long before it has used up what a whole run may take.
const instantShare = 20

/** @internal */
export const play = Effect.fnUntraced(function*<V, R>(plan: Plan<V, R>, schedule: Schedule) {
  const misfortune = new Misfortune(Seed.derive(schedule.seed, "buggify"), plan.misfortune, schedule.buggify)
  let stage: Stage<V, R> | undefined
  const program = Effect.gen(function*() {
    const world = yield* World.make({
      // how much is remembered is no matter of links
      ...(schedule.isPerfect === true ? { history: plan.network.history } : plan.network),
      topology: topologyOf(plan, schedule),
      seed: Seed.derive(schedule.seed, "network")
    })
    stage = new Stage(plan, world)
    yield* act(stage, schedule, misfortune)
  }).pipe(Effect.provideService(Buggify.Buggify, misfortune.decide))
  const report = yield* Simulation.observe(program, {
    seed: Seed.derive(schedule.seed, "program"),
    duration: limitOf(plan),
    eventLimit: plan.eventLimit,
    instantLimit: Math.ceil(plan.eventLimit / instantShare),
    realTurns: plan.realTurns,
    order: schedule.order,
    preemption: schedule.preemption
  })
  const at = Duration.toMillis(report.elapsed)
  const outcome: Outcome = {
    ...firstOf([
      stage?.failure === undefined ? endOf(report.exit, at) : { failure: stage.failure, kind: stage.kind },
      ...(plan.allowsDefects ? [] : report.defects.slice(0, 1).map(ofDefect)),
      ...report.failures.slice(0, 1).map(ofProgram)
    ]),
    world: stage?.world,
    misfortune,
    marks: stage?.marks ?? new Set(),
    elapsed: at,
    wasDeterministic: report.wasDeterministic
  }
  return outcome
})

const topologyOf = ({ topology }: Pick<Plan<never>, "topology">, schedule: Schedule): Topology => ({
  ...topology,
  segments: schedule.isPerfect === true
    ? topology.segments.map((segment) => ({ ...segment, link: undefined }))
    : topology.segments,
  hosts: topology.hosts.filter(({ name }) => schedule.hosts === undefined || schedule.hosts.includes(name))
})

type End = Pick<Outcome, "failure" | "kind">

const endOf = (exit: Exit.Exit<unknown, unknown>, at: number): End => {
  if (Exit.isSuccess(exit)) return { failure: undefined, kind: "" }
  const error = Cause.squash(exit.cause)
  const isLimit = error instanceof Error && error.name.includes("SimulationError")
  const property = isLimit ? "simulation" : "setup"
  return { failure: { property, why: brief(exit.cause), at, ...placeOf(exit.cause) }, kind: kindOf(exit.cause) }
}

const ofDefect = ({ elapsedMillis: at, fiber, message, stack }: Simulation.Defect): End => {
  const why = `${fiber} died, and nobody waited for it: ${message}`
  const kind = `defect ${message.slice(0, message.indexOf(":"))}`
  return { failure: { property: "workload", why, at, ...(stack.length === 0 ? {} : { stack }) }, kind }
}

const ofProgram = ({ cause: error, elapsedMillis: at, host, why }: SimulationError.ProgramFailed): End => {
  const cause = Cause.die(error)
  const failure = { property: "workload", why: `a program that was started on ${host} failed: ${why}`, at }
  return { failure: { ...failure, ...placeOf(cause) }, kind: kindOf(cause) }
}

// what a fiber died of, or a program failed with, may well be why other things failed later
const firstOf = ([end, ...others]: readonly [End, ...ReadonlyArray<End>]): End =>
  others.reduce(
    (first, other) => (other.failure?.at ?? Infinity) < (first.failure?.at ?? Infinity) ? other : first,
    end
  )

const limitOf = (plan: Pick<Plan<never>, "boot" | "faultsFor" | "eventually" | "quiet">): number =>
  plan.boot + plan.faultsFor + Math.max(0, ...plan.eventually.map(([, { within }]) => within)) +
  (plan.quiet?.during ?? 0) + 120_000

// The phases, one after another; a property that fails ends them at once.
const act = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>, schedule: Schedule, misfortune: Misfortune) {
  const { plan, world } = stage
  const stopListening = world.recorder.listen(stage.noteEvent)
  if (plan.always.length > 0) {
    yield* Effect.forkScoped(stage.follow, { startImmediately: true })
    yield* Effect.forkScoped(stage.watch, { startImmediately: true })
  }
  const phases = Effect.gen(function*() {
    const stranger = strangerOf(plan, schedule)
    if (stranger !== undefined) return yield* stage.fail("schedule", `the topology has no host ${stranger}`)
    yield* plan.setup(world.network)
    for (const actor of stage.actors) yield* actor.host.start(stage.program(actor))
    yield* Effect.sleep(plan.boot)
    yield* stage.judge
    stage.phase = "faults"
    yield* Effect.scoped(strike(stage, schedule))
    yield* stage.judge
    misfortune.isAllowed = false
    yield* recover(stage, schedule)
    if (plan.isSafetyOnly) return
    yield* Effect.catchCause(settle(stage), stage.failToSee)
    yield* stage.judge
  }).pipe(Effect.catchCause((cause) => stage.failCause("setup", cause)))
  yield* Effect.raceFirst(phases, Deferred.await(stage.failed))
  stopListening()
  stage.phase = "shutdown"
  if (stage.failure === undefined) yield* shutDown(stage)
  if (stage.failure === undefined) yield* judgeHistory(stage)
})

// A schedule may be older than the topology. A run without the hosts that it is about would hold.
const strangerOf = (plan: Pick<Plan<never>, "topology">, { dead = [], hosts = [] }: Schedule): string | undefined =>
  [...hosts, ...dead].find((name) => !hostsOf(plan).includes(name))

// Faults go on beside each other, each for its own time, and all end with the scope.
const strike = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>, schedule: Schedule) {
  for (const fault of schedule.faults) {
    const suffer = Effect.andThen(stage.world.begin(fault), wait(fault.for)).pipe(
      Effect.scoped,
      Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : stage.failCause("schedule", cause))
    )
    yield* Effect.forkScoped(Effect.delay(suffer, fault.at ?? 0), { startImmediately: true })
  }
  yield* Effect.sleep(stage.plan.faultsFor)
})

const wait = (millis: number | undefined): Effect.Effect<void> =>
  millis === undefined ? Effect.never : Effect.sleep(millis)

// Those that have to live do: whoever is still down is started again.
const recover = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>, schedule: Schedule) {
  yield* stage.world.network.faults.healAll
  for (const actor of stage.actors) {
    actor.isDead = schedule.dead?.includes(actor.host.name) === true
    if (actor.isDead) yield* actor.host.crash
    // who crashed may still be busy with the end of its program
    else if (actor.kernel.isOff || !actor.isUp) yield* actor.host.restart
  }
})

const cadence = 50
const shown = 8

// A session that waits to be restarted may fail others yet, so what has come to hold may break again: until its time is up.
const settle = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>) {
  const began = yield* Clock.currentTimeMillis
  let isSettled = false
  while (!isSettled && stage.failure === undefined) {
    stage.phase = "converge"
    yield* converge(stage, began)
    stage.phase = "quiet"
    isSettled = yield* keepQuiet(stage, began)
  }
})

const converge = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>, began: number) {
  let { eventually: pending } = stage.plan
  while (pending.length > 0) {
    const state = yield* stage.state
    // of all: what held before may have broken while others were waited for
    pending = stage.plan.eventually.filter(([, { check }]) => verdict(check, state) !== undefined)
    const late = pending.find(([, { within }]) => state.now - began >= within)
    if (late !== undefined) return yield* stage.fail(late[0], yield* explain(stage, late[1], state, began))
    // what takes long need not be seen to the moment
    if (pending.length > 0) yield* Effect.sleep(cadence + (state.now - began) / 50)
  }
})

const explain = Effect.fnUntraced(function*<V, R>(
  stage: Stage<V, R>,
  { check, missing }: PropertyState.Liveness<V>,
  state: PropertyState.State<V>,
  began: number
) {
  // it may have held in time, and have broken later while others were waited for
  const seconds = Math.round((state.now - began) / 100) / 10
  const why = `${verdict(check, state)} ${seconds} s after the faults stopped`
  const pairs = missing?.(state) ?? []
  if (pairs.length === 0) return why
  const journal = yield* stage.world.network.journal
  const last = ([from, to]: readonly [string, string]) =>
    `the last from ${from} to ${to}: ${Journal.fate(journal, from, to)?.text ?? "nothing was sent"}`
  return [why, ...pairs.slice(0, shown).map(last)].join("\n")
})

// What has converged has to stay so, and no more may be sent than was allowed. Gives whether it stayed so. What is replayed may be answered, so
// that it is quiet only when the last of it has arrived.
const keepQuiet = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>, began: number) {
  const { eventually, quiet } = stage.plan
  if (quiet === undefined || stage.failure !== undefined) return true
  yield* Effect.sleep(Math.max(0, stage.world.lastReplayAt() - (yield* Clock.currentTimeMillis)))
  const sent = yield* Sending.during(stage.world.recorder, Effect.sleep(quiet.during))
  const state = yield* stage.state
  const broken = eventually.find(([, { check }]) => verdict(check, state) !== undefined)
  if (broken !== undefined) {
    const [name, { check, within }] = broken
    if (state.now - began < within) return false
    yield* stage.fail(name, `it held, and then no more: ${verdict(check, state)}`)
    return true
  }
  yield* allow(stage, sent, quiet)
  return true
})

const allow = Effect.fnUntraced(function*<V, R>(
  stage: Stage<V, R>,
  sent: ReadonlyMap<string, number>,
  { datagrams, during }: { readonly datagrams: number; readonly during: number }
) {
  for (const { host } of stage.actors) {
    const rate = (sent.get(host.name) ?? 0) * 1000 / during
    if (rate > datagrams) {
      return yield* stage.fail("quiet", `${host.name} sent ${rate} datagrams a second, ${datagrams} allowed`)
    }
  }
})

const judgeHistory = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>) {
  if (stage.plan.history.length === 0) return
  const journal = yield* stage.world.network.journal
  for (const [name, check] of stage.plan.history) {
    const why = verdict(check, journal)
    if (why !== undefined) return yield* stage.fail(name, why + lacking(journal))
  }
})

// what came first may be just what a check misses
const lacking = ({ forgotten }: Journal.Journal): string =>
  forgotten === 0 ? "" : `\nthe first ${forgotten} events were forgotten: \`history\` of the network keeps more`

// Those who crashed may still be busy with their ends, which nobody waited for.
const grace = 10_000

const shutDown = Effect.fnUntraced(function*<V, R>(stage: Stage<V, R>) {
  yield* Effect.forEach(stage.actors, (actor) => actor.host.stop, { concurrency: "unbounded", discard: true })
  yield* Effect.sleep(grace)
  const left = yield* Leaks.find(stage.world.recorder.hosts)
  if (left !== undefined) yield* stage.fail("shutdown", left)
})
