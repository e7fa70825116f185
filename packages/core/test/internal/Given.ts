/**
 * What tests begin with: peers, claims and announcements in which only what matters is said, and chance from a seed.
 */
import {
  Attributes,
  type Claim,
  type DiscoveryEvent,
  Limits,
  type Machine,
  Peer,
  PeerKey,
  PeerRegistry,
  type Provenance,
  Seed
} from "@effect-discovery/core"
import { NetAddress } from "effect/net"

export const ip = NetAddress.ipFromStringUnsafe

/** `10.0.0.1:80`, `[fe80::1%2]:80` */
export const address = NetAddress.inetAddressFromStringUnsafe

/** One of 256 keys. */
export const key = (octet: number): PeerKey.PeerKey => PeerKey.fromBytes(new Uint8Array(32).fill(octet))

/** As many keys as one likes. */
export const keyOf = (index: number): PeerKey.PeerKey =>
  PeerKey.fromBytes(
    Uint8Array.from({ length: 32 }, (_, at) => (index >>> (8 * at)) & (at < 4 ? 255 : 0) || (at === 31 ? 1 : 0))
  )

export const peer = (name: string, options: Partial<Peer.Peer> = {}): Peer.Peer => ({
  id: Peer.id("test", name),
  name,
  addresses: [address("10.0.0.1:80")],
  attributes: Attributes.empty,
  sources: ["test"],
  authentication: "none",
  ...options
})

export const claim = (name: string, options: Partial<Claim.Claim> = {}): Claim.Claim => ({
  identity: name,
  name,
  addresses: [address("10.0.0.1:80")],
  attributes: Attributes.empty,
  ttl: 1_000,
  authentication: "none",
  ...options
})

export const provenance = (options: Partial<Provenance.Provenance> = {}): Provenance.Provenance => ({
  source: "test",
  interface: "eth0",
  address: "10.0.0.1",
  ...options
})

/** An announcement of `name`, by default from 10.0.0.1 on eth0. */
export const heard = (
  name: string,
  options: Partial<Claim.Claim> = {},
  from: Partial<Provenance.Provenance> = {}
): PeerRegistry.Announced => ({ _tag: "Announced", provenance: provenance(from), claim: claim(name, options) })

export const goodbye = (name: string, from: Partial<Provenance.Provenance> = {}): PeerRegistry.Withdrawn => ({
  _tag: "Withdrawn",
  provenance: provenance(from),
  identity: name
})

/** A registry, and what each input to it gives. */
export const registry = (limits: Partial<Limits.Limits> = {}, seed = 1) => {
  const state = PeerRegistry.make(Limits.make(limits), seed)
  const tell = (
    input: PeerRegistry.Input | Machine.Woke,
    now: number
  ): ReadonlyArray<DiscoveryEvent.DiscoveryEvent> => {
    const events: Array<DiscoveryEvent.DiscoveryEvent> = []
    PeerRegistry.observe(state, input, now, events)
    return events
  }
  return { state, tell }
}

/** Chance for property tests: the same draws from the same seed. */
export const dice = (seed: number) => {
  let state = seed
  const between = (min: number, max: number): number => {
    const [value, next] = Seed.between(state, min, max)
    state = next
    return value
  }
  return {
    between,
    pick: <A>(list: ReadonlyArray<A>): A => list[between(0, list.length - 1)]!,
    /** True once in `n`. */
    oneIn: (n: number): boolean => between(1, n) === 1
  }
}

export type Dice = ReturnType<typeof dice>
