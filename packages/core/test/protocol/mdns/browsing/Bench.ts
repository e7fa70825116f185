/** Subscriptions over a querier on one link or more, in virtual time. */
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Browsing from "../../../../src/protocol/mdns/Browsing.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import type * as Subscription from "../../../../src/protocol/mdns/Subscription.ts"

const { A, AAAA, NSEC, PTR, SRV, TXT } = Record.Type

export const name = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

const link = (nic: string, index: number, family: NetAddress.IpFamily): Link.Link => ({
  key: `${nic}/${family}`,
  interface: nic,
  index,
  family,
  addresses: [],
  maxPayload: 1_440,
  isPortOwned: true
})

export const eth0 = link("eth0", 2, "IPv4")
export const eth0v6 = link("eth0", 2, "IPv6")
export const wlan0 = link("wlan0", 3, "IPv4")

const record = (owner: string, type: number, ttl: number, flush: boolean, data: Record.Data): Record.Record => ({
  name: name(owner),
  type,
  class: Record.IN,
  flush,
  ttl,
  data
})

/** `pointer("a._http._tcp.local")`, from its type; or from another name. */
export const pointer = (target: string, from = target.split(".").slice(-3).join("."), ttl = 4_500): Record.Record =>
  record(from, PTR, ttl, false, { _tag: "Pointer", target: name(target) })

export const service = (
  owner: string,
  options: { readonly port?: number; readonly host?: string; readonly priority?: number; readonly flush?: boolean } = {}
): Record.Record =>
  record(owner, SRV, 120, options.flush ?? true, {
    _tag: "Service",
    priority: options.priority ?? 0,
    weight: 0,
    port: options.port ?? 80,
    target: name(options.host ?? "host.local")
  })

export const text = (owner: string, string = "a=1", flush = true): Record.Record =>
  record(owner, TXT, 4_500, flush, {
    _tag: "Text",
    octets: Uint8Array.of(string.length, ...new TextEncoder().encode(string))
  })

export const address = (ip: string, owner = "host.local"): Record.Record => {
  const parsed = NetAddress.ipFromStringUnsafe(ip)
  const octets = Uint8Array.from(
    NetAddress.isIpv4Address(parsed) ? NetAddress.ipv4ToOctets(parsed) : NetAddress.ipv6ToOctets(parsed)
  )
  return record(owner, octets.length === 4 ? A : AAAA, 120, true, { _tag: "Address", octets })
}

export const denial = (owner: string, ...types: ReadonlyArray<number>): Record.Record =>
  record(owner, NSEC, 120, true, { _tag: "Denial", next: name(owner), types })

export const goodbye = (said: Record.Record): Record.Record => ({ ...said, ttl: 0 })

/** All that an instance needs. */
export const whole = (owner: string, port = 80): ReadonlyArray<Record.Record> => [
  pointer(owner),
  service(owner, { port }),
  text(owner),
  address("10.0.0.1")
]

const empty: Message.Message = {
  id: 0,
  isResponse: true,
  isTruncated: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  skipped: 0
}

export type Told = Subscription.Notice & { readonly at: number }

export class Bench {
  now = 0
  readonly querier: Querier.Querier
  readonly browsing: Browsing.Browsing
  readonly asked: Array<{ readonly at: number; readonly link: string; readonly question: string }> = []
  readonly told: Array<Told> = []
  readonly own = new Set<string>()

  constructor(
    options: { readonly links?: ReadonlyArray<Link.Link>; readonly limits?: Partial<Engine.Limits> } = {}
  ) {
    const limits = { ...Engine.limits, ...options.limits }
    this.querier = Querier.make({ seed: 1, limits, allowOtherDomains: false })
    this.browsing = Browsing.make({
      seed: 1,
      limits,
      querier: this.querier,
      isOwn: (_link, nameKey) => this.own.has(nameKey),
      owned: () => []
    })
    for (const link of options.links ?? [eth0]) this.linkUp(link)
  }

