/** Sockets with channels, and a network between them, in virtual time. */
import { Seed } from "@effect-discovery/core"
import { NetAddress } from "effect/net"
import * as Channels from "../../../src/protocol/ppspp/Channels.ts"
import type * as Bounds from "../../../src/protocol/ppspp/channels/Bounds.ts"
import type * as Output from "../../../src/protocol/ppspp/channels/Output.ts"
import type * as State from "../../../src/protocol/ppspp/channels/State.ts"
import type * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Given from "./given.ts"

export const at = (text: string): NetAddress.InetAddress => NetAddress.inetAddressFromStringUnsafe(text)

export interface Datagram {
  readonly from: string
  readonly to: string
  readonly payload: Uint8Array
  readonly at: number
}

export interface Socket {
  readonly address: string
  state: State.State
  readonly told: Array<readonly [at: number, output: Output.Output]>
}

export interface Options {
  readonly seed?: number
  /** What becomes of a datagram: how long each copy of it is under way. Default: one copy, 5 ms. */
  readonly fate?: (datagram: Datagram, draw: () => number) => ReadonlyArray<number>
}

/** A network of sockets. */
export const make = ({ fate = () => [5], seed: first = 1 }: Options = {}) => {
  let seed = first
  let now = 0
  let isHealed = false
  const sockets = new Map<string, Socket>()
  const flying: Array<Datagram & { readonly arrivesAt: number }> = []
  const sent: Array<Datagram> = []

  const draw = () => {
    const [value, advanced] = Seed.next(seed)
    seed = advanced
    return value
  }

  const send = (datagram: Datagram) => {
    sent.push(datagram)
    for (const delay of isHealed ? [5] : fate(datagram, draw)) flying.push({ ...datagram, arrivesAt: now + delay })
  }

  const put = (socket: Socket, input: Channels.Input): ReadonlyArray<Output.Output> => {
    const out: Array<Output.Output> = []
    const wanted = Channels.wanted(socket.state)
    if (wanted > 0) {
      const octets = Uint8Array.from({ length: wanted }, () => Math.floor(draw() * 256))
      Channels.take(socket.state, { _tag: "Refill", octets }, now, out)
    }
    Channels.take(socket.state, input, now, out)
    for (const output of out) {
      if (output._tag !== "Transmit") socket.told.push([now, output])
      else send({ from: socket.address, to: NetAddress.formatInet(output.to), payload: output.payload, at: now })
    }
    return out
  }

  const open = (
    address: string,
    swarms: ReadonlyArray<Swarm.Swarm> = [Given.swarm],
    options: { readonly asks?: boolean; readonly bounds?: Partial<Bounds.Bounds> } = {}
  ): Socket => {
    const state = Channels.make({ swarms, ...options }, Math.floor(draw() * 2 ** 32))
    const socket: Socket = { address, state, told: [] }
    sockets.set(address, socket)
    return socket
  }

  const nextAt = () =>
    Math.min(
      ...Array.from(sockets.values(), ({ state }) => Math.max(now, state.nextAt)),
      ...flying.map(({ arrivesAt }) => arrivesAt)
    )

  const step = () => {
    const index = flying.findIndex(({ arrivesAt }) => arrivesAt <= now)
    if (index !== -1) {
      const [datagram] = flying.splice(index, 1)
      const { from, payload, to } = datagram!
      const socket = sockets.get(to)
      if (socket !== undefined) put(socket, { _tag: "Received", from: at(from), payload })
      return
    }
    for (const socket of sockets.values()) {
      if (socket.state.nextAt <= now) put(socket, { _tag: "Woke" })
    }
  }

  return {
    sent,
    sockets,
    open,
    put,
    now: () => now,
    /** From now on nothing is lost. */
    heal: () => {
      isHealed = true
    },
    shut: (socket: Socket) => sockets.delete(socket.address),
    /** Sends what no socket would. */
    inject: (from: string, to: string, payload: Uint8Array) => send({ from, to, payload, at: now }),
    connect: (socket: Socket, to: string, swarm = Given.swarm) =>
      put(socket, { _tag: "Connect", swarm, address: at(to) }),
    pass: (milliseconds: number) => {
      const until = now + milliseconds
      while (nextAt() <= until) {
        now = nextAt()
        step()
      }
      now = until
    }
  }
}

/** What a socket was told of a kind. */
export const told = <Tag extends Output.Output["_tag"]>(
  socket: Socket,
  tag: Tag
): ReadonlyArray<Extract<Output.Output, { readonly _tag: Tag }>> =>
  socket.told.flatMap(([, output]) => output._tag === tag ? [output as never] : [])

/** The peers that a socket has channels to. */
export const peers = (socket: Socket): ReadonlyArray<string> =>
  Channels.peers(socket.state).map(({ address }) => NetAddress.formatInet(address)).toSorted()
