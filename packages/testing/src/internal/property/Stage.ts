/**
 * A run under way: its hosts, what they show, and the first property that failed.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { Failure } from "../../PropertyFailed.ts"
import type * as PropertyState from "../../PropertyState.ts"
import * as Place from "../Place.ts"
import * as Value from "../Value.ts"
import * as Actor from "./Actor.ts"
import type { Plan } from "./Plan.ts"
import type { World } from "./World.ts"

/** @internal */
export class Stage<V, R> {
  phase: PropertyState.Phase = "boot"
  failure: Failure | undefined
  /** Of what kind the cause of the failure is: the same property may fail for several. */
  kind = ""
  readonly marks = new Set<string>()
  readonly actors: ReadonlyArray<Actor.Actor<V>>
  readonly plan: Plan<V, R>
  readonly world: World
  /** Done when a property has failed. */
  readonly failed = Deferred.makeUnsafe<void>()
  private readonly news = Latch.makeUnsafe()
  private readonly events = Latch.makeUnsafe()

  constructor(plan: Plan<V, R>, world: World) {
    this.plan = plan
    this.world = world
    const kernels = new Map(world.recorder.hosts.map((host) => [host.name, host]))
    this.actors = world.hosts.map((host, index) => Actor.make<V>(host, kernels.get(host.name)!, index))
  }

  /** Judges the predicates whenever a program says that something has changed, for ever. */
  readonly follow: Effect.Effect<never> = Effect.forever(Effect.suspend(() =>
    Effect.andThen(this.news.await, () => {
      this.news.closeUnsafe()
      return this.judge
    })
  ))

  /** Judges them when something has happened on the network, though not too often, for ever. */
  readonly watch: Effect.Effect<never> = Effect.forever(Effect.suspend(() =>
    Effect.andThen(this.events.await, () => {
      this.events.closeUnsafe()
      return Effect.andThen(this.judge, Effect.sleep(this.plan.every))
    })
  ))

  readonly stir = (): void => void this.news.openUnsafe()

  readonly noteEvent = (): void => void this.events.openUnsafe()

  readonly changed: Effect.Effect<void> = Effect.sync(this.stir)

  /** Notes that a property failed, unless another one did before. */
  readonly fail = (property: string, why: string, kind = hasThrown(why) ? "threw" : ""): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (at) => this.note({ property, why, at }, kind))

  /** The same of an error, which knows where it happened. */
  readonly failCause = (property: string, cause: Cause.Cause<unknown>, what = ""): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      this.note({ property, why: what + brief(cause), at, ...placeOf(cause) }, kindOf(cause))
    })

  /** Starts the program of a host, which runs until the host stops or crashes. */
  readonly program = (
    actor: Actor.Actor<V>
  ): Effect.Effect<never, never, R | Network.Network | Scope.Scope> =>
    Effect.suspend(() => {
      const boot = ++actor.boot
      const isCurrent = () => actor.boot === boot
      actor.isUp = true
      const show = (view: Effect.Effect<V>) => {
        actor.view = view
        this.stir()
        return Effect.never
      }
      return Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => {
          actor.since = now
          return this.plan.workload(this.participant(actor, boot))
        }),
        Effect.flatMap(show),
        Effect.catchCause((cause) => Effect.andThen(this.reportEnd(actor, cause), Effect.never)),
        Effect.ensuring(Effect.sync(() => {
          if (!isCurrent()) return
          actor.isUp = false
          actor.view = undefined
          this.stir()
        }))
      )
    })

  /** All that the predicates see. */
  readonly state: Effect.Effect<PropertyState.State<V>> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const { phase } = this
    const look = (actor: Actor.Actor<V>) => {
      Actor.watch(actor, now)
      const { view } = actor
      if (view === undefined) return Effect.succeed(Actor.stateOf<V>(actor, undefined))
      return Effect.map(view, (view) => Actor.stateOf(actor, view))
    }
    return Effect.map(Effect.forEach(this.actors, look), (hosts) => ({ now, phase, hosts }))
  })

  readonly failToSee = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
    this.failCause("view", cause, "what a program shows cannot be seen: ")

  /** Judges what must always hold. */
  readonly judge: Effect.Effect<void> = Effect.suspend(() => {
    if (this.failure !== undefined || this.phase === "shutdown" || this.plan.always.length === 0) return Effect.void
    return Effect.flatMap(this.state, (state) => {
      for (const [name, predicate] of this.plan.always) {
        const why = verdict(predicate, state)
        if (why !== undefined) return this.fail(name, why)
      }
      return Effect.void
    }).pipe(Effect.catchCause(this.failToSee))
  })

  private note(failure: Failure, kind: string): void {
    if (this.failure === undefined) {
      this.failure = failure
      this.kind = kind
    }
    Deferred.doneUnsafe(this.failed, Exit.void)
  }

  private participant(actor: Actor.Actor<V>, boot: number): PropertyState.Participant {
    const { host, index } = actor
    const mark = (label: string) => Effect.sync(() => void this.marks.add(label))
    const note = (text: string) => this.world.network.mark(`${host.name} ${text}`)
    return { name: host.name, index, boot, host, changed: this.changed, mark, note }
  }

  private reportEnd(actor: Actor.Actor<V>, cause: Cause.Cause<unknown>): Effect.Effect<void> {
    return this.failCause("workload", cause, `the program of ${actor.host.name} ended: `)
  }
}

/** @internal Why a predicate does not hold, undefined when it does. */
export const verdict = <A>(predicate: (subject: A) => PropertyState.Verdict, subject: A): string | undefined => {
  try {
    const result = predicate(subject)
    if (result === true) return undefined
    return result === false ? "it does not hold" : result
  } catch (error) {
    return `${threw} ${String(error)}`
  }
}

const threw = "it threw"
const hasThrown = (why: string): boolean => why.startsWith(threw)

/** @internal The first of what went wrong, in one line. */
export const brief = (cause: Cause.Cause<unknown>): string => {
  const [first] = Cause.prettyErrors(cause)
  return first === undefined ? "interrupted" : `${first.name}: ${Value.message(first)}`
}

/** @internal Where it happened, if that is known. */
export const placeOf = (cause: Cause.Cause<unknown>): Pick<Failure, "stack"> => {
  const stack = Place.of(cause)
  return stack.length === 0 ? {} : { stack }
}

/** @internal What kind of error a cause is of: its name, and that of its reason if it has one. */
export const kindOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const reason = Predicate.hasProperty(error, "reason") ? error.reason : undefined
  return [error, reason].map((value) =>
    Predicate.hasProperty(value, "_tag") ? String(value._tag) : value instanceof Error ? value.name : ""
  ).join(" ").trim()
}
