/**
 * The fibers of a run: which there are, what they are called, and who ran last. Numbers are of the run, in the order the fibers first ran.
 */
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"

type AnyFiber = Fiber.Fiber<unknown, unknown>

const remembered = 16
// fibers that have ended are forgotten when there are twice as many as were left the last time
const firstSweep = 1024

/** @internal */
export class Fibers {
  private readonly numbers = new Map<AnyFiber, number>()
  private readonly last: Array<AnyFiber> = []
  private current: AnyFiber | undefined
  private count = 0
  private runs = 0
  private sweepAt = firstSweep

  /** Notes that a fiber runs: true if it never did. */
  note(fiber: AnyFiber): boolean {
    if (fiber === this.current) return false
    this.current = fiber
    this.last[this.runs++ % remembered] = fiber
    if (this.numbers.has(fiber)) return false
    if (this.numbers.size >= this.sweepAt) this.sweep()
    this.numbers.set(fiber, ++this.count)
    return true
  }

  /** Those that have not ended. */
  get unfinished(): ReadonlyArray<AnyFiber> {
    return Array.from(this.numbers.keys()).filter(isUnfinished)
  }

  /** Those of them that ran last, the latest first. */
  get recent(): ReadonlyArray<AnyFiber> {
    const head = this.runs % remembered
    const inOrder = [...this.last.slice(head), ...this.last.slice(0, head)]
    return Array.from(new Set(inOrder.toReversed())).filter(isUnfinished)
  }

  /** Such as `fiber 3 of ada in announce`. */
  describe(fiber: AnyFiber): string {
    const host = fiber.getRef(References.CurrentLogAnnotations)["host"]
    const place = spans(fiber)[0] ?? fiber.cache.stackFrame?.name
    const number = this.numbers.get(fiber)
    return (number === undefined ? "a fiber" : `fiber ${number}`) +
      (typeof host === "string" ? ` of ${host}` : "") + (place === undefined ? "" : ` in ${place}`)
  }

  private sweep(): void {
    for (const fiber of this.numbers.keys()) {
      if (!isUnfinished(fiber)) this.numbers.delete(fiber)
    }
    this.sweepAt = Math.max(firstSweep, this.numbers.size * 2)
  }
}

const runs = new WeakMap<object, Fibers>()

/** @internal Makes the fibers of a run known by its scheduler. */
export const register = (scheduler: object, fibers: Fibers): void => void runs.set(scheduler, fibers)

/** @internal The fibers of the run that has this scheduler, undefined outside of a simulation. */
export const of = (scheduler: object): Fibers | undefined => runs.get(scheduler)

const isUnfinished = (fiber: AnyFiber): boolean => fiber.pollUnsafe() === undefined

// a span may have more parents than anybody wants to read
const depth = 16

/** @internal The names of the spans a fiber is in, the innermost first. */
export const spans = (fiber: AnyFiber): ReadonlyArray<string> => {
  const names: Array<string> = []
  let span: Tracer.AnySpan | undefined = fiber.cache.span
  while (span?._tag === "Span" && names.length < depth) {
    names.push(span.name)
    span = Option.getOrUndefined(span.parent)
  }
  return names
}
