/**
 * The fibers of a run: which there are, what they are called, and who ran last. Numbers are of the run, in the order the fibers first ran.
 */
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import * as Boots from "../host/Boots.ts"
import { Defects } from "./Defects.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

interface Known {
  readonly number: number
  /** Where it was when it last went on. */
  context: AnyFiber["context"]
  cache: AnyFiber["cache"]
}

const remembered = 16

/** @internal */
export class Fibers {
  readonly defects = new Defects()
  /** Of those that have not ended. */
  private readonly known = new Map<AnyFiber, Known>()
  private readonly last: Array<AnyFiber> = []
  private current: AnyFiber | undefined
  private count = 0
  private runs = 0
  private readonly now: () => number

  /** The clock gives microseconds. */
  constructor(now: () => number) {
    this.now = now
  }

  /** Whoever runs next goes on from where it waited. */
  pause(): void {
    this.current = undefined
  }

  /** Notes that a fiber runs: true if it never did. */
  note(fiber: AnyFiber): boolean {
    if (fiber === this.current) return false
    this.current = fiber
    if (fiber !== this.last[(this.runs - 1) % remembered]) this.last[this.runs++ % remembered] = fiber
    const known = this.known.get(fiber)
    if (known !== undefined) {
      known.context = fiber.context
      known.cache = fiber.cache
      return false
    }
    this.known.set(fiber, { number: ++this.count, context: fiber.context, cache: fiber.cache })
    this.defects.watch(fiber, (exit) => {
      const { context } = this.known.get(fiber)!
      if (!Boots.isOver(context)) this.defects.note(fiber, exit, this.look(fiber))
    }, () => this.known.delete(fiber))
    return true
  }

  /** Those that have not ended. */
  get unfinished(): ReadonlyArray<AnyFiber> {
    return Array.from(this.known.keys())
  }

  /** Those of them that ran last, the latest first. */
  get recent(): ReadonlyArray<AnyFiber> {
    const head = this.runs % remembered
    const inOrder = [...this.last.slice(head), ...this.last.slice(0, head)]
    return Array.from(new Set(inOrder.toReversed())).filter((fiber) => this.known.has(fiber))
  }

  /** Such as `fiber 3 of ada in announce`. */
  describe(fiber: AnyFiber): string {
    const number = this.known.get(fiber)?.number
    return (number === undefined ? "a fiber" : `fiber ${number}`) + place(fiber)
  }

  // one that died has left the place where it did so
  private look(fiber: AnyFiber) {
    const last = this.known.get(fiber)!
    return {
      elapsedMillis: this.now() / 1000,
      fiber: `fiber ${last.number}${place(last)}`,
      spans: spans(last)
    }
  }
}

type Placed = Pick<AnyFiber, "context" | "cache">

const place = (self: Placed): string => {
  const host = Context.get(self.context, References.CurrentLogAnnotations)["host"]
  const within = spans(self)[0] ?? self.cache.stackFrame?.name
  return (typeof host === "string" ? ` of ${host}` : "") + (within === undefined ? "" : ` in ${within}`)
}

const runs = new WeakMap<object, Fibers>()

/** @internal Makes the fibers of a run known by its scheduler. */
export const register = (scheduler: object, fibers: Fibers): void => void runs.set(scheduler, fibers)

/** @internal The fibers of the run that has this scheduler, undefined outside of a simulation. */
export const of = (scheduler: object): Fibers | undefined => runs.get(scheduler)

// a span may have more parents than anybody wants to read
const depth = 16

/** @internal The names of the spans a fiber is in, the innermost first. */
export const spans = (fiber: Pick<AnyFiber, "cache">): ReadonlyArray<string> => {
  const names: Array<string> = []
  let span: Tracer.AnySpan | undefined = fiber.cache.span
  while (span?._tag === "Span" && names.length < depth) {
    names.push(span.name)
    span = Option.getOrUndefined(span.parent)
  }
  return names
}
