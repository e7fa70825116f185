/**
 * All links of a network: what they do to each datagram, and the faults that are at work on them.
 *
 * Nothing is kept for a pair of interfaces but where something is set for just those two, and no draw depends on another.
 */
import * as Seed from "@effect-discovery/core/Seed"
import { Active } from "../faults/Active.ts"
import type { Frame, Journal } from "../kernel/Journal.ts"
import type { Lost } from "../kernel/Lost.ts"
import type * as Medium from "../kernel/Medium.ts"
import type { Host, Interface } from "../kernel/Topology.ts"
import type { Transit } from "../kernel/Transit.ts"
import { Changes } from "./Changes.ts"
import type * as Link from "./Data.ts"
import * as Draw from "./Draw.ts"
import * as HoldBack from "./HoldBack.ts"
import * as Losses from "./Losses.ts"
import * as Path from "./Path.ts"
import { Queue } from "./Queue.ts"
import type * as Wire from "./Wire.ts"

// What is drawn at random arrives on this grid, for datagrams to share their wakes.
const grid = 10
// What takes longer never arrives, and is not to be rounded: 285 years.
const longest = 9_000_000_000_000_000

/** @internal */
export class Links implements Medium.Medium {
  readonly changes: Changes
  readonly active: Active
  private transit: Transit | undefined
  private journal: Journal | undefined
  // of the datagram that left last
  private seed = 0
  private number = 0

  constructor(seed: Seed.Seed, defaults: Link.Link) {
    this.active = new Active(seed)
    this.changes = new Changes(defaults)
  }

  start(transit: Transit, journal: Journal): void {
    this.transit = transit
    this.journal = journal
    this.active.start(transit, journal)
  }

  leave(frame: Frame, from: Interface, now: number): number | Lost {
    const flow = from.wire.flow(frame.to.address.text)
    this.seed = flow.seed
    this.number = flow.count++
    if (from.wire.specials !== undefined && from.wire.specialsVersion !== this.changes.version) this.prune(from, now)
    const refused = this.active.leave(frame, from)
    if (refused !== undefined) return refused
    const path = pick(this.sending(from), frame)
    return path.isOpen ? now : this.depart(path, frame, from, now)
  }

  private depart(path: Path.Path, frame: Frame, from: Interface, now: number): number | Lost {
    const { mtu } = path
    const departed = path.bandwidth === Infinity
      ? now
      : from.wire.queue.enter(now, Losses.size(frame, mtu), path.bandwidth, path.queue)
    if (departed === undefined) return path.overflow
    if (path.commonLoss === undefined) return departed
    return Losses.find(path.commonLoss, frame, this.which(0), mtu) ?? departed
  }

  reach(frame: Frame, from: Interface, to: Interface, departed: number): Medium.Fate {
    const special = this.special(from, to)
    const path = pick(special?.paths ?? from.segment!.cable.paths, frame)
    const queue = special && this.isOwn(path, frame, from) ? special.queue : undefined
    if (path.fixed >= 0 && queue === undefined && this.active.isQuiet) return departed + path.fixed
    const which = this.which(to.wire.salt)
    const lost = this.lose(path, frame, which)
    const barred = this.active.isQuiet ? 0 : this.active.bar(frame, from, to, frame.time)
    if (typeof barred !== "number") return barred
    if (lost !== undefined) return lost
    const start = queue === undefined ? departed : this.queued(queue, path, frame, departed)
    return start === undefined ? path.overflow : this.onward(path, frame, from, to, start + barred, Losses.keyOf(which))
  }

  arrive(frame: Frame, from: Interface, to: Interface, now: number): Lost | undefined {
    return this.active.isQuiet ? undefined : this.active.arrive(frame, from, to, now)
  }

  inject(operation: Medium.Operation, host: Host): Medium.Refusal | undefined {
    return this.active.inject(operation, host)
  }

  permit(frame: Frame): Medium.Refusal | undefined {
    return this.active.permit(frame)
  }

  // The owner that answered last when the sender asked, as its neighbour cache has it.
  choose(from: Interface, address: string, owners: ReadonlyArray<Interface>): ReadonlyArray<Interface> {
    const others = owners.filter((owner) => owner !== from)
    if (others.length < 2) return others
    const draw = Draw.at(Seed.derive(from.wire.salt, address), Draw.purpose.owner)
    return [others[Math.floor(draw * others.length)]!]
  }

  private which(salt: Seed.Seed): Losses.Numbered {
    return { seed: this.seed, number: this.number, salt }
  }

  private lose(path: Path.Path, frame: Frame, which: Losses.Numbered): Lost | undefined {
    const lost = path.loss && Losses.find(path.loss, frame, which, path.mtu)
    if (lost !== undefined || path.corrupt === undefined || path.corrupt.mode !== "drop") return lost
    return Draw.at(Losses.keyOf(which), Draw.purpose.corrupt) < path.corrupt.probability ? path.corrupted : undefined
  }

  private queued(
    queue: Queue,
    path: Path.Path,
    frame: Frame,
    departed: number
  ): number | undefined {
    if (path.bandwidth === Infinity) return departed
    return queue.enter(departed, Losses.size(frame, path.mtu), path.bandwidth, path.queue)
  }

