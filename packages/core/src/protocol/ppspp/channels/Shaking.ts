/**
 * Opens channels (RFC 7574, sections 3.1 and 8.4).
 *
 * Anybody can send a request from any address. So an answer is never longer than its request, nobody is told anything else, and no peer is
 * taken for restarted, before a datagram has come to the channel that the answer named: that shows that the sender got the answer.
 */
import type * as NetAddress from "effect/net/NetAddress"
import * as Handshake from "../Handshake.ts"
import * as Message from "../Message.ts"
import * as Swarm from "../Swarm.ts"
import * as Bounds from "./Bounds.ts"
import * as Keeping from "./Keeping.ts"
import type * as Output from "./Output.ts"
import * as State from "./State.ts"

/** Starts to open a channel, unless there is one, or one that is being opened. */
export const connect = (
  self: State.State,
  swarm: Swarm.Swarm,
  address: NetAddress.InetAddress,
  tries: number,
  now: number,
  out: Array<Output.Output>
): void => {
  const key = State.keyOf(swarm, address)
  if (self.peers.has(key) || self.openings.has(key)) return
  const { channels, opening } = self.bounds
  const id = self.openings.size < opening && self.peers.size < channels ? State.takeId(self) : undefined
  if (id === undefined) {
    out.push({ _tag: "Unanswered", swarm, address, reason: "full" })
    return
  }
  const channel = make({ id, remote: 0, swarm, address, key, phase: "opening", tries, now })
  self.channels.set(id, channel)
  self.openings.set(key, channel)
  // the other side has just asked, so that one channel may do for both
  const waits = Array.from(self.halfOpen.values()).some((other) =>
    other.key === key && now - other.startedAt < Bounds.bothWays
  )
  if (waits) return State.schedule(self, channel, now + Bounds.bothWays)
  retry(self, channel, now, out)
}

const make = (options: {
  readonly id: number
  readonly remote: number
  readonly swarm: Swarm.Swarm
  readonly address: NetAddress.InetAddress
  readonly key: string
  readonly phase: "opening" | "halfOpen"
  readonly tries: number
  readonly now: number
}): State.Channel => {
  const { address, id, key, now, phase, remote, swarm, tries } = options
  return {
    id,
    remote,
    swarm,
    isInitiator: phase === "opening",
    phase,
    address,
    key,
    source: State.sourceOf(address),
    startedAt: now,
    heardAt: now,
    dueAt: Infinity,
    keepAliveAt: Infinity,
    inVain: 0,
    thirdAt: 0,
    tries: 0,
    mostTries: tries,
    allowance: phase === "opening" ? Infinity : 0,
    isConfirmed: phase === "halfOpen",
    repeatAt: Infinity,
    askedAt: -Infinity,
    believed: 0,
    answeredAt: -Infinity
  }
}

/** Sends our request, once more or for the first time; gives up after enough of them. */
export const retry = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): void => {
  const { id, mostTries, swarm } = channel
  if (channel.tries === mostTries) return giveUp(self, channel, "silence", out)
  State.transmit(channel, [Handshake.request(id, swarm)], now, out)
  const delay = Bounds.firstRetry * 2 ** channel.tries
  channel.tries++
  State.schedule(self, channel, now + State.draw(self, [delay, Math.round(delay * 1.25)]))
}

const giveUp = (
  self: State.State,
  channel: State.Channel,
  reason: Output.Unanswered["reason"],
  out: Array<Output.Output>
): void => {
  State.remove(self, channel)
  out.push({ _tag: "Unanswered", swarm: channel.swarm, address: channel.address, reason })
}

/** A datagram to channel 0: a request, or nothing that deserves a word. */
export const requested = (
  self: State.State,
  from: NetAddress.InetAddress,
  payload: Uint8Array,
  now: number,
  out: Array<Output.Output>
): void => {
  const handshake = Message.decodeHandshake(payload, 4)?.handshake
  if (handshake?.swarm === undefined || handshake.channel === 0) return State.reject(from, "handshake", out)
  const swarm = self.swarms.get(Swarm.toHex(handshake.swarm.subarray(0, Swarm.maxIdOctets + 1)))
  if (swarm === undefined) return State.reject(from, "swarm", out)
  if (Handshake.mismatch(handshake, swarm) !== undefined) return State.reject(from, "options", out)
  const key = State.keyOf(swarm, from)
  const refusal = refuse(self, key, handshake.channel, swarm)
  if (refusal !== undefined) return State.reject(from, refusal, out)
  const channel = self.halfOpen.get(`${key} ${handshake.channel}`) ??
    admit(self, { remote: handshake.channel, swarm, address: from, key, now })
  if (typeof channel === "string") return State.reject(from, channel, out)
  reply(channel, handshake, payload.length, now, out)
}

const refuse = (
  self: State.State,
  key: string,
  remote: number,
  swarm: Swarm.Swarm
): Output.Reason | undefined => {
  const own = self.channels.get(remote)
  if (own?.phase === "opening" && own.swarm === swarm) return "self"
  // a request that came twice, and the second late
  if (self.peers.get(key)?.remote === remote) return "crossed"
  // when both ask at once, the request with the greater id holds, so that both sides keep the same channel
  const ours = self.openings.get(key)
  return ours !== undefined && ours.tries > 0 && ours.id > remote ? "crossed" : undefined
}

