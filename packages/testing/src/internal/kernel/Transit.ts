/**
 * What is under way: who gets a datagram that left, when it arrives, and what becomes of it there.
 */
import * as Seed from "@effect-discovery/core/Seed"
import { type Arrival, Arrivals, type Way } from "./Arrivals.ts"
import * as Connection from "./Connection.ts"
import { Forwarding } from "./Forwarding.ts"
import * as Host from "./Host.ts"
import type { Inbox } from "./Inbox.ts"
import type { DropReason, Frame, Journal } from "./Journal.ts"
import type { Lost } from "./Lost.ts"
import * as Medium from "./Medium.ts"
import { Neighbours } from "./Neighbours.ts"
import * as Reception from "./Reception.ts"
import type { Host as KernelHost, Interface, Segment, Socket } from "./Topology.ts"

/** @internal Answers a datagram that no socket takes. */
export type Refuse = (frame: Frame, at: Interface, now: number) => void

/** @internal */
export class Transit {
  private readonly medium: Medium.Medium
  private readonly journal: Journal
  private readonly inbox: Inbox
  private readonly refuse: Refuse
  private readonly isStrict: boolean
  private readonly arrivals = new Arrivals()
  private readonly forwarding: Forwarding
  private readonly neighbours: Neighbours

  constructor(medium: Medium.Medium, journal: Journal, inbox: Inbox, refuse: Refuse, isStrict: boolean) {
    this.medium = medium
    this.journal = journal
    this.inbox = inbox
    this.refuse = refuse
    this.isStrict = isStrict
    this.neighbours = new Neighbours((frame, time) => this.drop(frame, undefined, "no-host", time, 31))
    this.forwarding = new Forwarding(journal, {
      transmit: (frame, gateway) => this.transmit(frame, gateway),
      flood: (frame) => this.flood(frame)
    })
  }

  /** When the next datagram arrives somewhere. */
  get nextAt(): number | undefined {
    const arrival = this.arrivals.first?.at
    const waiting = this.neighbours.nextAt
    return arrival === undefined || (waiting !== undefined && waiting < arrival) ? waiting : arrival
  }

  /** On the host that sent it. The system gives it to sockets before the call returns, and their programs have it afterwards. */
  stay(frame: Frame): void {
    const { from, time } = frame
    if (frame.to.kind === "Icmp") return this.hold(frame, this.report(frame, from, time))
    if (frame.to.kind === "Multicast" && !isBelieved(frame, from)) return this.drop(frame, from, "no-host", time, 29)
    const sockets = Reception.find(from, frame, this.isStrict)
    if (typeof sockets === "string") return this.reject(frame, from, sockets, time)
    this.hold(frame, sockets)
  }

  private hold(frame: Frame, sockets: ReadonlyArray<Socket>): void {
    if (sockets.length === 0) return
    this.arrivals.add(frame.time, { frame, from: undefined, on: undefined, sockets }, frame.from)
  }

  /** Over the links to those who have the address, or to its gateway. */
  transmit(frame: Frame, gateway: string | undefined): void {
    const address = gateway ?? frame.to.address.text
    const owners = answering(frame, address)
    if (owners.length > 0) {
      return this.cross(
        frame,
        frame.from,
        owners.length === 1 ? owners : this.medium.choose(frame.from, address, owners)
      )
    }
    if (frame.from.isInternal) return this.drop(frame, undefined, "no-host", frame.time)
    this.neighbours.wait(frame, address)
  }

  /** Sends what waited for the addresses of an interface (rule 31). */
  resolve(local: Interface, now: number): void {
    if (local.segment === undefined || !local.isUp) return
    for (const { text } of local.addresses) {
      for (const frame of this.neighbours.take(local, text)) this.transmit({ ...frame, time: now }, text)
    }
  }

