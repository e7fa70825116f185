/**
 * The peers of one swarm as a source of discovery has them: those with a channel, and those that were only named by another.
 *
 * What another named is hearsay: it is told as such, it is bounded for each who names, and only so many of them are asked at a time whether
 * they are there. The state is updated in place.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Attributes from "../../Attributes.ts"
import * as Claim from "../../Claim.ts"
import * as Origin from "../../internal/registry/Origin.ts"
import type * as Machine from "../../Machine.ts"
import type * as PeerRegistry from "../../PeerRegistry.ts"
import type { Provenance } from "../../Provenance.ts"
import * as Seed from "../../Seed.ts"
import type * as Output from "./channels/Output.ts"
import * as Hearsay from "./Hearsay.ts"
import * as Swarm from "./Swarm.ts"

/** How neighbours are found. */
export interface Options {
  readonly source: string
  readonly swarm: Swarm.Swarm
  /** The peers that the program knows. They are asked until they answer, and again when they are lost. */
  readonly bootstrap: ReadonlyArray<NetAddress.InetAddress>
  /** Peers named by others that are asked, or have answered, at a time; those that one source named are half of them. */
  readonly follow: number
}

/** What channels tell. */
export type Input = Output.Output | Machine.Woke

/** What the registry is to be told, and whom to open a channel to. */
export type Want =
  | { readonly _tag: "Tell"; readonly input: PeerRegistry.Announced | PeerRegistry.Withdrawn }
  | { readonly _tag: "Connect"; readonly address: NetAddress.InetAddress; readonly tries?: number | undefined }

interface Known {
  readonly address: NetAddress.InetAddress
  dueAt: number
  failures: number
}

interface Live {
  toldAt: number
  restarts: number
}

/** The neighbours. */
export interface Neighbours {
  readonly options: Options
  readonly bootstrap: Map<string, Known>
  readonly live: Map<string, Live>
  readonly hearsay: Hearsay.Hearsay
  /** Those of hearsay that are asked, or have answered, and the source that each counts for. */
  readonly followed: Map<string, string>
  followAt: number
  seed: Seed.Seed
}

/** Milliseconds for which a claim holds (wire formats, section 13), and after which it is renewed. */
const ttl = 180_000
const renewEvery = 30_000

// the first and the longest pause before a known peer is asked again
const firstPause = 5_000
const longestPause = 300_000
const followEvery = 1_000
const followTries = 2

/** Nobody yet; those that are known are asked at once. */
export const make = (options: Options, seed: Seed.Seed, now: number): Neighbours => ({
  options,
  bootstrap: new Map(
    options.bootstrap.map((address) => [NetAddress.formatInet(address), { address, dueAt: now, failures: 0 }])
  ),
  live: new Map(),
  hearsay: Hearsay.make(),
  followed: new Map(),
  followAt: Infinity,
  seed: Seed.derive(seed, "neighbours")
})

/** Neighbours as a machine. */
export const machine = (options: Options): Machine.Machine<Neighbours, Input, Want> => ({
  init: (seed, now) => {
    const state = make(options, seed, now)
    return { state, outputs: [], wakeAt: wakeAt(state) }
  },
  step: (state, input, now) => {
    const outputs: Array<Want> = []
    take(state, input, now, outputs)
    return { state, outputs, wakeAt: wakeAt(state) }
  }
})

const wakeAt = ({ bootstrap, followAt }: Neighbours): number => {
  let at = followAt
  for (const { dueAt } of bootstrap.values()) at = Math.min(at, dueAt)
  return at
}

/** Takes what a channel tells. */
export const take = (self: Neighbours, input: Input, now: number, out: Array<Want>): void => {
  switch (input._tag) {
    case "Opened":
      return opened(self, input, now, out)
    case "Heard":
      return renew(self, input.peer.address, now, out)
    case "Moved":
      lose(self, input.from, "Goodbye", now, out)
      return opened(self, { peer: input.peer, isRestart: false }, now, out)
    case "Closed":
      return lose(self, input.peer.address, input.reason === "silence" ? "Expired" : "Goodbye", now, out)
    case "Unanswered":
      return unanswered(self, input, now, out)
    case "Named":
      return named(self, input, now, out)
    case "Woke":
      return wake(self, now, out)
    case "Transmit":
    case "Rejected":
      return undefined
  }
}

const opened = (
  self: Neighbours,
  { isRestart, peer }: Pick<Output.Opened, "peer" | "isRestart">,
  now: number,
  out: Array<Want>
): void => {
  const text = NetAddress.formatInet(peer.address)
  const known = self.bootstrap.get(text)
  if (known !== undefined) Object.assign(known, { dueAt: Infinity, failures: 0 })
  const restarts = (self.live.get(text)?.restarts ?? 0) + (isRestart ? 1 : 0)
  self.live.set(text, { toldAt: now, restarts })
  tellLive(self, peer.address, restarts, out)
  // what was hearsay is known now
  for (const informant of Hearsay.forget(self.hearsay, text)) tellGone(self, text, informantOf(self, informant), out)
}

const renew = (self: Neighbours, address: NetAddress.InetAddress, now: number, out: Array<Want>): void => {
  const live = self.live.get(NetAddress.formatInet(address))
  if (live === undefined || now - live.toldAt < renewEvery) return
  live.toldAt = now
  tellLive(self, address, live.restarts, out)
}

