/**
 * All channels of one socket, of one swarm or several: which datagram belongs where, who is there, and what is to be said when.
 *
 * What does not belong is met with silence. The state is updated in place.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Machine from "../../Machine.ts"
import * as Seed from "../../Seed.ts"
import * as Bounds from "./channels/Bounds.ts"
import * as Exchange from "./channels/Exchange.ts"
import * as Keeping from "./channels/Keeping.ts"
import type * as Output from "./channels/Output.ts"
import * as Shaking from "./channels/Shaking.ts"
import * as State from "./channels/State.ts"
import * as Cursor from "./Cursor.ts"
import * as Handshake from "./Handshake.ts"
import * as Message from "./Message.ts"
import * as Swarm from "./Swarm.ts"

/** A datagram came. */
export interface Received {
  readonly _tag: "Received"
  readonly from: NetAddress.InetAddress
  readonly payload: Uint8Array
}

/** Opens a channel to a peer, asking `tries` times at most. Nothing happens where there is one, or one that is being opened. */
export interface Connect {
  readonly _tag: "Connect"
  readonly swarm: Swarm.Swarm
  readonly address: NetAddress.InetAddress
  readonly tries?: number | undefined
}

/** Sends messages through an established channel; nothing where it is over. Throws a `RangeError` on messages that its swarm has no words for. */
export interface Send {
  readonly _tag: "Send"
  readonly channel: number
  readonly messages: ReadonlyArray<Message.Message>
}

/** Says goodbye on one channel, or on all. */
export interface Close {
  readonly _tag: "Close"
  readonly channel?: number | undefined
}

/** Octets of a secure source, of which channel ids are made. */
export interface Refill {
  readonly _tag: "Refill"
  readonly octets: Uint8Array
}

export type Input = Received | Connect | Send | Close | Refill | Machine.Woke

/** How channels are made. */
export interface Options {
  readonly swarms: ReadonlyArray<Swarm.Swarm>
  readonly bounds?: Partial<Bounds.Bounds> | undefined
  /** Whether peers are asked for others. */
  readonly asks?: boolean | undefined
}

/** No channels yet. */
export const make = ({ asks = true, bounds, swarms }: Options, seed: Seed.Seed): State.State => ({
  bounds: { ...Bounds.bounds, ...bounds },
  asks,
  swarms: new Map(swarms.map((swarm) => [Swarm.toHex(swarm.id), swarm])),
  channels: new Map(),
  peers: new Map(),
  openings: new Map(),
  halfOpen: new Map(),
  sources: new Map(),
  ids: [],
  nextAt: Infinity,
  seed: Seed.derive(seed, "ppspp")
})

/** The channels as a machine. */
export const machine = (options: Options): Machine.Machine<State.State, Input, Output.Output> => ({
  init: (seed) => ({ state: make(options, seed), outputs: [], wakeAt: Infinity }),
  step: (state, input, now) => {
    const outputs: Array<Output.Output> = []
    take(state, input, now, outputs)
    return { state, outputs, wakeAt: state.nextAt }
  }
})

/** How many octets a `Refill` should have; 0 while there are enough channel ids. */
export const wanted = ({ ids }: State.State): number =>
  ids.length * 2 > Bounds.idsAtOnce ? 0 : 4 * (Bounds.idsAtOnce - ids.length)

/** The peers of established channels. */
export const peers = ({ peers }: State.State): ReadonlyArray<Output.Peer> => Array.from(peers.values(), State.peerOf)

/** Whether a datagram names a channel of its sender, which nobody else was told. */
export const isProven = ({ channels }: State.State, payload: Uint8Array, from: NetAddress.InetAddress): boolean => {
  const channel = channels.get(Cursor.uint32(Cursor.make(payload)))
  return channel !== undefined && State.isSameHost(channel.address, from)
}

/** Takes one input, and appends what is to be done and told. */
export const take = (self: State.State, input: Input, now: number, out: Array<Output.Output>): void => {
  switch (input._tag) {
    case "Received":
      return receive(self, input, now, out)
    case "Connect":
      return Shaking.connect(self, input.swarm, input.address, input.tries ?? Bounds.tries, now, out)
    case "Send":
      return send(self, input, now, out)
    case "Close":
      return close(self, input, now, out)
    case "Refill":
      return refill(self, input.octets)
    case "Woke":
      return wake(self, now, out)
  }
}

const refill = (self: State.State, octets: Uint8Array): void => {
  const cursor = Cursor.make(octets)
  while (Cursor.left(cursor) >= 4 && self.ids.length < Bounds.idsAtOnce) self.ids.push(Cursor.uint32(cursor))
}