  /** Over the links to everybody else on the segment. */
  flood(frame: Frame): void {
    if (frame.from.segment !== undefined) this.cross(frame, frame.from, frame.from.segment.interfaces)
  }

  /** Nowhere beyond the host: rule 74, a ttl of 0. */
  expire(frame: Frame): void {
    if (frame.from.segment !== undefined) this.drop(frame, undefined, "ttl", frame.time)
  }

  /** Delivers what is due. What that gives rise to at the same instant is left for the next call, so that it always ends. */
  advance(now: number): void {
    this.neighbours.expire(now)
    const end = this.arrivals.count
    for (let first = this.arrivals.first; first !== undefined; first = this.arrivals.first) {
      if (first.at > now || first.order >= end) return
      this.arrivals.remove(first)
      this.arrive(first, first.to, now)
      for (const receiver of first.others ?? []) this.arrive(first, receiver, now)
    }
  }

  /** Loses what an interface waits to send, since it forgets whom it asked for (rule 31). */
  abandon(local: Interface, reason: DropReason, now: number): void {
    for (const frame of this.neighbours.takeAll(local)) this.drop(frame, local, reason, now, 31)
  }

  /** At one receiver, at a time the medium chose. */
  schedule(frame: Frame, from: Interface, to: Interface, at: number, on = from.segment): Arrival {
    return this.arrivals.add(at, { frame, from, on, sockets: none }, to)
  }

  /** Takes back what was scheduled and has not arrived. */
  withdraw(arrival: Arrival): void {
    this.arrivals.remove(arrival)
  }

  private cross(frame: Frame, from: Interface, receivers: ReadonlyArray<Interface>): void {
    if (!from.isUp) return this.drop(frame, from, "interface-down", frame.time, 98)
    if (!from.hasCarrier) return this.drop(frame, from, "no-carrier", frame.time, 98)
    const departed = this.medium.leave(frame, from, frame.time)
    if (typeof departed !== "number") return this.lose(frame, undefined, departed, frame.time)
    const way: Way = { frame, from, on: from.segment, sockets: none }
    for (const to of receivers) {
      if (to === from) continue
      const fate = this.medium.reach(frame, from, to, departed)
      if (typeof fate === "number") this.arrivals.share(fate, way, to)
      else if (Medium.isLost(fate)) this.lose(frame, to, fate, frame.time)
      else for (const copy of fate) this.schedule(copy.frame, from, to, copy.at)
    }
  }

  private arrive({ frame, from, on, sockets }: Way, local: Interface, now: number): void {
    if (from === undefined) return this.give(frame, local, sockets, now) // Rule 30: needs no interface that is up.
    const refused = refusal(frame, on, local)
    if (refused !== undefined) return this.drop(frame, local, refused, now, refused === "mtu" ? 39 : 98)
    const lost = this.medium.arrive(frame, from, local, now)
    if (lost !== undefined) return this.lose(frame, local, lost, now)
    if (isMartian(frame, local)) return this.drop(frame, local, "martian", now, 120)
    const { forwards } = local.host
    const heard = forwards === undefined ? frame : this.forwarding.pass(frame, local, forwards, now)
    if (heard === undefined) return
    if (!isKnownBroadcast(heard, local)) return this.drop(frame, local, "no-host", now, 98)
    if (!Reception.isForOne(heard.to) || Host.owns(local.host, heard.to.address.text)) {
      return this.receive(heard, local, now)
    }
    this.drop(frame, local, "no-host", now, 22)
  }

  private receive(frame: Frame, local: Interface, now: number): void {
    if (frame.to.kind === "Icmp") return this.give(frame, local, this.report(frame, local, now), now)
    const sockets = Reception.find(local, frame, this.isStrict)
    if (typeof sockets === "string") return this.reject(frame, local, sockets, now)
    this.give(frame, local, sockets, now)
  }

