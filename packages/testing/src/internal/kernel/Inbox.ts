/**
 * Hands over what arrived: at once, or when the host's program gets to run.
 */
import * as Address from "./Address.ts"
import type { Frame, Journal } from "./Journal.ts"
import * as ReceiveBuffer from "./ReceiveBuffer.ts"
import type { Host, Interface, Socket } from "./Topology.ts"

interface Waiting {
  readonly frame: Frame
  readonly at: Interface
  readonly charge: number
}

// Rule 110: how many datagrams Node takes in one turn of its loop.
const batch = 32

/** @internal */
export class Inbox {
  private readonly journal: Journal
  private readonly waiting = new Map<Socket, Array<Waiting>>()

  constructor(journal: Journal) {
    this.journal = journal
  }

  /** A datagram for a socket. */
  accept(frame: Frame, at: Interface, socket: Socket, now: number): void {
    const { handOver, isPaused } = at.host
    if (!isPaused && handOver === undefined && socket.charged === 0) return this.give(frame, at, socket, now)
    const charge = ReceiveBuffer.charge(frame.payload.length)
    if (!ReceiveBuffer.hasRoom(socket.charged, charge, socket.capacity)) {
      socket.dropped++
      this.journal.drop(now, frame, at, "buffer", 41)
      return
    }
    const waiting = this.waiting.get(socket)
    if (waiting === undefined) this.waiting.set(socket, [{ frame, at, charge }])
    else waiting.push({ frame, at, charge })
    socket.charged += charge
    this.handOver(socket)
  }

  /** An error that a socket has: the program is told, unless it sends first and fails (rule 78). */
  report(socket: Socket, now: number): void {
    if (!socket.host.isPaused && socket.host.handOver === undefined) return this.tell(socket, now)
    this.handOver(socket)
  }

  /** Rule 119: what waited is handed over in one burst. */
  resume(host: Host, now: number): void {
    host.isPaused = false
    for (const socket of Array.from(host.ports.values()).flat()) {
      if (host.handOver !== undefined) this.handOver(socket)
      else this.empty(socket, now)
    }
  }

  /** Rule 108: what a closed socket's program did not take, it never gets. */
  discard(socket: Socket, now: number): void {
    for (const { at, frame } of this.waiting.get(socket) ?? []) this.journal.drop(now, frame, at, "no-listener", 108)
    this.waiting.delete(socket)
    socket.charged = 0
    socket.error = undefined
  }

  private handOver(socket: Socket): void {
    const { handOver, isPaused } = socket.host
    if (isPaused || handOver === undefined || socket.isHandingOver || isIdle(socket)) return
    socket.isHandingOver = true
    handOver((now) => {
      socket.isHandingOver = false
      if (socket.host.isPaused) return
      this.take(socket, batch, now)
      this.handOver(socket)
    })
  }

  private empty(socket: Socket, now: number): void {
    while (!socket.host.isPaused && !isIdle(socket)) this.take(socket, batch, now)
  }

  private take(socket: Socket, count: number, now: number): void {
    this.tell(socket, now)
    for (const { at, charge, frame } of this.remove(socket, count)) {
      // closed by what it heard before
      if (!socket.isOpen) this.journal.drop(now, frame, at, "no-listener", 108)
      else {
        socket.charged -= charge
        this.give(frame, at, socket, now)
      }
    }
  }

  private remove(socket: Socket, count: number): ReadonlyArray<Waiting> {
    const waiting = this.waiting.get(socket) ?? []
    if (waiting.length > count) return waiting.splice(0, count)
    this.waiting.delete(socket)
    return waiting
  }

  private tell(socket: Socket, now: number): void {
    const code = socket.error
    if (code === undefined) return
    socket.error = undefined
    this.journal.note(now, "error", { host: socket.host, socket: socket.id, text: "recvmsg", code, rule: 78 })
    socket.fail(code)
  }

  private give(frame: Frame, at: Interface, socket: Socket, now: number): void {
    // before what the receiver does with it, for the journal to have them in order
    const seq = this.journal.deliver(now, frame, at, socket.id)
    const received = socket.receive(frame.payload, hostAt(frame, at, socket), frame.sourcePort)
    if (received === "kept") return
    socket.dropped++
    if (received === "lost") this.journal.refuse(seq, at)
    else this.journal.displace(now, at, socket.id)
  }
}

const isIdle = (socket: Socket): boolean => socket.charged === 0 && socket.error === undefined

// Rule 54: IPv4 on an IPv6 socket is mapped.
const hostAt = (frame: Frame, at: Interface, socket: Socket): string =>
  socket.family === frame.to.address.family ? sourceAt(frame, at) : Address.format(frame.source, socket.family)

/** @internal Rule 92: a link-local source has the zone of the receiving interface. */
export const sourceAt = ({ isLinkLocal, source }: Frame, at: Interface): string =>
  isLinkLocal ? `${source}%${at.name}` : source
