/**
 * Who waits for a datagram at a socket: mirrors what Effect's receive buffer does, for reports to tell.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"

/** @internal */
export class Reading {
  private readonly host: string
  private reader: DatagramSocket.Reader | undefined
  private waiter: Fiber.Fiber<unknown, unknown> | undefined
  private hasBuffered = false

  constructor(host: string) {
    this.host = host
  }

  /** A datagram came: to whom it wakes, or into the buffer. */
  note(): void {
    if (this.waiter === undefined) this.hasBuffered = true
    this.waiter = undefined
  }

  /** The reader, noting who pulls. */
  watch(reader: DatagramSocket.Reader): DatagramSocket.Reader {
    this.reader = reader
    return {
      get address() {
        return reader.address
      },
      dropped: reader.dropped,
      joinMulticast: reader.joinMulticast,
      pull: Effect.withFiber((fiber) => {
        if (this.hasBuffered) this.hasBuffered = false
        else this.waiter = fiber
        return reader.pull
      })
    }
  }

  /** What the fiber waits for, if it waits here. */
  awaited(fiber: Fiber.Fiber<unknown, unknown>): string | undefined {
    return fiber === this.waiter && this.reader !== undefined
      ? `a datagram at ${NetAddress.formatInet(this.reader.address)} of ${this.host}`
      : undefined
  }
}
