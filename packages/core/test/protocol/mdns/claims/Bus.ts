/**
 * A cable with hosts on it, in virtual time: each host is the claims of one engine, its echoes and a plain defender of names.
 */
import { Result } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Packets from "../../../../src/protocol/mdns/claims/Packets.ts"
import * as Echoes from "../../../../src/protocol/mdns/Echoes.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import type * as Registration from "../../../../src/protocol/mdns/Registration.ts"
import * as Writer from "../../../../src/protocol/mdns/Writer.ts"

export const registration = (options: Partial<Registration.Registration> = {}): Registration.Registration => ({
  instance: "Ada",
  type: "_http._tcp",
  subtypes: [],
  port: 80,
  priority: 0,
  weight: 0,
  text: Uint8Array.of(0),
  allowLarge: false,
  isVerified: false,
  isPlaceholder: false,
  ...options
})

export const link = (key: string, addresses: ReadonlyArray<string>, options: Partial<Link.Link> = {}): Link.Link => ({
  key,
  interface: key,
  index: 1,
  family: "IPv4",
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address)),
  maxPayload: 1_440,
  isPortOwned: true,
  ...options
})

export const name = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

const record = (owner: string, type: number, flush: boolean, ttl: number, data: Record.Data): Record.Record => ({
  name: name(owner),
  type,
  class: Record.IN,
  flush,
  ttl,
  data
})

export const a = (owner: string, address: string, ttl = 120): Record.Record =>
  record(owner, Record.Type.A, true, ttl, {
    _tag: "Address",
    octets: Uint8Array.from(NetAddress.ipv4ToOctets(NetAddress.ipFromStringUnsafe(address) as NetAddress.Ipv4Address))
  })

export const srv = (owner: string, target: string, port: number, ttl = 120): Record.Record =>
  record(owner, Record.Type.SRV, true, ttl, { _tag: "Service", priority: 0, weight: 0, port, target: name(target) })

export const ptr = (owner: string, target: string, ttl = 4_500): Record.Record =>
  record(owner, Record.Type.PTR, false, ttl, { _tag: "Pointer", target: name(target) })

export const txt = (owner: string, text: string, ttl = 4_500): Record.Record =>
  record(owner, Record.Type.TXT, true, ttl, { _tag: "Text", octets: new TextEncoder().encode(text) })

export const opaque = (owner: string, type: number, octets: ReadonlyArray<number>): Record.Record =>
  record(owner, type, true, 120, { _tag: "Opaque", octets: Uint8Array.from(octets) })

export const response = (
  records: ReadonlyArray<Record.Record>,
  section: Writer.Section = "answers"
): Uint8Array => {
  const writer = Writer.make({ limit: 8_972, kind: "response" })
  for (const one of records) Writer.record(writer, section, one)
  return Writer.finish(writer)
}

export const probe = (records: ReadonlyArray<Record.Record>): Uint8Array => {
  const writer = Writer.make({ limit: 8_972, kind: "query" })
  for (const key of new Set(records.map(({ name }) => Name.format(name)))) {
    Writer.question(writer, { name: name(key), type: Record.Type.ANY, class: Record.IN, unicast: true })
  }
  for (const one of records) Writer.record(writer, "authorities", one, { flush: false })
  return Writer.finish(writer)
}

/** A datagram on the bus. */
export interface Sent {
  readonly at: number
  readonly host: string
  readonly link: string
  /** Where it was sent; `undefined` where the link is not attached to anything. */
  readonly segment: string | undefined
  readonly payload: Uint8Array
  readonly message: Message.Message
}

export interface Host {
  readonly name: string
  readonly claims: Claims.Claims
  readonly echoes: Echoes.Echoes
  readonly links: Map<string, { readonly link: Link.Link; readonly segment: string }>
  readonly notices: Array<Engine.RegistrationNotice & { readonly at: number }>
}

interface Options {
  readonly seed?: number
  /** When a copy of what was sent arrives at a link of the same segment, in milliseconds after now; several copies, or none. */
  readonly delays?: (chance: Chance.Chance, from: Host, to: Host) => ReadonlyArray<number>
}

/** The bus. */
export class Bus {
  now = 0
  readonly sent: Array<Sent> = []
  readonly hosts: Array<Host> = []
  readonly chance: Chance.Chance
  private readonly delays: NonNullable<Options["delays"]>
  private queue: Array<{ readonly at: number; readonly run: () => void }> = []

  constructor({ delays = () => [0], seed = 1 }: Options = {}) {
    this.chance = Chance.make(seed, "bus")
    this.delays = delays
  }

  host(name: string, options: Partial<Claims.Options> = {}): Host {
    const host: Host = {
      name,
      claims: Claims.make({
        seed: Chance.between(this.chance, 0, 1e9),
        announcements: 2,
        limits: Engine.limits,
        ...options
      }),
      echoes: Echoes.make(),
      links: new Map(),
      notices: []
    }
    this.hosts.push(host)
    return host
  }

