/**
 * Runs each task in a fiber of its own: so many at a time, so many waiting, none for longer than a time limit. Whatever a task does, it is
 * told of once, and the others go on.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as MutableList from "effect/MutableList"

/** How a task ended. */
export type Ending = "handled" | "failures" | "defects" | "timeouts" | "interruptions"

/** What a pool works with. */
export interface Options {
  readonly concurrency: number
  readonly capacity: number
  readonly overflow: "sliding" | "dropping"
  /** Milliseconds. */
  readonly timeLimit: number
  readonly now: () => number
  readonly onEnd: (ending: Ending, cause: Cause.Cause<unknown> | undefined) => void
  /** Told of each task that is not run: there is no room, or the pool closes. */
  readonly onDrop: (why: "queue" | "closing") => void
}

/** Starts a fiber. */
export type Task = () => Fiber.Fiber<unknown, unknown>

interface Running {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  readonly deadline: number
  /** Whether its end has been told. */
  isOver: boolean
}

/** A pool of tasks. */
export interface Pool {
  readonly options: Options
  readonly waiting: MutableList.MutableList<Task>
  /** In the order they were started, which is that of their deadlines. */
  readonly running: Set<Running>
  /** Those whose time is over and that have not ended yet. */
  readonly lingering: Set<Running>
  /** Open while any task runs. */
  readonly busy: Latch.Latch
  /** Tasks that run, those that have just been started included. */
  active: number
  isStarting: boolean
  isClosed: boolean
}

export const make = (options: Options): Pool => ({
  options,
  waiting: MutableList.make(),
  running: new Set(),
  lingering: new Set(),
  busy: Latch.makeUnsafe(),
  active: 0,
  isStarting: false,
  isClosed: false
})

/** Runs a task now or as soon as there is a place for it. */
export const offer = (self: Pool, task: Task): void => {
  const { capacity, onDrop, overflow } = self.options
  if (self.isClosed) return onDrop("closing")
  if (self.waiting.length >= capacity && !hasPlace(self)) {
    onDrop("queue")
    if (overflow === "dropping") return
    MutableList.takeNVoid(self.waiting, 1)
  }
  MutableList.append(self.waiting, task)
  startAll(self)
}

// A task that does not heed its interruption has no place of its own any more, or a few of them would be the end of all others. But
// there must not be more and more of them: as many as there are places, then they keep theirs.
const hasPlace = ({ active, lingering, options }: Pool): boolean =>
  active < options.concurrency && active + lingering.size < 2 * options.concurrency

// a loop: tasks that end at once would otherwise start each other ever deeper in the stack
const startAll = (self: Pool): void => {
  if (self.isStarting) return
  self.isStarting = true
  while (hasPlace(self)) {
    const task = MutableList.take(self.waiting)
    if (task === MutableList.Empty) break
    start(self, task)
  }
  self.isStarting = false
}

const start = (self: Pool, task: Task): void => {
  const deadline = self.options.now() + self.options.timeLimit
  self.active++
  const fiber = task()
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) {
    self.active--
    return tell(self, exit)
  }
  const running: Running = { fiber, deadline, isOver: false }
  self.running.add(running)
  self.busy.openUnsafe()
  fiber.addObserver((exit) => end(self, running, exit))
}

const end = (self: Pool, running: Running, exit: Exit.Exit<unknown, unknown>): void => {
  self.lingering.delete(running)
  if (!running.isOver) {
    leave(self, running)
    tell(self, exit)
  }
  startAll(self)
}

const leave = (self: Pool, running: Running): void => {
  running.isOver = true
  self.running.delete(running)
  self.active--
}

const tell = ({ options }: Pool, exit: Exit.Exit<unknown, unknown>): void => {
  if (exit._tag === "Success") options.onEnd("handled", undefined)
  else options.onEnd(endingOf(exit.cause), exit.cause)
}

const endingOf = (cause: Cause.Cause<unknown>): Ending => {
  if (Cause.hasInterruptsOnly(cause)) return "interruptions"
  return Cause.hasDies(cause) ? "defects" : "failures"
}

/** Interrupts tasks whose time is over, for ever. It sleeps from one deadline to the next one known then: no timer for each task. */
export const timer = (self: Pool): Effect.Effect<never> =>
  Effect.forever(Effect.suspend(() => {
    const [first] = self.running
    if (first === undefined) {
      self.busy.closeUnsafe()
      return self.busy.await
    }
    const wait = first.deadline - self.options.now()
    return wait > 0 ? Effect.sleep(Math.ceil(wait)) : Effect.sync(() => expire(self))
  }))

const expire = (self: Pool): void => {
  const now = self.options.now()
  for (const running of self.running) {
    if (running.deadline > now) break
    leave(self, running)
    self.options.onEnd("timeouts", undefined)
    self.lingering.add(running)
    running.fiber.interruptUnsafe()
  }
  startAll(self)
}

/**
 * Drops what waits and interrupts what runs. What has not ended after `limit` milliseconds counts as interrupted, and is no longer waited
 * for.
 */
export const close = Effect.fnUntraced(function*(self: Pool, limit: number) {
  self.isClosed = true
  for (const _ of MutableList.takeAll(self.waiting)) self.options.onDrop("closing")
  const fibers = Array.from([...self.running, ...self.lingering], ({ fiber }) => fiber)
  if (fibers.length === 0) return
  yield* Fiber.interruptAll(fibers).pipe(Effect.interruptible, Effect.timeoutOption(limit))
  for (const running of self.running) {
    leave(self, running)
    self.options.onEnd("interruptions", undefined)
  }
})
