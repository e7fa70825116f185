/**
 * Peer exchange: naming peers to each other (RFC 7574, section 3.10).
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Claim from "../../../Claim.ts"
import type * as Message from "../Message.ts"
import * as Bounds from "./Bounds.ts"
import * as Keeping from "./Keeping.ts"
import type * as Output from "./Output.ts"
import * as State from "./State.ts"

/** Names peers of the swarm that were heard within the last minute to one that asked, not too often. */
export const answer = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): void => {
  if (now - channel.answeredAt < Bounds.answerEvery) return State.reject(channel.address, "rate", out)
  channel.answeredAt = now
  const active = Array.from(self.peers.values()).filter((peer) =>
    peer.swarm === channel.swarm && peer !== channel && now - peer.heardAt <= Bounds.activeFor &&
    isNameable(peer.address, channel.address)
  )
  // not always the same ones, where there are more than an answer names
  const start = active.length === 0 ? 0 : State.draw(self, [0, active.length - 1])
  const named = [...active.slice(start), ...active.slice(0, start)].slice(0, self.bounds.named)
  if (named.length === 0) return
  if (State.transmit(channel, named.map(({ address }) => toMessage(address)), now, out)) {
    Keeping.postpone(self, channel, now)
  }
}

/**
 * Whether a peer is named to another, or believed of it: addresses that mean something on one host, one link or one site are kept from
 * others, who could not use them and are no business of theirs (S-V5), and others do not get us to call on hosts of our own site (S-U6).
 */
const isNameable = (address: NetAddress.InetAddress, other: NetAddress.InetAddress): boolean => {
  const named = NetAddress.toCanonical(address.address)
  const place = NetAddress.toCanonical(other.address)
  if (!Claim.isDialable(address, other.address) || NetAddress.isLinkLocal(named)) return false
  if (NetAddress.isLoopback(named)) return NetAddress.isLoopback(place)
  return !isOfSite(named) || isOfSite(place) || NetAddress.isLoopback(place)
}

const isOfSite = (address: NetAddress.IpAddress): boolean =>
  NetAddress.isIpv4Address(address) ? NetAddress.isPrivate(address) : NetAddress.isUniqueLocal(address)

const toMessage = (address: NetAddress.InetAddress): Message.Message => {
  const ip = NetAddress.toCanonical(address.address)
  return {
    _tag: NetAddress.isIpv4Address(ip) ? "PexResV4" : "PexResV6",
    address: NetAddress.inetAddressUnsafe(ip, address.port)
  }
}

/** Takes what a peer named, if it was asked, up to so many. */
export const take = (
  self: State.State,
  channel: State.Channel,
  messages: ReadonlyArray<Message.Message>,
  now: number,
  out: Array<Output.Output>
): void => {
  const addresses = messages.flatMap((message) => "address" in message ? [message.address] : [])
  if (addresses.length === 0) return
  const isAnswer = now - channel.askedAt <= Bounds.answerWithin && channel.believed < Bounds.believed
  if (!isAnswer) return State.reject(channel.address, "unsolicited", out)
  const named = addresses.filter((address) => isNameable(address, channel.address)).slice(0, self.bounds.named)
  channel.believed += named.length
  if (named.length > 0) out.push({ _tag: "Named", peer: State.peerOf(channel), addresses: named })
}