  attach(host: Host, up: Link.Link, segment = "lan"): void {
    host.links.set(up.key, { link: up, segment })
    this.do(host, (out) => Claims.linkUp(host.claims, up, this.now, out))
  }

  register(host: Host, key: number, options: Partial<Registration.Registration> = {}): void {
    this.do(host, (out) => Claims.register(host.claims, key, registration(options), this.now, out))
  }

  /** Runs an operation of a host's claims and sends what comes of it. */
  do(host: Host, operation: (out: Array<Engine.Output>) => void): void {
    const out: Array<Engine.Output> = []
    operation(out)
    for (const output of out) {
      if (output._tag === "Transmit") this.send(host, output.link, output.payload)
      else if ("key" in output || output._tag === "HostRenamed") {
        host.notices.push({ ...output as Engine.RegistrationNotice, at: this.now })
      }
    }
  }

  send(host: Host, linkKey: string, payload: Uint8Array): void {
    const message = Result.getOrThrow(Message.decode(payload))
    Echoes.remember(host.echoes, payload, this.now)
    const segment = host.links.get(linkKey)?.segment
    this.sent.push({ at: this.now, host: host.name, link: linkKey, segment, payload, message })
    for (const to of this.hosts) {
      for (const [key, { segment: other }] of to.links) {
        if (other !== segment) continue
        for (const delay of this.delays(this.chance, host, to)) {
          this.at(delay, () => this.hear(to, key, payload, to === host))
        }
      }
    }
  }

  /** Lets a host hear a datagram on a link. */
  hear(host: Host, linkKey: string, payload: Uint8Array, isOwnAddress = false, isMulticast = true): void {
    const message = Result.getOrThrow(Message.decode(payload))
    const up = host.links.get(linkKey)?.link
    if (up === undefined) return
    const origin: Link.Origin = {
      source: NetAddress.inetAddressFromStringUnsafe("10.0.0.99:5353"),
      host: "10.0.0.99",
      isMulticast,
      isOnLink: true,
      isOwnAddress
    }
    if (Echoes.isEcho(host.echoes, linkKey, payload, origin, this.now)) return
    this.do(host, (out) => {
      if (message.isResponse) Claims.hearResponse(host.claims, up, message, origin, this.now, out)
      else {
        Claims.hearQuery(host.claims, up, message, origin, this.now, out)
        this.defend(host, up, message, out)
      }
    })
  }

  private defend(host: Host, up: Link.Link, message: Message.Message, out: Array<Engine.Output>): void {
    if (message.authorities.length === 0) return
    for (const { name } of message.questions) {
      const records = Claims.zone(host.claims, up.key)?.names.get(name.key)?.records ?? []
      for (const owned of records) owned.multicastAt = this.now
      Packets.sayGroups(up, records.map(({ record }) => [record]), out)
    }
  }

  at(delay: number, run: () => void): void {
    this.queue.push({ at: this.now + delay, run })
  }

  /** Runs until so many milliseconds from now have passed. */
  run(duration: number): void {
    const end = this.now + duration
    for (;;) {
      const next = this.queue.reduce((next, event) => event.at < next.at ? event : next, {
        at: Infinity,
        run: () => {}
      })
      const wakeAt = Math.min(...this.hosts.map(({ claims }) => Claims.wakeAt(claims)))
      const at = Math.min(next.at, wakeAt)
      if (at > end) break
      this.now = Math.max(this.now, at)
      if (next.at <= wakeAt) {
        this.queue = this.queue.filter((event) => event !== next)
        next.run()
      } else {
        for (const host of this.hosts) {
          if (Claims.wakeAt(host.claims) <= this.now) this.do(host, (out) => Claims.wake(host.claims, this.now, out))
        }
      }
    }
    this.now = end
  }

  /** What a host has sent since. */
  since(at: number, host?: Host): ReadonlyArray<Sent> {
    return this.sent.filter((sent) => sent.at >= at && (host === undefined || sent.host === host.name))
  }
}

export const isProbe = ({ message }: Sent): boolean => !message.isResponse && message.authorities.length > 0
export const isSaid = ({ message }: Sent): boolean => message.isResponse && message.answers.some(({ ttl }) => ttl > 0)
export const isGoodbye = ({ message }: Sent): boolean =>
  message.isResponse && message.answers.some(({ ttl }) => ttl === 0)

/** Records as people read them: owner, type, ttl, and `!` where the flush bit is set. */
export const show = (records: ReadonlyArray<Record.Record>): ReadonlyArray<string> =>
  records.map(({ flush, name, ttl, type }) => `${Name.format(name)} ${type} ${ttl}${flush ? " !" : ""}`)

/** One host on one link with the given address, registered and run for so long. */
export const alone = (duration: number, options: Partial<Registration.Registration> = {}, seed = 1) => {
  const bus = new Bus({ seed })
  const host = bus.host("us", { host: "ada" })
  bus.attach(host, link("eth0", ["10.0.0.1/24"]))
  bus.register(host, 1, options)
  bus.run(duration)
  return { bus, host }
}