const receive = (self: State.State, { from, payload }: Received, now: number, out: Array<Output.Output>): void => {
  const cursor = Cursor.make(payload)
  const id = Cursor.uint32(cursor)
  if (cursor.isShort) return State.reject(from, "short", out)
  if (id === 0) return Shaking.requested(self, from, payload, now, out)
  const channel = self.channels.get(id)
  switch (channel?.phase) {
    case undefined:
      return State.reject(from, "channel", out)
    case "opening": {
      const rest = Shaking.answered(self, channel, from, payload, now, out)
      return rest === undefined ? undefined : deliver(self, channel, rest, now, out)
    }
    case "halfOpen": {
      if (!State.isSameAddress(channel.address, from)) return State.reject(from, "moved", out)
      const decoded = Message.decode(payload, channel.swarm, 4)
      if (isClose(decoded)) return State.remove(self, channel)
      return Shaking.echoed(self, channel, now, out) ? deliver(self, channel, decoded, now, out) : undefined
    }
    case "established":
      return hear(self, channel, from, payload, now, out)
  }
}

const isClose = ({ messages }: Message.Decoded): boolean =>
  messages.some((message) => message._tag === "Handshake" && message.channel === 0)

const hear = (
  self: State.State,
  channel: State.Channel,
  from: NetAddress.InetAddress,
  payload: Uint8Array,
  now: number,
  out: Array<Output.Output>
): void => {
  const isMoved = !State.isSameAddress(channel.address, from)
  if (isMoved && !State.isSameHost(channel.address, from)) return State.reject(from, "moved", out)
  const decoded = Message.decode(payload, channel.swarm, 4)
  if (isMoved && (isClose(decoded) || self.peers.has(State.keyOf(channel.swarm, from)))) {
    return State.reject(from, "moved", out)
  }
  if (isMoved) move(self, channel, from, out)
  // finite once it has moved: so much may be sent there as came from there
  channel.allowance += payload.length
  Keeping.heard(self, channel, decoded.messages.every(({ _tag }) => _tag !== "Handshake"), now)
  deliver(self, channel, decoded, now, out)
}

/** A router in between gave the peer another port (RFC 7574, section 3.11). Nothing shows that it hears us there, until it shakes hands anew. */
const move = (
  self: State.State,
  channel: State.Channel,
  address: NetAddress.InetAddress,
  out: Array<Output.Output>
): void => {
  const from = channel.address
  self.peers.delete(channel.key)
  channel.address = address
  channel.key = State.keyOf(channel.swarm, address)
  channel.allowance = 0
  self.peers.set(channel.key, channel)
  out.push({ _tag: "Moved", peer: State.peerOf(channel), from })
}

const deliver = (
  self: State.State,
  channel: State.Channel,
  decoded: Message.Decoded,
  now: number,
  out: Array<Output.Output>
): void => {
  if (isClose(decoded)) {
    State.remove(self, channel)
    out.push({ _tag: "Closed", peer: State.peerOf(channel), reason: "goodbye" })
    return
  }
  const messages = decoded.messages.filter((message) => !isOurs.has(message._tag))
  out.push({ _tag: "Heard", peer: State.peerOf(channel), messages })
  if (decoded.stop !== undefined) State.reject(channel.address, decoded.stop, out)
  if (decoded.messages.some(({ _tag }) => _tag === "PexReq")) Exchange.answer(self, channel, now, out)
  Exchange.take(self, channel, decoded.messages, now, out)
}

const isOurs: ReadonlySet<Message.Message["_tag"]> = new Set(["Handshake", "PexReq", "PexResV4", "PexResV6"])

const send = (self: State.State, { channel: id, messages }: Send, now: number, out: Array<Output.Output>): void => {
  const channel = self.channels.get(id)
  if (channel?.phase !== "established") return
  if (State.transmit(channel, messages, now, out)) Keeping.postpone(self, channel, now)
}

const close = (self: State.State, { channel: id }: Close, now: number, out: Array<Output.Output>): void => {
  const closing = id === undefined ? Array.from(self.channels.values()) : [self.channels.get(id)]
  for (const channel of closing) {
    if (channel === undefined) continue
    State.remove(self, channel)
    if (channel.phase !== "established") continue
    State.transmit(channel, [Handshake.close], now, out)
    out.push({ _tag: "Closed", peer: State.peerOf(channel), reason: "local" })
  }
}

const wake = (self: State.State, now: number, out: Array<Output.Output>): void => {
  const channels = Array.from(self.channels.values())
  for (const channel of channels) {
    if (channel.dueAt > now) continue
    switch (channel.phase) {
      case "opening":
        Shaking.retry(self, channel, now, out)
        break
      case "halfOpen":
        State.remove(self, channel)
        break
      case "established":
        Keeping.wake(self, channel, now, out)
        break
    }
  }
  self.nextAt = Infinity
  for (const { dueAt } of self.channels.values()) self.nextAt = Math.min(self.nextAt, dueAt)
}
