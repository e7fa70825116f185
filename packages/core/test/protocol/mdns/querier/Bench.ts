/** A querier on one link or more, driven in virtual time; what it sends is decoded. */
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"

export const { A, AAAA, ANY, CNAME, NSEC, OPT, PTR, SRV, TXT } = Record.Type

export const name = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

export const http = name("_http._tcp.local")
export const host = name("host-1.local")
export const instance = (label: string): Name.Name => Result.getOrThrow(Name.prepend(label, http))

export const link: Link.Link = {
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [],
  maxPayload: 1_440,
  isPortOwned: true
}

const record = (owner: Name.Name, type: number, ttl: number, flush: boolean, data: Record.Data): Record.Record => ({
  name: owner,
  type,
  class: Record.IN,
  flush,
  ttl,
  data
})

export const pointer = (label: string, ttl = 4_500): Record.Record =>
  record(http, PTR, ttl, false, { _tag: "Pointer", target: instance(label) })

export const address = (last: number, ttl = 120, owner = host, flush = true): Record.Record =>
  record(owner, A, ttl, flush, { _tag: "Address", octets: Uint8Array.of(192, 0, 2, last) })

export const service = (label: string, ttl = 120, port = 80): Record.Record =>
  record(instance(label), SRV, ttl, true, { _tag: "Service", priority: 0, weight: 0, port, target: host })

export const text = (label: string, content: string, ttl = 4_500): Record.Record =>
  record(instance(label), TXT, ttl, true, {
    _tag: "Text",
    octets: Uint8Array.of(content.length, ...new TextEncoder().encode(content))
  })

export const denial = (owner: Name.Name, types: ReadonlyArray<number>, ttl = 120, next = owner): Record.Record =>
  record(owner, NSEC, ttl, true, { _tag: "Denial", next, types })

export const goodbye = (said: Record.Record): Record.Record => ({ ...said, ttl: 0 })

export const question = (asked: Name.Name, type: number, unicast = false): Message.Question => ({
  name: asked,
  type,
  class: Record.IN,
  unicast
})

const empty: Message.Message = {
  id: 0,
  isResponse: false,
  isTruncated: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  skipped: 0
}

export interface From {
  readonly host?: string
  readonly port?: number
  readonly isMulticast?: boolean
  readonly isOwnAddress?: boolean
  readonly link?: Link.Link
}

const origin = (
  { host = "192.0.2.10", isMulticast = true, isOwnAddress = false, port = 5_353 }: From
): Link.Origin => ({
  source: NetAddress.inetAddressFromString(`${host}:${port}`).pipe(Result.getOrThrow),
  host,
  isMulticast,
  isOnLink: true,
  isOwnAddress
})

export interface Sent {
  readonly at: number
  readonly link: string
  readonly message: Message.Message
}

export type Told = Querier.Change & { readonly at: number }

export class Bench {
  now = 0
  readonly querier: Querier.Querier
  readonly sent: Array<Sent> = []
  readonly told: Array<Told> = []
  readonly rejected: Array<string> = []
  #interests = 0
  readonly #watched = new Map<number, { readonly name: Name.Name; readonly types: ReadonlyArray<number> }>()

  constructor(
    options: {
      readonly seed?: number
      readonly links?: ReadonlyArray<Link.Link>
      readonly limits?: Partial<Engine.Limits>
      readonly allowOtherDomains?: boolean
      readonly owned?: Querier.Querier["owned"]
    } = {}
  ) {
    const { allowOtherDomains = false, limits, links = [link], owned, seed = 1 } = options
    this.querier = Querier.make({ seed, limits: { ...Engine.limits, ...limits }, allowOtherDomains, owned })
    for (const link of links) this.linkUp(link)
  }

  /** Takes an interest, or only watches. */
  ask(
    asked: Name.Name,
    type: number,
    { id = ++this.#interests, mode = "browse", ...interest }: Partial<Omit<Querier.Interest, "mode">> & {
      readonly mode?: Querier.Interest["mode"] | "watch"
    } = {}
  ): number {
    const before = this.#watched.get(id)
    if (mode === "watch") {
      const types = [type]
      this.watch(asked, types)
      this.#do(() => Querier.release(this.querier, id, this.now))
      this.#watched.set(id, { name: asked, types })
    } else {
      const whole = { id, name: asked, type, mode, refresh: true, ...interest }
      this.#do(() => Querier.ask(this.querier, whole, this.now))
      this.#watched.delete(id)
    }
    if (before !== undefined) this.unwatch(before.name, before.types)
    return id
  }