  private onward(
    path: Path.Path,
    frame: Frame,
    from: Interface,
    to: Interface,
    departed: number,
    key: number
  ): Medium.Fate {
    const intact = this.damage(path, frame, to, key)
    const first = arrivalAt(path, departed, key, Draw.purpose.latency)
    const isTwice = path.duplicate > 0 && Draw.at(key, Draw.purpose.duplicate) < path.duplicate
    if (!isTwice && path.reorder === undefined && intact === frame && this.active.isPassing) return first
    const copies = [{ at: first, frame: intact }]
    if (isTwice) {
      this.journal!.note(frame.time, "duplicate", { interface: to, frame, rule: 117, cause: path.duplicateCause })
      copies.push({ at: arrivalAt(path, departed, key, Draw.purpose.secondLatency), frame: intact })
    }
    const passed = this.active.pass(copies, from, to)
    return path.reorder === undefined ? passed : this.reorder(path, path.reorder, passed, from, to, key)
  }

  private damage(path: Path.Path, frame: Frame, to: Interface, key: number): Frame {
    if (path.corrupt === undefined || path.corrupt.mode !== "deliver" || frame.payload.length === 0) return frame
    if (Draw.at(key, Draw.purpose.corrupt) >= path.corrupt.probability) return frame
    this.journal!.note(frame.time, "corrupt", { interface: to, frame, rule: 46, cause: path.corruptCause })
    return { ...frame, payload: flip(frame.payload, key) }
  }

  private reorder(
    path: Path.Path,
    { gap, probability, within }: NonNullable<Path.Path["reorder"]>,
    copies: ReadonlyArray<Medium.Copy>,
    from: Interface,
    to: Interface,
    key: number
  ): ReadonlyArray<Medium.Copy> {
    const [first] = copies
    if (first === undefined) return copies
    const { frame } = first
    if (Draw.at(key, Draw.purpose.reorder) >= probability) {
      HoldBack.pass(from.wire, to.wire, first.at, frame.time)
      return copies
    }
    const details = { interface: to, frame, rule: 117 }
    const cause = this.journal!.note(frame.time, "hold", { ...details, cause: path.reorderCause })
    HoldBack.add(this.transit!, { frame, from, to, left: gap, at: first.at, latest: first.at + within }, (at) => {
      this.journal!.note(at, "release", { ...details, cause })
    })
    return copies.slice(1)
  }

  private sending(from: Interface): Path.Paths {
    const cable = from.segment!.cable
    if (this.changes.isEmpty || !this.changes.isSender(from.host.name)) return cable.paths
    const known = from.wire.sending
    if (known !== undefined && known.version === this.changes.version && known.cable === cable) return known.paths
    const paths = Path.compile(this.changes.ofSender(from.host.name, cable))
    from.wire.sending = { paths, cable, version: this.changes.version }
    return paths
  }

  private special(from: Interface, to: Interface): Wire.Special | undefined {
    if (this.changes.isEmpty || !this.changes.isSpecial(from.host.name, to.host.name)) return undefined
    const specials = from.wire.specials ??= new Map<Wire.Wire, Wire.Special>()
    const known = specials.get(to.wire)
    const { cable } = from.segment!
    const { version } = this.changes
    if (known !== undefined && known.version === version && known.cable === cable) return known
    const paths = Path.compile(this.changes.between(from.host.name, to.host.name, cable))
    const special = { paths, queue: known?.queue ?? new Queue(), cable, version }
    specials.set(to.wire, special)
    return special
  }

  // at the rate of its sender it left in turn already
  private isOwn(path: Path.Path, frame: Frame, from: Interface): boolean {
    return path.bandwidth !== pick(this.sending(from), frame).bandwidth
  }

  // what was set has changed: of that before, only queues matter that are not empty yet
  private prune({ wire }: Interface, now: number): void {
    const kept = Array.from(wire.specials ?? []).filter(([, { queue }]) => queue.isBusy(now))
    wire.specials = kept.length === 0 ? undefined : new Map(kept)
    wire.specialsVersion = this.changes.version
  }
}

const pick = (paths: Path.Paths, frame: Frame): Path.Path => Losses.isForMany(frame) ? paths.multicast : paths.unicast

const arrivalAt = (path: Path.Path, departed: number, key: number, purpose: number): number => {
  const { jitter, latency, period } = path
  const start = period === 0 ? departed : Math.ceil(departed / period) * period
  if (latency.quantile === undefined && jitter.quantile === undefined) {
    return Math.min(longest, start + latency.constant + jitter.constant)
  }
  const drawn = (latency.quantile?.(Draw.at(key, purpose)) ?? latency.constant) +
    (jitter.quantile?.(Draw.at(key, purpose + 1)) ?? jitter.constant)
  return Math.ceil(Math.min(longest, start + Math.max(0, drawn)) / grid) * grid
}

const flip = (payload: Uint8Array, key: number): Uint8Array => {
  const damaged = payload.slice()
  const bits = 1 + Math.floor(Draw.at(key, Draw.purpose.flip) * 3)
  for (let i = 1; i <= bits; i++) {
    const bit = Math.floor(Draw.at(key, Draw.purpose.flip + i) * payload.length * 8)
    // always away from what was sent, for two turns of one bit not to undo each other
    damaged[bit >> 3] = payload[bit >> 3]! ^ (1 << (bit & 7))
  }
  return damaged
}
