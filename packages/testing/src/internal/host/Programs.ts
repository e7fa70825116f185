/**
 * What runs on a host: its programs, and how they start, stop, crash and stand still.
 */
import * as Network from "@effect-discovery/core/Network"
import * as Seed from "@effect-discovery/core/Seed"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { Boot } from "../driver/Backing.ts"
import type { Pump } from "../driver/Pump.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { Host } from "../kernel/Topology.ts"
import * as Micros from "../Micros.ts"
import * as Defects from "../simulation/Defects.ts"
import * as Registry from "../simulation/Registry.ts"
import type * as Timeline from "../Timeline.ts"
import * as Value from "../Value.ts"
import type { Sleeper } from "../VirtualTimer.ts"
import * as Boots from "./Boots.ts"
import * as Chance from "./Chance.ts"
import * as HostClock from "./HostClock.ts"
import { HostTime } from "./HostTime.ts"

/** @internal */
export type Mode = "gc" | "sleep"

/** @internal */
export interface Place {
  readonly kernel: Kernel
  readonly pump: Pump
  readonly host: Host
  /** The network as the programs of one boot see it. */
  readonly network: (boot: Boot) => Network.Network["Service"]
}

interface Program {
  readonly boot: Effect.Effect<Fiber.Fiber<unknown, unknown>>
  /** The run that it is of, undefined outside of a simulation. */
  readonly registry: Registry.Registry | undefined
  running: Fiber.Fiber<unknown, unknown> | undefined
}

/** @internal */
export class Programs {
  readonly time: HostTime
  private readonly place: Place
  private readonly clock: Clock.Clock
  private readonly random: (typeof Random.Random)["Service"]
  private readonly programs: Array<Program> = []
  /** Those that were interrupted by a stop, and still say goodbye. */
  private readonly ending = new Set<Fiber.Fiber<unknown, unknown>>()
  private boot = new Boot()
  private isClosed = false
  private pausedUntil = 0
  private pauseEnd: Timeline.Entry<Sleeper> | undefined
  private readonly waiters = new Set<() => void>()

  constructor(place: Place) {
    const { host, kernel, pump } = place
    this.place = place
    this.time = new HostTime(pump.timer, pump.clock)
    this.clock = HostClock.make(this.time, pump.clock)
    this.random = Chance.make(Seed.derive(kernel.seed, `host/${host.name}/random`))
    const { shuffle } = pump.timer
    if (shuffle !== undefined) host.handOver = (run) => shuffle(() => run(pump.now), host)
    this.waker = {
      what: `${host.name}, which stands still,`,
      wake: () => {
        // a pause that was prolonged may still be ended at its former time
        if (pump.timer.now() >= this.pausedUntil) this.resume()
      }
    }
    pump.beforeClose(Effect.andThen(Effect.sync(() => this.close()), this.interruptAll))
  }

  /** The network of whatever is built or run from now until the host crashes. */
  readonly network = Effect.sync(() => {
    if (this.place.host.isOff) this.switchOn()
    const network = this.place.network(this.boot)
    Boots.register(network, this.boot)
    return network
  })

  readonly run = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Network.Network>> =>
    self.pipe(
      Effect.provideServiceEffect(Network.Network, this.network),
      Effect.provideService(Clock.Clock, this.clock),
      Effect.provideService(Random.Random, this.random),
      Effect.annotateLogs("host", this.place.host.name)
    )

  readonly start = <A, E, R>(
    program: Effect.Effect<A, E, R>
  ): Effect.Effect<void, never, Exclude<Exclude<R, Scope.Scope>, Network.Network>> =>
    Effect.contextWith((context: Context.Context<Exclude<Exclude<R, Scope.Scope>, Network.Network>>) => {
      const started: Program = {
        boot: Effect.forkDetach(
          Effect.provideContext(Effect.tapCause(this.run(Effect.scoped(program)), logFailure), context),
          { startImmediately: true }
        ),
        registry: Context.get(context, Registry.Current),
        running: undefined
      }
      this.programs.push(started)
      if (this.place.host.isOff) this.switchOn()
      this.note("start")
      return this.launch(started)
    })

  /** Interrupts them, and waits until they have said goodbye. A host that stands still goes on first. */
  readonly stop = Effect.suspend(() => {
    this.note("stop")
    return Effect.andThen(this.whenRunning, this.interruptAll)
  })

  readonly crash = Effect.sync(() => {
    this.note("crash")
    const { host, kernel, pump } = this.place
    const { boot } = this
    kernel.switchOff(host, pump.now)
    this.boot = new Boot()
    // before they are interrupted, for nothing to leave that their finalizers send
    boot.isAlive = false
    for (const socket of boot.sockets) kernel.close(socket, pump.now)
    const running = this.programs.map((program) => program.running)
    for (const program of this.programs) program.running = undefined
    this.ending.clear()
    // only now that all are forgotten: a finalizer may boot the host again
    for (const fiber of running) fiber?.interruptUnsafe()
    this.resume()
  })