  release(id: number): void {
    const watched = this.#watched.get(id)
    this.#watched.delete(id)
    if (watched !== undefined) this.unwatch(watched.name, watched.types)
    this.#do(() => Querier.release(this.querier, id, this.now))
  }

  watch(watched: Name.Name, types: ReadonlyArray<number>): void {
    this.#do(() => Querier.watch(this.querier, link.key, watched, types, this.now))
  }

  unwatch(watched: Name.Name, types: ReadonlyArray<number>): void {
    this.#do(() => Querier.unwatch(this.querier, link.key, watched, types, this.now))
  }

  linkUp(up: Link.Link): void {
    this.#do(() => Querier.linkUp(this.querier, up, this.now))
  }

  linkDown(key = link.key): void {
    this.#do(() => Querier.linkDown(this.querier, key))
  }

  resume(): void {
    this.#do(() => {
      for (const key of this.querier.places.keys()) Querier.resume(this.querier, key, this.now)
    })
  }

  reconfirm(doubted: Name.Name): void {
    this.#do(() => Querier.reconfirm(this.querier, doubted, this.now))
  }

  /** Hears a response with these answers. */
  hear(answers: ReadonlyArray<Record.Record>, message: Partial<Message.Message> & { readonly from?: From } = {}): void {
    const { from = {}, ...rest } = message
    const response = { ...empty, isResponse: true, answers, ...rest }
    this.#do((out) => {
      const isAnswer = Querier.hearResponse(this.querier, from.link ?? link, response, origin(from), this.now, out)
      if (!isAnswer) this.rejected.push("unexpected response by unicast")
    })
  }

  /** Hears somebody else's query. */
  overhear(
    questions: ReadonlyArray<Message.Question>,
    answers: ReadonlyArray<Record.Record> = [],
    { isTruncated = false, ...from }: From & { readonly isTruncated?: boolean } = {}
  ): void {
    const query = { ...empty, questions, answers, isTruncated }
    const other = { host: "192.0.2.77", ...from }
    this.#do(() => Querier.hearQuery(this.querier, from.link ?? link, query, origin(other), this.now))
  }

  /** Lets time pass until then, that instant included. */
  until(then: number): this {
    for (let at = Querier.wakeAt(this.querier); at <= then; at = Querier.wakeAt(this.querier)) {
      this.now = Math.max(this.now, at)
      this.#do((out) => Querier.wake(this.querier, this.now, out))
    }
    this.now = then
    return this
  }

  records(asked: Name.Name, type: number, key = link.key): ReadonlyArray<Querier.Cached> {
    return Querier.records(this.querier, key, asked, type)
  }

  /** What was told since this was last asked for, in short. */
  news(): ReadonlyArray<string> {
    return this.told.splice(0).map((change) =>
      change.kind === "denied"
        ? `denied ${Name.format(change.name)} ${change.type}`
        : change.kind === "removed"
        ? `removed ${change.reason} ${change.at}`
        : change.kind
    )
  }

  /** When queries were sent. */
  get times(): ReadonlyArray<number> {
    return this.sent.map(({ at }) => at)
  }

  #do(input: (out: Array<Engine.Output>) => void): void {
    const out: Array<Engine.Output> = []
    input(out)
    for (const output of out) {
      if (output._tag === "Transmit") {
        this.sent.push({ at: this.now, link: output.link, message: Result.getOrThrow(Message.decode(output.payload)) })
        if (output.to !== "group") throw new Error("a query left the group")
      } else if (output._tag === "Rejected") this.rejected.push(output.reason)
    }
    for (const change of Querier.takeChanges(this.querier)) this.told.push({ ...change, at: this.now })
    // as after every step of the engine
    Querier.wakeAt(this.querier)
  }
}

/** Whether all values lie in a range, and a quarter of them in each quarter of it, give or take 5 %. */
export const isUniform = (values: ReadonlyArray<number>, least: number, most: number): boolean => {
  const quarters = [0, 0, 0, 0]
  for (const value of values) {
    if (value < least || value > most) return false
    quarters[Math.min(3, Math.floor(4 * (value - least) / (most - least)))]! += 1 / values.length
  }
  return quarters.every((share) => Math.abs(share - 0.25) <= 0.05)
}

export const seeds: ReadonlyArray<number> = Array.from({ length: 1_000 }, (_, i) => i)

export const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((time, i) => time - times[i]!)
