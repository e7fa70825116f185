/**
 * The channels of one socket, updated in place.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Origin from "../../../internal/registry/Origin.ts"
import * as Seed from "../../../Seed.ts"
import type * as Message from "../Message.ts"
import * as Message_ from "../Message.ts"
import * as Swarm from "../Swarm.ts"
import * as Bounds from "./Bounds.ts"
import type * as Output from "./Output.ts"

/**
 * One end of a channel. It is `opening` while our request waits for an answer, `halfOpen` while the sender of a request that we answered
 * has not shown that it heard us, and `established` then.
 */
export interface Channel {
  /** What the other end puts in front of what it sends here. */
  readonly id: number
  /** What we put in front of what we send there; 0 while it is not known. */
  remote: number
  readonly swarm: Swarm.Swarm
  readonly isInitiator: boolean
  phase: "opening" | "halfOpen" | "established"
  address: NetAddress.InetAddress
  /** Of swarm, host and port. */
  key: string
  /** The host that it counts for. */
  readonly source: string
  readonly startedAt: number
  heardAt: number
  dueAt: number
  keepAliveAt: number
  /** Datagrams sent since one was heard, and when the third of them was. */
  inVain: number
  thirdAt: number
  /** Requests, or signs of having heard, that were sent. */
  tries: number
  readonly mostTries: number
  /** Octets that may be sent before the other end has shown that it is there. */
  allowance: number
  /** Whether the other end is known to have the channel, too: it sent more than its answer. */
  isConfirmed: boolean
  /** When the other end is told again that its answer was heard. */
  repeatAt: number
  askedAt: number
  /** Addresses that were named since. */
  believed: number
  answeredAt: number
}

/** The channels of one socket. */
export interface State {
  readonly bounds: Bounds.Bounds
  readonly asks: boolean
  readonly swarms: Map<string, Swarm.Swarm>
  readonly channels: Map<number, Channel>
  /** By key: the established one, and the one that is opening, of a peer. */
  readonly peers: Map<string, Channel>
  readonly openings: Map<string, Channel>
  /** By key and remote id. */
  readonly halfOpen: Map<string, Channel>
  /** Established channels of each source. */
  readonly sources: Map<string, number>
  readonly ids: Array<number>
  nextAt: number
  seed: Seed.Seed
}

/** The key of a peer of a swarm. */
export const keyOf = (swarm: Swarm.Swarm, address: NetAddress.InetAddress): string =>
  `${Swarm.toHex(swarm.id)}@${NetAddress.formatInet(address)}`

export const halfOpenKey = ({ key, remote }: Channel): string => `${key} ${remote}`

/** The host that an address counts for. */
export const sourceOf = (address: NetAddress.InetAddress): string => Origin.of(NetAddress.formatHost(address))

export const peerOf = ({ address, id, swarm }: Channel): Output.Peer => ({ swarm, address, channel: id })

export const isSameAddress = (self: NetAddress.InetAddress, that: NetAddress.InetAddress): boolean =>
  self.port === that.port && isSameHost(self, that)

export const isSameHost = (self: NetAddress.InetAddress, that: NetAddress.InetAddress): boolean =>
  NetAddress.formatHost(self) === NetAddress.formatHost(that)

/** A uniform integer. */
export const draw = (self: State, [min, max]: readonly [min: number, max: number]): number => {
  const [value, seed] = Seed.between(self.seed, min, max)
  self.seed = seed
  return value
}

/** An id that no channel has, `undefined` when there is none left of those that were drawn. */
export const takeId = (self: State): number | undefined => {
  for (let id = self.ids.pop(); id !== undefined; id = self.ids.pop()) {
    if (id !== 0 && !self.channels.has(id)) return id
  }
  return undefined
}

/** When a channel next has something to do. */
export const schedule = (self: State, channel: Channel, dueAt: number): void => {
  channel.dueAt = dueAt
  if (dueAt < self.nextAt) self.nextAt = dueAt
}

/** Forgets a channel. */
export const remove = (self: State, channel: Channel): void => {
  self.channels.delete(channel.id)
  if (self.peers.get(channel.key) === channel) {
    self.peers.delete(channel.key)
    count(self, channel, -1)
  }
  if (self.openings.get(channel.key) === channel) self.openings.delete(channel.key)
  if (self.halfOpen.get(halfOpenKey(channel)) === channel) self.halfOpen.delete(halfOpenKey(channel))
}

/** Counts established channels of one source. */
export const count = (self: State, { source }: Channel, change: 1 | -1): void => {
  const count = (self.sources.get(source) ?? 0) + change
  if (count === 0) self.sources.delete(source)
  else self.sources.set(source, count)
}

/** Sends messages through a channel, unless that is more than it may be sent: then nothing happens. */
export const transmit = (
  channel: Channel,
  messages: ReadonlyArray<Message.Message>,
  now: number,
  out: Array<Output.Output>
): boolean => {
  const payload = Message_.encode(channel.remote, messages, channel.swarm)
  // what may not be sent counts as well: one that moved and fell silent has to be over some time
  channel.inVain++
  if (channel.inVain === Bounds.leastInVain) channel.thirdAt = now
  if (payload.length > channel.allowance) return false
  channel.allowance -= payload.length
  out.push({ _tag: "Transmit", to: channel.address, payload })
  return true
}

export const reject = (
  from: NetAddress.InetAddress,
  reason: Output.Reason,
  out: Array<Output.Output>
): void => {
  out.push({ _tag: "Rejected", from, reason })
}
