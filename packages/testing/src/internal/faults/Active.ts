/**
 * The faults that are at work, and what they do to a datagram beyond what its link does.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as Fault from "../../Fault.ts"
import type { Frame, Journal } from "../kernel/Journal.ts"
import type { Lost } from "../kernel/Lost.ts"
import type { Copy, Operation, Refusal } from "../kernel/Medium.ts"
import type { Host, Interface, Segment } from "../kernel/Topology.ts"
import type { Transit } from "../kernel/Transit.ts"
import * as Draw from "../links/Draw.ts"
import { isMatch } from "./Match.ts"

/** @internal What lets some datagrams not pass: how long it delays one, or why it loses it. */
export interface Bar {
  readonly judge: (frame: Frame, from: Interface, to: Interface, now: number) => number | Lost
  /** Whether it takes what is under way when it begins. */
  readonly isLasting: boolean
}

/** @internal */
export interface Firewall {
  readonly in: "allow" | "drop"
  readonly out: "allow" | "drop" | "EPERM"
  readonly port: number | undefined
  readonly lost: Lost
}

/** @internal */
export interface Refusing extends Refusal {
  readonly operation: Operation
  readonly probability: number
  readonly seed: Seed.Seed
  left: number
  asked: number
}

/** @internal Sends copies of what matches, later. */
export interface Replaying {
  readonly match: Fault.Match
  readonly delay: number
  readonly copies: number
  readonly cause: number
}

/** @internal */
export interface Held {
  readonly copy: Copy
  readonly from: Interface
  readonly to: Interface
  /** Where it was sent, which its sender may leave meanwhile. */
  readonly on: Segment | undefined
  readonly event: number
}

/** @internal Keeps what matches, up to a limit. */
export interface Holding {
  readonly match: Fault.Match
  readonly limit: number
  readonly cause: number
  held: Array<Held>
}

/** @internal */
export class Active {
  private transit: Transit | undefined
  private journal: Journal | undefined
  private readonly seed: Seed.Seed
  private bars: ReadonlyArray<Bar> = []
  private replays: ReadonlyArray<Replaying> = []
  private holdings: ReadonlyArray<Holding> = []
  private readonly firewalls = new Map<string, ReadonlyArray<Firewall>>()
  private readonly refusals = new Map<string, ReadonlyArray<Refusing>>()
  private readonly begun = new Map<string, number>()
  /** When the last of the copies that replays have made arrives, whether they have ended or not. */
  lastReplayAt = -Infinity
  /** Whether there is nothing at work on datagrams. */
  isQuiet = true
  /** Whether none of it keeps or repeats datagrams. */
  isPassing = true

  constructor(seed: Seed.Seed) {
    this.seed = seed
  }

  start(transit: Transit, journal: Journal): void {
    this.transit = transit
    this.journal = journal
  }

  /** A seed of its own for one more fault of that description, whatever others there are. */
  nextSeed(description: string): Seed.Seed {
    const count = this.begun.get(description) ?? 0
    this.begun.set(description, count + 1)
    return Seed.derive(this.seed, `fault/${description}/${count}`)
  }

  addBar(bar: Bar): () => void {
    this.bars = [...this.bars, bar]
    return this.changed(() => {
      this.bars = without(this.bars, bar)
    })
  }

  addReplay(replay: Replaying): () => void {
    this.replays = [...this.replays, replay]
    return this.changed(() => {
      this.replays = without(this.replays, replay)
    })
  }

  addHolding(holding: Holding): () => void {
    this.holdings = [...this.holdings, holding]
    return this.changed(() => {
      this.holdings = without(this.holdings, holding)
    })
  }

  addFirewall(host: string, firewall: Firewall): () => void {
    return this.changed(addTo(this.firewalls, host, firewall))
  }

  addRefusal(host: string, refusal: Refusing): () => void {
    return addTo(this.refusals, host, refusal)
  }

  private changed(undo: () => void): () => void {
    const update = () => {
      this.isPassing = this.replays.length + this.holdings.length === 0
      this.isQuiet = this.isPassing && this.bars.length + this.firewalls.size === 0
    }
    update()
    return () => {
      undo()
      update()
    }
  }

  /** Rule 121, of a firewall that is silent to its own host as well. */
  leave(frame: Frame, from: Interface): Lost | undefined {
    if (this.firewalls.size === 0) return undefined
    return this.wall(from.host, frame, (wall) => wall.out === "drop")?.lost
  }

  permit(frame: Frame): Refusal | undefined {
    if (this.firewalls.size === 0 || frame.from.isInternal) return undefined
    const wall = this.wall(frame.from.host, frame, (wall) => wall.out === "EPERM")
    return wall && { code: "EPERM", cause: wall.lost.cause }
  }

