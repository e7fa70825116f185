/**
 * Fibers that died of a defect of which nobody learned.
 *
 * Effect does not say who looks at how a fiber ended. Those who wait for it are observers that take the exit; scopes have observers too, which only
 * forget the fiber and take nothing. Who comes when it has ended polls it, or reads the exit: twice to use it, once to find out that there is one.
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Place from "../Place.ts"
import * as Value from "../Value.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>
type AnyExit = Exit.Exit<unknown, unknown>
type Failed = Exit.Failure<unknown, unknown>
type Observer = (exit: AnyExit) => void

/** @internal */
export interface Defect {
  readonly elapsedMillis: number
  readonly fiber: string
  readonly spans: ReadonlyArray<string>
  readonly message: string
  /** Where the program was. */
  readonly stack: ReadonlyArray<string>
}

interface Death {
  readonly report: Defect
  readonly cause: Cause.Cause<unknown>
  reads: number
}

const reported = 16
// more than are reported, for some of them may turn out to be known to somebody
const remembered = 256

/** @internal */
export class Defects {
  private readonly deaths: Array<Death> = []

  /** Tells when a fiber has ended, and before, if nobody saw it die of a defect, of that. */
  watch(fiber: AnyFiber, died: (exit: Failed) => void, ended: () => void): void {
    const own: Observer = (exit) => {
      if (exit._tag === "Failure" && Cause.hasDies(exit.cause) && !isWatched(observers, own)) died(exit)
      ended()
    }
    fiber.addObserver(own)
    // the list that is emptied when the fiber ends, the same one until then
    const observers = (fiber as { readonly _observers?: ReadonlyArray<Observer> })._observers ?? []
  }

  /** Has it reported unless somebody asks yet how the fiber ended. */
  note(fiber: AnyFiber, exit: Failed, who: Pick<Defect, "elapsedMillis" | "fiber" | "spans">): void {
    if (this.deaths.length >= remembered) return
    const cause = Cause.fromReasons(exit.cause.reasons.filter(Cause.isDieReason))
    const [error] = Cause.prettyErrors(cause)
    const message = error === undefined ? "a defect" : `${error.name}: ${Value.message(error)}`
    const death: Death = { report: { ...who, message, stack: Place.of(cause) }, cause, reads: 0 }
    this.deaths.push(death)
    lost.set(fiber, exit)
    const read = (reads: number) => () => {
      death.reads += reads
      return exit
    }
    Object.defineProperty(fiber, "_exit", { configurable: true, get: read(1) })
    Object.defineProperty(fiber, "pollUnsafe", { configurable: true, value: read(2) })
  }

  /** Those nobody learned of. A defect that is in `known` was told by how the whole ended, and one that several died of counts once. */
  unseen(known: AnyExit): ReadonlyArray<Defect> {
    const seen = new Set<unknown>(known._tag === "Failure" ? defectsOf(known.cause) : [])
    const unseen: Array<Defect> = []
    for (const { cause, reads, report } of this.deaths) {
      const defects = defectsOf(cause)
      if (reads > 1 || defects.every((defect) => seen.has(defect))) continue
      for (const defect of defects) seen.add(defect)
      if (unseen.length < reported) unseen.push(report)
    }
    return unseen
  }
}

const lost = new WeakMap<AnyFiber, AnyExit>()

/** @internal How it ended, without counting as somebody who asks. */
export const exitOf = (fiber: AnyFiber): AnyExit | undefined => lost.get(fiber) ?? fiber.pollUnsafe()

const isWatched = (observers: ReadonlyArray<Observer>, own: Observer): boolean =>
  observers.some((observer) => observer !== own && observer.length > 0)

const defectsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect)
