/**
 * A record in the cache.
 *
 * What is the same for all that was said in one datagram is kept once, by their hearing, and what few records have is aside.
 */
import * as Record from "../Record.ts"
import * as Kept from "./Kept.ts"
import type * as State from "./State.ts"

const ordinary: State.Particulars = {
  others: [],
  doom: undefined,
  endsAt: Infinity,
  unanswered: 0,
  unansweredSince: 0,
  unansweredAt: 0
}

/** What few records have, in the place of what is kept of each. */
class Aside {
  kept: State.Kept
  particulars: State.Particulars
  readonly type: number

  constructor(kept: State.Kept, particulars: State.Particulars, type: number) {
    this.kept = kept
    this.particulars = particulars
    this.type = type
  }
}

/** The seconds of a ttl that are believed. */
export const secondsOf = (ttl: number): number => ttl > Record.maxTtl ? Record.maxTtl : ttl

// Beyond it a type is aside: none of those that are in use, and all have to fit into a number with what else each record has.
const widest = 2_047

/** A cached record with what is known about it. */
export class Entry implements State.Entry {
  readonly node: State.Node
  hearing: State.Hearing
  /** The next one of the same hearing. */
  nextHeard: State.Entry | undefined = undefined
  /** The next one of the node, behind the last of which comes the first; none of a shared pointer, which the node has by its target. */
  next: State.Entry | undefined = undefined
  #kept: State.Kept | Aside
  // from its highest bit: 11 of its type, 17 of the seconds that it holds, which are a day at most, 3 of the refreshes that are past, and whether
  // it is unique
  #numbers: number

  constructor(node: State.Node, { flush, ttl, type }: Record.Record, kept: State.Kept, hearing: State.Hearing) {
    this.node = node
    this.#numbers = (type < widest ? type : widest) << 21 | secondsOf(ttl) << 4 | (flush ? 1 : 0)
    this.#kept = type < widest ? kept : new Aside(kept, ordinary, type)
    this.hearing = hearing
  }

  /** Who said it first. */
  get source(): State.Source {
    return this.hearing.source
  }

  get kept(): State.Kept {
    return this.#kept instanceof Aside ? this.#kept.kept : this.#kept
  }

  set kept(kept: State.Kept) {
    if (this.#kept instanceof Aside) this.#kept.kept = kept
    else this.#kept = kept
  }

  get name() {
    return this.node
  }

  get type(): number {
    const type = this.#numbers >>> 21
    return type === widest && this.#kept instanceof Aside ? this.#kept.type : type
  }

  get flush(): boolean {
    return (this.#numbers & 1) !== 0
  }

  set flush(flush: boolean) {
    this.#numbers = this.#numbers & ~1 | (flush ? 1 : 0)
  }

  get ttl(): number {
    return (this.#numbers >> 4 & 0x1ffff) * 1_000
  }

  set ttl(ttl: number) {
    this.#numbers = this.#numbers & ~(0x1ffff << 4) | ttl / 1_000 << 4
  }

  get refreshes(): number {
    return this.#numbers >> 1 & 7
  }

  set refreshes(refreshes: number) {
    this.#numbers = this.#numbers & ~(7 << 1) | refreshes << 1
  }

  get data(): Record.Data {
    return Kept.dataOf(this.kept, this.type, this.node)
  }

  get record(): Record.Record {
    const { data, flush, name, ttl, type } = this
    return { name, type, class: Record.IN, flush, ttl: ttl / 1_000, data }
  }

  get origin(): string {
    return this.source.origin
  }

  get receivedAt(): number {
    return this.hearing.receivedAt
  }

  get expiresAt(): number {
    const kept = this.#kept
    const end = this.hearing.receivedAt + this.ttl
    return kept instanceof Aside ? Math.min(end, kept.particulars.endsAt) : end
  }

  /** Whether it is one of a set that grows with the link, such as the instances of a service type. */
  get isPointer(): boolean {
    return this.next === undefined
  }

  get doom(): State.Loss | undefined {
    return this.particulars.doom
  }

  get particulars(): State.Particulars {
    return this.#kept instanceof Aside ? this.#kept.particulars : ordinary
  }

  set particulars(particulars: State.Particulars) {
    const { kept, type } = this
    this.#kept = particulars === ordinary && type < widest ? kept : new Aside(kept, particulars, type)
  }
}

/** The addresses that are remembered to have said a record. */
const mostAnnouncers = 8

/** Whether an address has said the record. */
export const isSaidBy = ({ origin, particulars: { others } }: State.Entry, host: string): boolean =>
  origin === host || others.includes(host)

/** Remembers who says the record. */
export const addAnnouncer = (self: State.Entry, host: string): void => {
  const { particulars } = self
  const { others } = particulars
  if (isSaidBy(self, host) || others.length + 1 >= mostAnnouncers) return
  self.particulars = { ...particulars, others: [...others, host] }
}

/** Takes a record for as good as any: it was heard again. */
export const absolve = (self: State.Entry): void => {
  const { particulars } = self
  if (particulars === ordinary) return
  self.particulars = particulars.others.length === 0 ? ordinary : { ...ordinary, others: particulars.others }
}
