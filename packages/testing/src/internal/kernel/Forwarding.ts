/**
 * What a router does with a datagram that reaches it: rules 38, 75 and 87.
 */
import * as Address from "./Address.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import type { DropReason, Frame, Journal } from "./Journal.ts"
import * as Packet from "./Packet.ts"
import * as Reception from "./Reception.ts"
import type { Forwards, Hop, Interface } from "./Topology.ts"

/** @internal What a router puts on other segments. */
export interface Outlet {
  readonly transmit: (frame: Frame, gateway: string | undefined) => void
  readonly flood: (frame: Frame) => void
}

/** @internal */
export class Forwarding {
  private readonly journal: Journal
  private readonly outlet: Outlet

  constructor(journal: Journal, outlet: Outlet) {
    this.journal = journal
    this.outlet = outlet
  }

  /** Passes it on where it should; the result is what the router itself gets to hear of it. */
  pass(frame: Frame, local: Interface, forwards: Forwards, now: number): Frame | undefined {
    if (frame.to.kind === "Multicast") this.passGroup(frame, local, forwards, now)
    if (!Reception.isForOne(frame.to) || Host.owns(local.host, frame.to.address.text)) return frame
    const destination = Host.destination(local.host, frame.to.address.text)
    if (!isErrno(destination) && destination.kind === "Broadcast") {
      return this.passBroadcast(frame, local, destination.interface ?? local, forwards, now)
    }
    if (isErrno(destination) || destination.kind !== "Remote" || frame.isLinkLocal) {
      this.drop(frame, local, "no-route", now)
    } else this.passUnicast(frame, local, destination.hop, now)
    return undefined
  }

  private passUnicast(frame: Frame, local: Interface, hop: Hop | Errno, now: number): void {
    if (frame.ttl <= 1) return this.drop(frame, local, "ttl", now)
    if (isErrno(hop)) return this.drop(frame, local, "no-route", now)
    const passed = this.passed(frame, hop.interface, now)
    if (passed !== undefined) this.outlet.transmit(passed, hop.gateway)
  }

  // Rule 87.
  private passBroadcast(
    frame: Frame,
    local: Interface,
    directed: Interface,
    forwards: Forwards,
    now: number
  ): Frame {
    const heard: Frame = { ...frame, to: { ...frame.to, kind: "Broadcast" } }
    if (forwards.broadcast && directed !== local && frame.ttl > 1) {
      const passed = this.passed(heard, directed, now)
      if (passed !== undefined) this.outlet.flood(passed)
    }
    return heard
  }

  // Rule 75. A group is passed on only where it comes from the direction of its source, or it would go in circles.
  private passGroup(frame: Frame, local: Interface, { threshold }: Forwards, now: number): void {
    if (threshold === undefined || frame.isLinkLocal || Address.isLinkGroup(frame.to.address)) return
    if (frame.ttl <= 1) return this.drop(frame, local, "ttl", now, 75)
    const source = Host.destination(local.host, frame.source)
    if (isErrno(source) || source.kind !== "Remote" || isErrno(source.hop) || source.hop.interface !== local) return
    for (const out of local.host.interfaces) {
      if (out === local || out.isInternal || !out.isUp) continue
      if (frame.ttl <= threshold) this.drop(frame, out, "threshold", now, 75)
      else {
        const passed = this.passed(frame, out, now)
        if (passed !== undefined) this.outlet.flood(passed)
      }
    }
  }

  // Rule 38: what was sent whole is not cut on the way; its sender is told, unless it was for a group. Fragments of IPv4 are.
  private passed(frame: Frame, out: Interface, now: number): Frame | undefined {
    const { address, kind } = frame.to
    const size = frame.payload.length
    if (frame.packet > out.mtu && (frame.fragments === 1 || address.family === "IPv6")) {
      if (kind === "Unicast") this.tell(frame, out.mtu, now)
      this.drop(frame, out, "mtu", now, 38)
      return undefined
    }
    const mtu = Math.min(frame.packet, out.mtu)
    const passed: Frame = {
      ...frame,
      time: now,
      from: out,
      ttl: frame.ttl - 1,
      fragments: frame.packet <= out.mtu ? frame.fragments : Packet.count(address.family, size, mtu),
      packet: frame.packet <= out.mtu ? frame.packet : Packet.largest(address.family, size, mtu)
    }
    this.journal.forward(now, passed, out)
    return passed
  }

  private tell(frame: Frame, mtu: number, now: number): void {
    const sender = frame.datagram?.from.host
    if (sender !== undefined) Host.learnPath(sender, frame.to.address.text, mtu, now)
  }

  private drop(frame: Frame, at: Interface, reason: DropReason, now: number, rule = 0): void {
    this.journal.drop(now, frame, at, reason, rule)
  }
}
