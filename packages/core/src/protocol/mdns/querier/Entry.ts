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

/** A cached record with what is known about it. */
export class Entry implements State.Entry {
  readonly node: State.Node
  /** Who said it first. */
  readonly source: State.Source
  kept: State.Kept
  hearing: State.Hearing
  /** The next one of the same hearing. */
  nextHeard: State.Entry | undefined = undefined
  /** The next one of the node, behind the last of which comes the first; none of a shared pointer, which the node has by its target. */
  next: State.Entry | undefined = undefined
  older: State.Entry | undefined = undefined
  newer: State.Entry | undefined = undefined
  #particulars: State.Particulars | undefined = undefined
  // two in a number each: its type and whether it is unique; the milliseconds that it holds, a day at most, and the refreshes that are past
  #kind: number
  #term = 0

  constructor(
    node: State.Node,
    source: State.Source,
    type: number,
    kept: State.Kept,
    hearing: State.Hearing
  ) {
    this.node = node
    this.source = source
    this.#kind = type << 1
    this.kept = kept
    this.hearing = hearing
  }

  get name() {
    return this.node.name
  }

  get type(): number {
    return this.#kind >> 1
  }

  get flush(): boolean {
    return (this.#kind & 1) !== 0
  }

  set flush(flush: boolean) {
    this.#kind = this.#kind & ~1 | (flush ? 1 : 0)
  }

  get ttl(): number {
    return this.#term >> 3
  }

  set ttl(ttl: number) {
    this.#term = ttl << 3 | this.refreshes
  }

  get refreshes(): number {
    return this.#term & 7
  }

  set refreshes(refreshes: number) {
    this.#term = this.#term & ~7 | refreshes
  }

  get data(): Record.Data {
    return Kept.dataOf(this.kept, this.type, this.node.name)
  }

  get record(): Record.Record {
    const { data, flush, node: { name }, ttl, type } = this
    return { name, type, class: Record.IN, flush, ttl: ttl / 1_000, data }
  }

  get origin(): string {
    return this.source.host
  }

  get receivedAt(): number {
    return this.hearing.receivedAt
  }

  get expiresAt(): number {
    return Math.min(this.hearing.receivedAt + this.ttl, this.particulars.endsAt)
  }

  /** Whether it is one of a set that grows with the link, such as the instances of a service type. */
  get isPointer(): boolean {
    return this.next === undefined
  }

  get doom(): State.Loss | undefined {
    return this.particulars.doom
  }

  get particulars(): State.Particulars {
    return this.#particulars ?? ordinary
  }

  set particulars(particulars: State.Particulars) {
    this.#particulars = particulars
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
