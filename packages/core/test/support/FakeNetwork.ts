/**
 * A network by hand: what is opened, joined, sent and closed is written down, and everything can be made to fail.
 */
import { Network, type NetworkInterface } from "@effect-discovery/core"
import { Effect, Layer, SubscriptionRef } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"

export interface Sent {
  readonly from: string
  readonly to: string
  readonly payload: Uint8Array
}

export interface Control {
  readonly layer: Layer.Layer<Network.Network>
  readonly setInterfaces: (interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) => Effect.Effect<void>
  /** What happened to sockets, in order: `open 230.1.1.1:45900`, `join`, `leave`, `close …`. */
  readonly log: Array<string>
  readonly sent: Array<Sent>
  /** How many datagrams were handed over at a time, where they were several. */
  readonly batches: ReadonlyArray<number>
  /** How many sockets are open. */
  readonly openSockets: () => number
  /** Lets the sends end whose callbacks have not come so far. */
  readonly release: () => void
  /** How many sends failed. */
  readonly failed: () => number
  /** Delivers a datagram to every open socket bound to this address and port. */
  readonly deliver: (to: string, from: string, payload: Uint8Array | string) => void
  /** What the next opens and sends fail with, those to one place or all; `never` for a send whose callback does not come. */
  readonly fail: {
    open?: { readonly kind: OpenKind; readonly family?: NetAddress.IpFamily } | undefined
    send?: string | "never" | undefined
    sendTo?: string | undefined
    /** Whether a datagram is sent though its callback does not come. */
    isTaken?: boolean
    /** Milliseconds that it takes to open a socket. */
    delay?: number | undefined
  }
}

type OpenKind = "AddressInUse" | "AddressNotAvailable" | "PermissionDenied" | "Unknown"

export const eth0: NetworkInterface.NetworkInterface = {
  name: "eth0",
  index: 2,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe("10.0.0.1/24")]
}

export const wlan0: NetworkInterface.NetworkInterface = {
  name: "wlan0",
  index: 3,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe("192.168.7.1/24")]
}

export const lo: NetworkInterface.NetworkInterface = {
  name: "lo",
  index: 1,
  isInternal: true,
  addresses: [IpInterface.fromStringUnsafe("127.0.0.1/8")]
}

const socketError = (reason: DatagramSocket.DatagramSocketErrorReason) =>
  new DatagramSocket.DatagramSocketError({ reason })

const encode = (payload: Uint8Array | string) =>
  typeof payload === "string" ? new TextEncoder().encode(payload) : payload

const intercepted = (
  events: DatagramSocket.BackingEvents,
  intercept: Network.Intercept | undefined
): DatagramSocket.BackingEvents => ({
  ...events,
  onPacket: (payload, host, port) => {
    if (intercept?.(payload, host, port) !== true) events.onPacket(payload, host, port)
  }
})

/** A network that lets what it delivers be intercepted, unless told otherwise. */
export const make = Effect.fnUntraced(
  function*(
    interfaces: ReadonlyArray<NetworkInterface.NetworkInterface> = [eth0],
    { intercepts = true }: { readonly intercepts?: boolean } = {}
  ) {
    const current = yield* SubscriptionRef.make(interfaces)
    const open = new Map<string, Set<DatagramSocket.BackingEvents>>()
    const log: Array<string> = []
    const sent: Array<Sent> = []
    const batches: Array<number> = []
    const fail: Control["fail"] = {}
    let ephemeral = 49_152
    const hung: Array<() => void> = []
    let failed = 0

    const late = Effect.suspend(() => fail.delay === undefined ? Effect.void : Effect.sleep(fail.delay))
    const backing = (options: Network.OpenOptions) => (events: DatagramSocket.BackingEvents) =>
      Effect.suspend(() => {
        if (fail.open !== undefined && (fail.open.family ?? options.family) === options.family) {
          return Effect.fail(socketError(
            new DatagramSocket.DatagramSocketOpenError({ kind: fail.open.kind, cause: new Error(fail.open.kind) })
          ))
        }
        const host = options.bind.address === undefined ? "0.0.0.0" : NetAddress.formatIp(options.bind.address)
        const port = options.bind.port === 0 ? ephemeral++ : options.bind.port
        const key = `${host}:${port}`
        open.set(key, (open.get(key) ?? new Set()).add(events))
        log.push(`open ${key}`)
        const socket: DatagramSocket.BackingSocket = {
          address: { host, port },
          send: (payload, to, done) => {
            const isFailing = (fail.sendTo ?? to!.host) === to!.host
            if (isFailing && fail.send === "never") {
              if (fail.isTaken) sent.push({ from: key, to: `${to!.host}:${to!.port}`, payload: payload.slice() })
              return void hung.push(() => done())
            }
            if (isFailing && fail.send !== undefined) {
              failed++
              return done(socketError(
                new DatagramSocket.DatagramSocketWriteError({ kind: "Unreachable", cause: new Error(fail.send) })
              ))
            }
            sent.push({ from: key, to: `${to!.host}:${to!.port}`, payload: payload.slice() })
            done()
          },
          sendMany: (payloads, to, done) => {
            batches.push(payloads.length)
            let left = payloads.length
            let failure: DatagramSocket.DatagramSocketError | undefined
            for (const [index, payload] of payloads.entries()) {
              socket.send(payload, to[index], (error) => {
                failure ??= error
                if (--left === 0) done(failure)
              })
            }
          },
          joinMulticast: ({ group }) =>
            Effect.sync(() => {
              log.push(`join ${NetAddress.formatIp(group)} ${key}`)
              return () => Effect.sync(() => void log.push(`leave ${NetAddress.formatIp(group)} ${key}`))
            }),
          close: () => {
            open.get(key)!.delete(events)
            log.push(`close ${key}`)
          }
        }
        return Effect.succeed(socket)
      })

    const control: Control = {
      layer: Layer.succeed(Network.Network, {
        interfaces: SubscriptionRef.changes(current),
        open: (options) =>
          Effect.andThen(
            late,
            DatagramSocket.makeFromBackingSocket(
              (events) => backing(options)(intercepts ? intercepted(events, options.intercept) : events),
              options
            )
          )
      }),
      setInterfaces: (next) => SubscriptionRef.set(current, next),
      log,
      sent,
      batches,
      openSockets: () => Array.from(open.values()).reduce((sum, { size }) => sum + size, 0),
      release: () => hung.splice(0).forEach((done) => done()),
      failed: () => failed,
      deliver: (to, from, payload) => {
        const { address, port } = NetAddress.inetAddressFromStringUnsafe(from)
        for (const events of open.get(to) ?? []) events.onPacket(encode(payload), NetAddress.formatIp(address), port)
      },
      fail
    }
    return control
  }
)