  linkUp(link: Link.Link): void {
    this.#do((out) => {
      Querier.linkUp(this.querier, link, this.now)
      Browsing.linkUp(this.browsing, link, this.now, out)
    })
  }

  linkDown(link: Link.Link): void {
    this.#do((out) => {
      Querier.linkDown(this.querier, link.key)
      Browsing.linkDown(this.browsing, link.key, this.now, out)
    })
  }

  resume(): void {
    this.#do((out) => {
      for (const key of this.browsing.links.keys()) {
        Querier.resume(this.querier, key, this.now)
        Browsing.resume(this.browsing, key, this.now, out)
      }
    })
  }

  reconfirm(doubted: string): void {
    this.#do((out) => {
      Querier.reconfirm(this.querier, name(doubted), this.now)
      Browsing.reconfirm(this.browsing, name(doubted), this.now, out)
    })
  }

  subscribe(key: number, subscription: Subscription.Subscription): this {
    this.#do((out) => Browsing.subscribe(this.browsing, key, subscription, this.now, out))
    return this
  }

  /** Browses `_http._tcp`. */
  browse(key = 1, options: { readonly follow?: boolean; readonly subtype?: string; readonly interface?: string } = {}) {
    return this.subscribe(key, { _tag: "Browse", type: "_http._tcp", follow: false, ...options })
  }

  unsubscribe(key: number): void {
    this.#do(() => Browsing.unsubscribe(this.browsing, key, this.now))
  }

  /** Hears a response with these answers. */
  hear(answers: ReadonlyArray<Record.Record>, from: { readonly host?: string; readonly link?: Link.Link } = {}): this {
    const { host = "10.0.0.1", link = eth0 } = from
    const origin: Link.Origin = {
      source: NetAddress.inetAddressFromInputUnsafe({ address: host, port: 5_353 }),
      host,
      isMulticast: true,
      isOnLink: true,
      isOwnAddress: false
    }
    this.#do((out) => Querier.hearResponse(this.querier, link, { ...empty, answers }, origin, this.now, out))
    return this
  }

  /** Lets time pass until then, that instant included. */
  until(then: number): this {
    const next = () => Math.min(Querier.wakeAt(this.querier), Browsing.wakeAt(this.browsing))
    for (let at = next(); at <= then; at = next()) {
      this.now = Math.max(this.now, at)
      this.#do((out) => {
        Querier.wake(this.querier, this.now, out)
        Browsing.wake(this.browsing, this.now, out)
      })
    }
    this.now = then
    return this
  }

  /** What was told since this was last asked for, in short. */
  news(): ReadonlyArray<string> {
    return this.told.splice(0).map((notice) => {
      switch (notice._tag) {
        case "ServiceSeen":
          return `seen ${notice.service.instance} ${notice.service.addresses.map(String).join()}`
        case "ServiceLost":
          return `lost ${Name.format(notice.name).split(".")[0]} ${notice.reason}`
        case "HostSeen":
          return `host ${notice.addresses.map(({ address }) => NetAddress.formatIp(address)).join()}`
        case "TypeSeen":
        case "TypeLost":
          return `${notice._tag} ${notice.type}`
        case "RecordSeen":
        case "RecordLost":
          return `${notice._tag} ${notice.record.type}`
        case "Denied":
          return `denied ${Name.format(notice.name)} ${notice.type}`
      }
    })
  }

  /** What was asked since this was last asked for: type and name. */
  questions(): ReadonlyArray<string> {
    return this.asked.splice(0).map(({ question }) => question)
  }

  #do(input: (out: Array<Engine.Output>) => void): void {
    const out: Array<Engine.Output> = []
    input(out)
    for (let changes = Querier.takeChanges(this.querier); changes.length > 0;) {
      Browsing.review(this.browsing, changes, this.now, out)
      changes = Querier.takeChanges(this.querier)
    }
    for (const output of out) {
      if (output._tag === "Transmit") {
        for (const { name, type } of Result.getOrThrow(Message.decode(output.payload)).questions) {
          const [kind] = Object.entries(Record.Type).find(([, number]) => number === type)!
          this.asked.push({ at: this.now, link: output.link, question: `${kind} ${Name.format(name)}` })
        }
      } else if ("key" in output && "where" in output) this.told.push({ ...output, at: this.now })
    }
  }
}