  private give(frame: Frame, local: Interface, sockets: ReadonlyArray<Socket>, now: number): void {
    for (const socket of sockets.length === 1 ? sockets : shuffle(local.host, sockets)) {
      if (frame.to.kind === "Icmp") this.inbox.report(socket, now)
      // what others did when they got it may have closed the socket
      else if (!socket.isOpen) this.drop(frame, local, "no-listener", now, 108)
      else this.inbox.accept(frame, local, socket, now)
    }
  }

  private reject(frame: Frame, local: Interface, refusal: Reception.Refusal, now: number): void {
    this.journal.drop(now, frame, local, refusal, rejectedBy[refusal])
    if (frame.to.kind === "Unicast") this.refuse(frame, local, now)
  }

  // Rules 77 and 78: every host hears what ICMP reports, but of its sockets only one that is connected.
  private report(frame: Frame, local: Interface, now: number): ReadonlyArray<Socket> {
    const socket = Connection.reportedTo(local.host, frame)
    this.journal.deliver(now, frame, local, socket?.id ?? 0, socket === undefined ? 77 : 78)
    if (socket === undefined) return none
    socket.error = "ECONNREFUSED"
    return [socket]
  }

  private drop(frame: Frame, at: Interface | undefined, reason: DropReason, time: number, rule = 0): void {
    this.journal.drop(time, frame, at, reason, rule)
  }

  private lose(frame: Frame, at: Interface | undefined, { cause, reason, rule, text }: Lost, time: number): void {
    this.journal.drop(time, frame, at, reason, rule, cause, text)
  }
}

// Rule 22: where no interface of the segment has an IPv4 address, one whose host has it on another interface answers for it.
const answering = ({ from, to }: Frame, address: string): ReadonlyArray<Interface> => {
  const { segment } = from
  const owners = segment?.owners.get(address) ?? []
  // nobody answers itself
  const others = owners.includes(from) ? owners.filter((owner) => owner !== from) : owners
  if (others.length > 0 || segment === undefined || to.address.family === "IPv6") return others
  return segment.interfaces.filter((local) => local !== from && Host.owns(local.host, address))
}

const none: ReadonlyArray<Socket> = []

const rejectedBy: { readonly [K in Reception.Refusal]: number } = {
  "not-joined": 47,
  "no-listener": 24,
  "not-peer": 79
}

// What an interface takes: of a host that runs, on its own segment, up, with a carrier, and no longer than its packets (rules 39 and 98).
const refusal = (frame: Frame, on: Segment | undefined, local: Interface): DropReason | undefined => {
  if (local.host.isOff) return "host-down"
  if (!isBelieved(frame, local)) return "no-host"
  if (!local.isUp) return "interface-down"
  if (!local.hasCarrier || local.segment !== on) return "no-carrier"
  return frame.packet > local.mtu ? "mtu" : undefined
}

// Nobody takes what is from ::1 by an interface to others (RFC 4291, section 2.5.3).
const isBelieved = ({ source }: Frame, { isInternal }: Interface): boolean => source !== "::1" || isInternal

// What a host sent itself comes back to it by another of its interfaces, or from one who has its address. IPv6 does not mind.
const isMartian = ({ source, to }: Frame, { host }: Interface): boolean =>
  to.address.family === "IPv4" && Host.owns(host, source)

// A host without an address of the network does not know its broadcast address.
const isKnownBroadcast = ({ to }: Frame, { host }: Interface): boolean =>
  to.kind !== "Broadcast" || to.address.text === "255.255.255.255" ||
  Host.broadcastInterface(host, to.address) !== undefined

// Rule 53.
const shuffle = (host: KernelHost, sockets: ReadonlyArray<Socket>): ReadonlyArray<Socket> => {
  const shuffled = [...sockets]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const [j, seed] = Seed.between(host.copySeed, 0, i)
    host.copySeed = seed
    const moved = shuffled[i]!
    shuffled[i] = shuffled[j]!
    shuffled[j] = moved
  }
  return shuffled
}