/** Makes room for one more, or says why there is none. */
const admit = (
  self: State.State,
  request: Pick<State.Channel, "remote" | "swarm" | "address" | "key"> & { readonly now: number }
): State.Channel | "full" | "ids" => {
  const source = State.sourceOf(request.address)
  if ((self.sources.get(source) ?? 0) >= self.bounds.channelsPerSource) return "full"
  const id = State.takeId(self)
  if (id === undefined) return "ids"
  const oldest = inTheWay(self, source)
  if (oldest !== undefined) State.remove(self, oldest)
  const channel = make({ ...request, id, phase: "halfOpen", tries: 0 })
  self.channels.set(id, channel)
  self.halfOpen.set(State.halfOpenKey(channel), channel)
  State.schedule(self, channel, request.now + Bounds.halfOpenFor)
  return channel
}

/** The oldest that waits of a source that has many, or of all when they are many. */
const inTheWay = ({ bounds, halfOpen }: State.State, source: string): State.Channel | undefined => {
  let [oldest] = halfOpen.size >= bounds.halfOpen ? halfOpen.values() : []
  let own = 0
  for (const channel of halfOpen.values()) {
    if (channel.source !== source) continue
    if (own++ === 0) oldest = channel
  }
  return own >= bounds.halfOpenPerSource || halfOpen.size >= bounds.halfOpen ? oldest : undefined
}

const reply = (
  channel: State.Channel,
  request: Handshake.Handshake,
  octets: number,
  now: number,
  out: Array<Output.Output>
): void => {
  channel.allowance += octets
  const answer = Handshake.answer(channel.id, channel.swarm)
  if (!State.transmit(channel, [answer], now, out)) {
    State.transmit(channel, [Handshake.tersely(answer, request)], now, out)
  }
}

/** A datagram to a channel that we asked for: the answer, or nothing. What comes behind the answer in it is given back. */
export const answered = (
  self: State.State,
  channel: State.Channel,
  from: NetAddress.InetAddress,
  payload: Uint8Array,
  now: number,
  out: Array<Output.Output>
): Message.Decoded | undefined => {
  if (!State.isSameAddress(channel.address, from)) return void State.reject(from, "moved", out)
  const decoded = Message.decodeHandshake(payload, 4)
  if (decoded === undefined) return void State.reject(from, "handshake", out)
  const { end, handshake } = decoded
  // the peer wants no channel; who did not get our request could not name ours
  if (handshake.channel === 0) return void giveUp(self, channel, "refused", out)
  const ids = handshake.swarm === undefined || Swarm.toHex(handshake.swarm) === Swarm.toHex(channel.swarm.id)
  if (!ids || Handshake.mismatch(handshake, channel.swarm) !== undefined) return void State.reject(from, "options", out)
  channel.remote = handshake.channel
  self.openings.delete(channel.key)
  if (!establish(self, channel, now, out)) return undefined
  channel.tries = 0
  Keeping.repeat(channel, now)
  Keeping.greet(self, channel, now, out)
  return Message.decode(payload, channel.swarm, end)
}

/** The other end has shown that it heard our answer. Whether the channel is kept. */
export const echoed = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): boolean => {
  if (!establish(self, channel, now, out)) return false
  self.halfOpen.delete(State.halfOpenKey(channel))
  Keeping.greet(self, channel, now, out)
  return true
}

const establish = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): boolean => {
  const previous = self.peers.get(channel.key)
  const isFull = previous === undefined && !hasRoom(self, channel)
  if (isFull || (previous !== undefined && gives(channel, previous, now))) {
    // one that waits may be the only one yet, when nothing more comes of the other
    if (isFull && channel.isInitiator) giveUp(self, channel, "full", out)
    else if (isFull || channel.isInitiator) State.remove(self, channel)
    State.reject(channel.address, isFull ? "full" : "crossed", out)
    return false
  }
  if (previous !== undefined) State.remove(self, previous)
  const ours = self.openings.get(channel.key)
  if (ours !== undefined) State.remove(self, ours)
  channel.phase = "established"
  channel.heardAt = now
  channel.inVain = 0
  channel.allowance = Infinity
  self.peers.set(channel.key, channel)
  State.count(self, channel, 1)
  out.push({ _tag: "Opened", peer: State.peerOf(channel), isRestart: previous !== undefined })
  return true
}

// several requests of one source may have waited for the last place
const hasRoom = ({ bounds, peers, sources }: State.State, { isInitiator, source }: State.Channel): boolean =>
  peers.size < bounds.channels && (isInitiator || (sources.get(source) ?? 0) < bounds.channelsPerSource)

/** Whether a channel gives way to the one before it. */
const gives = (channel: State.Channel, previous: State.Channel, now: number): boolean => {
  // each side asked for one, so neither has restarted: the greater id holds, as the other side will find as well
  const isCrossed = previous.isInitiator !== channel.isInitiator &&
    channel.startedAt - previous.startedAt < Bounds.halfOpenFor
  const isSound = previous.isConfirmed || now - previous.heardAt < Bounds.confirmWithin
  return isCrossed && isSound && initiating(previous) > initiating(channel)
}

const initiating = ({ id, isInitiator, remote }: State.Channel): number => isInitiator ? id : remote