const lose = (
  self: Neighbours,
  address: NetAddress.InetAddress,
  reason: "Goodbye" | "Expired",
  now: number,
  out: Array<Want>
): void => {
  const text = NetAddress.formatInet(address)
  self.live.delete(text)
  if (self.followed.delete(text)) self.followAt = Math.min(self.followAt, now + followEvery)
  tellGone(self, text, liveAt(self, address), out, reason)
  const known = self.bootstrap.get(text)
  if (known !== undefined) known.dueAt = pause(self, known, now)
}

const unanswered = (
  self: Neighbours,
  { address, reason }: Output.Unanswered,
  now: number,
  out: Array<Want>
): void => {
  const text = NetAddress.formatInet(address)
  const known = self.bootstrap.get(text)
  if (known !== undefined) known.dueAt = pause(self, known, now)
  if (!self.followed.delete(text)) return
  self.followAt = Math.min(self.followAt, now + followEvery)
  // that we have no room is no fault of its own
  if (reason === "full") return
  for (const informant of Hearsay.refute(self.hearsay, address, now)) {
    tellGone(self, text, informantOf(self, informant), out, "Expired")
  }
}

// twice as long each time, with jitter, so that a peer that comes back is not asked by all at once
const pause = (self: Neighbours, known: Known, now: number): number => {
  const [value, seed] = Seed.next(self.seed)
  self.seed = seed
  const delay = Math.min(longestPause, firstPause * 2 ** Math.min(known.failures, 10))
  known.failures++
  return now + Math.round(delay * (0.75 + value / 2))
}

const named = (self: Neighbours, { addresses, peer }: Output.Named, now: number, out: Array<Want>): void => {
  const informant = NetAddress.formatInet(peer.address)
  const source = Origin.of(NetAddress.formatHost(peer.address))
  for (const address of addresses) {
    const text = NetAddress.formatInet(address)
    if (self.live.has(text)) continue
    const taken = Hearsay.add(self.hearsay, { address, informant, source, heardAt: now }, ttl)
    if (taken === undefined) continue
    for (const gone of taken) {
      tellGone(self, NetAddress.formatInet(gone.address), informantOf(self, gone.informant), out)
    }
    tellNamed(self, address, informant, out)
  }
  self.followAt = Math.min(self.followAt, now + followEvery)
}

const wake = (self: Neighbours, now: number, out: Array<Want>): void => {
  for (const known of self.bootstrap.values()) {
    if (known.dueAt > now) continue
    known.dueAt = Infinity
    out.push({ _tag: "Connect", address: known.address })
  }
  if (self.followAt <= now) followNext(self, now, out)
}

// one a second at most, so that nobody can make us call on many
const followNext = (self: Neighbours, now: number, out: Array<Want>): void => {
  const next = Hearsay.next(self.hearsay, now, ttl, (rumour) => isFollowable(self, rumour))
  self.followAt = next === undefined ? Infinity : now + followEvery
  if (next === undefined) return
  self.followed.set(NetAddress.formatInet(next.address), next.source)
  out.push({ _tag: "Connect", address: next.address, tries: followTries })
}

// One source is given a place as long as it has fewer than are free: alone it gets half of them, the next one half of what is left, and so on.
const isFollowable = ({ followed, live, options }: Neighbours, { address, source }: Hearsay.Rumour): boolean => {
  const text = NetAddress.formatInet(address)
  if (followed.has(text) || live.has(text)) return false
  let own = 0
  for (const other of followed.values()) if (other === source) own++
  return own < options.follow - followed.size
}

/** What identifies a peer: the same address in another swarm is another peer. */
const identityOf = ({ options }: Neighbours, address: string): string => `${Swarm.toHex(options.swarm.id)}@${address}`

const liveAt = ({ options }: Neighbours, address: NetAddress.InetAddress): Provenance => ({
  source: options.source,
  interface: "",
  address: NetAddress.formatHost(address)
})

const informantOf = ({ options }: Neighbours, informant: string): Provenance => ({
  source: options.source,
  interface: "",
  address: informant
})

const tellLive = (self: Neighbours, address: NetAddress.InetAddress, restarts: number, out: Array<Want>): void => {
  const attributes = restarts === 0 ? [] : [["restarts", String(restarts)] as const]
  const claim = claimOf(self, address, attributes)
  out.push({ _tag: "Tell", input: { _tag: "Announced", provenance: liveAt(self, address), claim } })
}

const tellNamed = (self: Neighbours, address: NetAddress.InetAddress, informant: string, out: Array<Want>): void => {
  const claim = claimOf(self, address, [["named-by", informant]])
  out.push({ _tag: "Tell", input: { _tag: "Announced", provenance: informantOf(self, informant), claim } })
}

const claimOf = (
  self: Neighbours,
  address: NetAddress.InetAddress,
  attributes: ReadonlyArray<readonly [key: string, value: string]>
): Claim.Claim => {
  const text = NetAddress.formatInet(address)
  const announcement = {
    identity: identityOf(self, text),
    name: text,
    addresses: [address],
    attributes: Attributes.make([["swarm", Swarm.toHex(self.options.swarm.id)], ...attributes])
  }
  // from itself as far as S-U6 is concerned: what others named was held to it when it came
  return Claim.fromAnnouncement(announcement, { ttl, origin: address.address })
}

const tellGone = (
  self: Neighbours,
  address: string,
  provenance: Provenance,
  out: Array<Want>,
  reason: "Goodbye" | "Expired" = "Goodbye"
): void => {
  const identity = identityOf(self, address)
  out.push({ _tag: "Tell", input: { _tag: "Withdrawn", provenance, identity, reason } })
}
