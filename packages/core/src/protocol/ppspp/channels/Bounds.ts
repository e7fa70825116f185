/**
 * The bounds and the times of channels. None of the times is on the wire: RFC 7574 leaves all but three minutes to the peer.
 */

/** Bounds of the channels of one socket. */
export interface Bounds {
  /** Established channels. */
  readonly channels: number
  /** Established channels of one source address. */
  readonly channelsPerSource: number
  /** Requests that were answered and whose sender has not shown that it heard the answer. */
  readonly halfOpen: number
  readonly halfOpenPerSource: number
  /** Requests of our own that wait for an answer. */
  readonly opening: number
  /** Swarms of one socket. */
  readonly swarms: number
  /** Peers that an answer to PEX_REQ names. */
  readonly named: number
}

/** The defaults. */
export const bounds: Bounds = {
  channels: 1_024,
  channelsPerSource: 32,
  halfOpen: 256,
  halfOpenPerSource: 8,
  opening: 64,
  swarms: 64,
  named: 16
}

/** Milliseconds after which a channel is over when nothing came (RFC 7574, section 3.12), and how many datagrams must have been in vain. */
export const silence = 180_000
export const leastInVain = 3

/** A channel that was silent for so long is kept alive: three fit into the three minutes, with one to spare. */
export const keepAlive: readonly [min: number, max: number] = [40_000, 55_000]

/** How long the last one of those in vain is given to be answered. */
export const lastChance = 1_000

/** How long an answered request may take to prove that it heard, and how long one counts as an attempt of both sides. */
export const halfOpenFor = 30_000
export const bothWays = 2_000

/** How long a channel holds against another of the same two without a sign that the other end has it, too. */
export const confirmWithin = 5_000

/** When an unanswered request is repeated: so long after the first, then twice as long, so many times in all. */
export const firstRetry = 1_000
export const tries = 5

/** Who was heard within so long is named to others (RFC 7574, section 3.10.1). */
export const activeFor = 60_000

/** How often a peer is asked for others, and how often it is answered at most. */
export const askEvery = 60_000
export const answerEvery = 10_000

/** How long after a question peers may be named. */
export const answerWithin = 30_000

/** Addresses after which nothing more is taken for an answer to a question: one may take several datagrams. */
export const believed = 32

/** Channel ids to draw at once. */
export const idsAtOnce = 256