  // a program may well restart its own host: it is gone then, and the host boots
  readonly restart = Effect.uninterruptible(Effect.suspend(() => {
    const isRunning = this.ending.size > 0 || this.programs.some((program) => program.running !== undefined)
    return Effect.andThen(isRunning ? this.crash : Effect.void, this.bootAll)
  }))

  readonly pause = (duration: Duration.Input, mode: Mode): Effect.Effect<void> =>
    Effect.sync(() => {
      const micros = Micros.fromInput(duration)
      if (!(micros > 0)) return
      const { host, kernel, pump } = this.place
      this.note(`pause ${mode} ${Duration.format(Duration.fromInputUnsafe(duration))}`)
      this.pausedUntil = Math.max(this.pausedUntil, pump.timer.now() + micros)
      this.time.pause(mode === "sleep")
      kernel.pause(host)
      if (this.pauseEnd !== undefined) pump.timer.withdraw(this.pauseEnd)
      this.pauseEnd = this.pausedUntil === Infinity ? undefined : pump.timer.at(this.pausedUntil, this.waker)
    })

  note(text: string): void {
    this.place.kernel.journal.note(this.place.pump.now, "host", { host: this.place.host, text })
  }

  private readonly waker: Sleeper

  private get isPaused(): boolean {
    return this.pausedUntil > 0
  }

  // Those whose time has come wake before the datagrams that were kept are read, as in the event loop of Node.
  private resume(): void {
    if (!this.isPaused) return
    const { host, kernel, pump } = this.place
    this.pausedUntil = 0
    this.note("resume")
    this.time.resume()
    for (const waiter of this.waiters) waiter()
    this.waiters.clear()
    // unless one of those who woke had it stand still again
    if (!this.isPaused) kernel.resume(host, pump.now)
  }

  // what a finalizer starts after that would have no end
  private close(): void {
    this.isClosed = true
    this.resume()
  }

  // whatever stood still does not any more
  private switchOn(): void {
    this.place.host.isOff = false
    this.note("boot")
    this.resume()
  }

  private readonly bootAll = Effect.suspend(() => {
    this.switchOn()
    const { boot } = this
    // the end of their former life, or one of them at once, may have crashed or booted the host meanwhile
    const one = (program: Program) =>
      this.boot === boot && program.running === undefined ? this.launch(program) : Effect.void
    return Effect.forEach(this.programs, (program) => Effect.suspend(() => one(program)), { discard: true })
  })

  private launch(program: Program): Effect.Effect<void> {
    const { boot } = this
    if (this.isClosed) return Effect.void
    return Effect.map(program.boot, (fiber) => {
      // it may have had its host crash, or boot, before it first waited
      if (!boot.isAlive || program.running !== undefined) return fiber.interruptUnsafe()
      program.running = fiber
      const end = (exit: Exit.Exit<unknown, unknown>) => {
        if (program.running !== fiber) return
        program.running = undefined
        if (Exit.isSuccess(exit)) return this.note("program ended")
        const cause = Cause.squash(exit.cause)
        const why = describe(cause)
        this.note(`program failed: ${why}`)
        const { host, pump } = this.place
        if (Cause.hasInterruptsOnly(exit.cause)) return
        program.registry?.fail({ elapsedMillis: pump.timer.now() / 1000, host: host.name, why, cause })
      }
      // to note how it ended is not to deal with it: an observer that took the exit would count as one who does
      const exit = Defects.exitOf(fiber)
      if (exit !== undefined) return end(exit)
      fiber.addObserver(() => end(Defects.exitOf(fiber)!))
    })
  }

  private readonly interruptAll = Effect.suspend(() => {
    for (const program of this.programs) {
      const fiber = program.running
      if (fiber === undefined) continue
      program.running = undefined
      this.ending.add(fiber)
      fiber.addObserver(() => this.ending.delete(fiber))
    }
    // a copy, for a finalizer that has its host crash forgets them
    return Fiber.interruptAll([...this.ending])
  })

  private readonly whenRunning = Effect.callback<void>((resume) => {
    if (!this.isPaused) return resume(Effect.void)
    const waiter = () => resume(Effect.void)
    this.waiters.add(waiter)
    return Effect.sync(() => this.waiters.delete(waiter))
  })
}

const logFailure = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("the host's program failed", cause)

const describe = (error: unknown): string => {
  if (error instanceof Error) return Value.message(error) || error.name
  return typeof error === "string" ? error : Value.format(error)
}