  private wall(host: Host, frame: Frame, isShut: (wall: Firewall) => boolean): Firewall | undefined {
    const walls = this.firewalls.get(host.name) ?? []
    return walls.find((wall) => isShut(wall) && (wall.port === undefined || wall.port === frame.to.port))
  }

  /** How long the faults delay it, or why it is lost. The first that has something to say decides. */
  bar(frame: Frame, from: Interface, to: Interface, now: number): number | Lost {
    for (const bar of this.bars) {
      const verdict = bar.judge(frame, from, to, now)
      if (verdict !== 0) return verdict
    }
    return 0
  }

  arrive(frame: Frame, from: Interface, to: Interface, now: number): Lost | undefined {
    for (const bar of this.bars) {
      const verdict = bar.isLasting ? bar.judge(frame, from, to, now) : 0
      if (typeof verdict !== "number") return verdict
    }
    return this.firewalls.size === 0 ? undefined : this.wall(to.host, frame, (wall) => wall.in === "drop")?.lost
  }

  /** The copies that go on now. */
  pass(copies: ReadonlyArray<Copy>, from: Interface, to: Interface): ReadonlyArray<Copy> {
    const all = this.replays.reduce((copies, replay) => this.replay(replay, copies, from, to), copies)
    return this.holdings.reduce((copies, holding) => this.hold(holding, copies, from, to), all)
  }

  private replay(
    { cause, copies: count, delay, match }: Replaying,
    copies: ReadonlyArray<Copy>,
    from: Interface,
    to: Interface
  ): ReadonlyArray<Copy> {
    const [first] = copies
    if (first === undefined || !isMatch(match, first.frame, from, to)) return copies
    const { at, frame } = first
    const again = Array.from({ length: count }, (_, i) => ({ at: at + (i + 1) * delay, frame }))
    for (const copy of again) {
      this.journal!.note(frame.time, "duplicate", { interface: to, frame, rule: 117, text: "replay", cause })
      this.lastReplayAt = Math.max(this.lastReplayAt, copy.at)
    }
    return [...copies, ...again]
  }

  private hold(
    holding: Holding,
    copies: ReadonlyArray<Copy>,
    from: Interface,
    to: Interface
  ): ReadonlyArray<Copy> {
    const [first] = copies
    if (first === undefined || !isMatch(holding.match, first.frame, from, to)) return copies
    for (const copy of copies) this.keep(holding, { copy, from, to, on: from.segment }, copy.frame.time)
    return []
  }

  private keep(holding: Holding, kept: Omit<Held, "event">, now: number): void {
    const { copy: { frame }, to } = kept
    const { cause } = holding
    if (holding.held.length >= holding.limit) {
      this.journal!.drop(now, frame, to, "held", 0, cause)
      return
    }
    const event = this.journal!.note(now, "hold", { interface: to, frame, cause })
    holding.held.push({ ...kept, event })
  }

  /** Sends on what is held and matches, all at once, in the order of the array that `order` makes of it. */
  release(
    holding: Holding,
    match: Fault.Match,
    order: (held: ReadonlyArray<Held>) => ReadonlyArray<Held>,
    now: number
  ): void {
    const isWanted = ({ copy, from, to }: Held) => isMatch(match, copy.frame, from, to)
    const released = holding.held.filter(isWanted)
    holding.held = holding.held.filter((held) => !isWanted(held))
    const hasEnded = !this.holdings.includes(holding)
    for (const held of order(released)) {
      const { copy: { at, frame }, event, from, on, to } = held
      this.journal!.note(now, "release", { interface: to, frame, cause: event })
      const next = hasEnded ? this.holdings.find(({ match }) => isMatch(match, frame, from, to)) : undefined
      // another one that lasts goes on holding it
      if (next !== undefined) this.keep(next, held, now)
      // one that would still be under way takes no less time for having been held
      else this.transit!.schedule(frame, from, to, Math.max(now, at), on)
    }
  }

  get held(): ReadonlyArray<Holding> {
    return this.holdings
  }

  inject(operation: Operation, host: Host): Refusal | undefined {
    if (this.refusals.size === 0) return undefined
    return this.refusals.get(host.name)?.find((refusal) => refusal.operation === operation && refuses(refusal))
  }
}

const refuses = (refusal: Refusing): boolean => {
  if (refusal.left === 0) return false
  const draw = Draw.at(Draw.combine(refusal.seed, refusal.asked++), Draw.purpose.errno)
  if (draw >= refusal.probability) return false
  refusal.left--
  return true
}

const without = <A>(all: ReadonlyArray<A>, one: A): ReadonlyArray<A> => all.filter((other) => other !== one)

const addTo = <A>(map: Map<string, ReadonlyArray<A>>, key: string, value: A): () => void => {
  map.set(key, [...map.get(key) ?? [], value])
  return () => {
    const others = without(map.get(key) ?? [], value)
    if (others.length > 0) map.set(key, others)
    else map.delete(key)
  }
}
