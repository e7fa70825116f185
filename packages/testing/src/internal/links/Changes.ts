/**
 * What was set for hosts and for pairs of them, and which of it holds between two.
 */
import { Cable } from "./Cable.ts"
import type * as Link from "./Data.ts"
import * as Path from "./Path.ts"

/** @internal Which datagrams a change concerns: all of what is left open. */
export interface Scope {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly segment?: string | undefined
}

interface Entry {
  readonly scope: Scope
  readonly isFault: boolean
  readonly change: Path.Change
}

// A fault holds before what is set for two hosts, whoever it is about, and a later fault before an earlier one.
const rank = ({ isFault }: Entry): number => Number(isFault)

const holds = ({ scope }: Entry, from: string, to: string, cable: Cable): boolean =>
  (scope.from === undefined || scope.from === from) && (scope.to === undefined || scope.to === to) &&
  (scope.segment === undefined || scope.segment === cable.name)

/** @internal */
export class Changes {
  /** Counts up with every change, for what was derived to be known as old. */
  version = 0
  private readonly cables: Array<Cable> = []
  private defaults: Link.Link
  private entries: ReadonlyArray<Entry> = []
  // how many entries name a host, for most pairs to be seen as ordinary at once
  private readonly senders = new Map<string, number>()
  private readonly receivers = new Map<string, number>()

  /** Whether nothing is set for any host. */
  get isEmpty(): boolean {
    return this.senders.size === 0 && this.receivers.size === 0
  }

  constructor(defaults: Link.Link) {
    this.defaults = defaults
  }

  /** For a new segment, with what its links do otherwise than those of the network. */
  cable(name: string, link: Link.Link): Cable {
    const cable = new Cable(name, this.defaults, link)
    this.cables.push(cable)
    this.update()
    return cable
  }

  /** The names of the segments. */
  get segments(): ReadonlyArray<string> {
    return this.cables.map(({ name }) => name)
  }

  /** Changes what holds for all links that have nothing of their own. */
  setDefaults(link: Link.Link): void {
    this.defaults = Path.merge({ link: this.defaults, causes: {} }, { link, causes: {} }).link
    for (const cable of this.cables) cable.setDefaults(this.defaults)
    this.update()
  }

  /** Makes a change that lasts as long as a fault; the result takes it back. */
  add(scope: Scope, change: Path.Change): () => void {
    const entry = { scope, change, isFault: true }
    this.entries = [...this.entries, entry]
    this.update()
    return () => {
      this.entries = this.entries.filter((other) => other !== entry)
      this.update()
    }
  }

  /** Adds to what is set for a pair for good. */
  set(from: string, to: string, link: Link.Link): void {
    const isOwn = ({ isFault, scope }: Entry) => !isFault && scope.from === from && scope.to === to
    const before = this.entries.find(isOwn)?.change ?? { link: {}, causes: {} }
    const change = Path.merge(before, { link, causes: {} })
    this.entries = [...this.entries.filter((entry) => !isOwn(entry)), { scope: { from, to }, change, isFault: false }]
    this.update()
  }

  /** Takes back what was set for a pair and is no fault. */
  reset(from: string, to: string): void {
    this.entries = this.entries.filter(({ isFault, scope }) => isFault || scope.from !== from || scope.to !== to)
    this.update()
  }

  isSender(name: string): boolean {
    return this.senders.has(name)
  }

  /** Whether something is set for one of the two, or for just these two. */
  isSpecial(from: string, to: string): boolean {
    return this.senders.has(from) || this.receivers.has(to)
  }

  /** What holds for what a host sends, to whomever. */
  ofSender(from: string, cable: Cable): Path.Change {
    return this.resolve((entry) => entry.scope.to === undefined && holds(entry, from, "", cable), cable)
  }

  between(from: string, to: string, cable: Cable): Path.Change {
    return this.resolve((entry) => holds(entry, from, to, cable), cable)
  }

  private resolve(isIn: (entry: Entry) => boolean, cable: Cable): Path.Change {
    const found = this.entries.filter(isIn).toSorted((a, b) => rank(a) - rank(b))
    return found.reduce((base, { change }) => Path.merge(base, change), cable.base)
  }

  private update(): void {
    this.version++
    this.senders.clear()
    this.receivers.clear()
    for (const { scope: { from, to } } of this.entries) {
      if (from !== undefined) this.senders.set(from, (this.senders.get(from) ?? 0) + 1)
      else if (to !== undefined) this.receivers.set(to, (this.receivers.get(to) ?? 0) + 1)
    }
    for (const cable of this.cables) {
      const all = this.entries.filter((entry) => !isSpecific(entry) && holds(entry, "", "", cable))
      cable.impair(all.map(({ change }) => change))
    }
  }
}

const isSpecific = ({ scope }: Entry): boolean => scope.from !== undefined || scope.to !== undefined
