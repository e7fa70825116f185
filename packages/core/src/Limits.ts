/**
 * The bounds of every queue, map and rate. All can be changed, none can be infinite.
 *
 * @since 0.1.0
 */
import * as Bounds from "./internal/Bounds.ts"

/**
 * A token bucket: so many a second, and so many at once after a pause.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rate {
  /** How many refill each second. */
  readonly perSecond: number
  /** How many there are after a pause. */
  readonly burst: number
}

/**
 * The bounds within which a discovery layer works, whatever the network does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  /** Octets asked of the system as each socket's receive buffer. */
  readonly kernelReceiveBuffer: number
  /** Datagrams waiting between a socket and its session; beyond it the oldest is dropped and counted. */
  readonly receiveQueue: number
  /** Datagrams decoded from one source address. Identical repeats are free. */
  readonly datagramsPerSource: Rate
  /** Datagrams decoded by one session in all. */
  readonly datagramsPerSession: Rate
  /** Source addresses a session keeps rates for; beyond it the least recently heard is forgotten. */
  readonly sources: number
  /** Different datagrams of one source address whose repeats a session recognises without decoding. */
  readonly repeatsPerSource: number
  /** Changes that wait for one slow subscriber before they are coalesced by peer. */
  readonly subscriberBacklog: number
  /** Peers known by unproven announcements. */
  readonly unverifiedPeers: number
  /** Peers known by announcements that a key proves, but one that the program does not know. */
  readonly verifiedPeers: number
  /** Keys that the program trusts, pins or denies; their peers are never evicted by others. */
  readonly trustEntries: number
  /** Peers that the program itself names: in lists, by hand, or in Streams of its own. */
  readonly configuredPeers: number
  /** Peers announced from one source address; beyond it that source's oldest goes. */
  readonly peersPerSource: number
  /** Provenances kept for one peer that has not proven a key. */
  readonly evidencePerPeer: number
  /** Provenances kept for one that has. */
  readonly evidencePerKey: number
  /** Addresses kept for one peer. */
  readonly addressesPerPeer: number
  /** Attributes of one announcement. */
  readonly attributesPerPeer: number
  /** Octets of all attributes of one announcement, keys and values. */
  readonly attributesBytes: number
  /** Octets of a name or identity. */
  readonly nameBytes: number
  /** Sealed datagrams opened. */
  readonly openings: Rate
  /** Signatures checked, half of them kept for trusted keys. */
  readonly verifications: Rate
  /** Public keys kept imported. */
  readonly importedKeys: number
  /** Keys that are not trusted whose latest stamp is remembered, so that older announcements are not taken again. */
  readonly replayFloors: number
  /** Milliseconds for which such a stamp is remembered at most, unless its announcement holds longer. */
  readonly replayFloorAge: number
  /** Challenges that wait for a proof. */
  readonly openChallenges: number
  /** Keys that are not trusted which are remembered as reported. */
  readonly untrustedReports: number
  /** Milliseconds for which such a key is not reported again. */
  readonly untrustedInterval: number
  /** Workers of one registry; beyond it no further one can be started. */
  readonly workers: number
  /** Messages that wait for a handler of one worker; beyond it one is dropped and counted: the oldest, unless the worker says otherwise. */
  readonly workerQueue: number
  /** Handlers of one worker that run at a time; beyond it messages wait. */
  readonly workerConcurrency: number
  /** Milliseconds that a handler may take for one datagram; beyond it the handler is interrupted and counted. */
  readonly workerHandler: number
  /** Kinds of diagnostics counted apart. */
  readonly diagnosticKinds: number
  /** Milliseconds between two reports of one kind of diagnostic to one subscriber. */
  readonly diagnosticInterval: number
  /** Milliseconds in which the system has to take a datagram; beyond it, or half of `goodbye` while one waits, the send has failed. */
  readonly send: number
  /** Milliseconds that goodbyes may take when a scope closes. */
  readonly goodbye: number
}

/**
 * The defaults.
 *
 * **Details**
 *
 * The figures are those of the security notes in `docs/decisions.md`. `nameBytes` is the longest identity that a supported wire
 * format carries (Syncthing's first format, 1016 octets).
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaults: Limits = {
  kernelReceiveBuffer: 1_048_576,
  receiveQueue: 1_024,
  datagramsPerSource: { perSecond: 50, burst: 200 },
  datagramsPerSession: { perSecond: 5_000, burst: 5_000 },
  sources: 1_024,
  repeatsPerSource: 64,
  subscriberBacklog: 1_024,
  unverifiedPeers: 2_048,
  verifiedPeers: 1_024,
  trustEntries: 4_096,
  configuredPeers: 65_536,
  peersPerSource: 64,
  evidencePerPeer: 4,
  evidencePerKey: 16,
  addressesPerPeer: 8,
  attributesPerPeer: 16,
  attributesBytes: 2_048,
  nameBytes: 1_016,
  openings: { perSecond: 2_000, burst: 2_000 },
  verifications: { perSecond: 200, burst: 400 },
  importedKeys: 1_024,
  replayFloors: 4_096,
  replayFloorAge: 3_600_000,
  openChallenges: 64,
  untrustedReports: 256,
  untrustedInterval: 3_600_000,
  workers: 256,
  workerQueue: 512,
  workerConcurrency: 64,
  workerHandler: 10_000,
  diagnosticKinds: 256,
  diagnosticInterval: 10_000,
  send: 1_000,
  goodbye: 1_000
}

/**
 * The defaults with some bounds changed.
 *
 * **Gotchas**
 *
 * Throws when a bound is not a positive finite number.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (overrides: Partial<Limits> = {}): Limits => Bounds.within(defaults, overrides)
