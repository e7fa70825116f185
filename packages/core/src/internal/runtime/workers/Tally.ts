/**
 * What became of the datagrams of a worker. Every one is counted once, whatever becomes of it.
 */

/** Datagrams that were never handed to a handler, or taken from it again, by cause. */
export interface Dropped {
  /** Their source sent more than `Limits.datagramsPerSource`. */
  readonly rate: number
  /** All sources together sent more than `Limits.datagramsPerSession`. */
  readonly overload: number
  /** More than `Limits.workerQueue` waited for a handler. */
  readonly queue: number
  /** More than `Limits.receiveQueue` waited to be looked at. */
  readonly socket: number
  /** They still waited when the worker was closed. */
  readonly closing: number
}

/** Datagrams whose handler did not succeed, by what it did. */
export interface Failed {
  /** It failed with an error. */
  readonly failures: number
  /** It died. */
  readonly defects: number
  /** It took longer than `Limits.workerHandler`. */
  readonly timeouts: number
  /** It was interrupted: by itself, or since the worker was closed. */
  readonly interruptions: number
}

/**
 * The counts of a worker: live while it works, final once it is closed.
 *
 * **Details**
 *
 * Every datagram is counted once: received = handled + failed + rejected + dropped, and while the worker works + waiting + running.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  /** The port of the worker. */
  readonly port: number
  /** Milliseconds since the worker was started, or from its start to its end. */
  readonly uptime: number
  /** What came in: `octets` are those of the datagrams that were looked at. */
  readonly received: { readonly datagrams: number; readonly octets: number }
  /** What the worker sent; `failed` are those that the system did not take. */
  readonly sent: { readonly datagrams: number; readonly octets: number; readonly failed: number }
  /** Datagrams that were read as messages. */
  readonly decoded: number
  /** Messages whose handler succeeded. */
  readonly handled: number
  /** Messages whose handler did not. */
  readonly failed: Failed
  /** By reason: what the decoder says, or `size`, `source` (no address that can be answered), `defect` (the decoder threw). */
  readonly rejected: ReadonlyMap<string, number>
  /** Datagrams that came to no handler. */
  readonly dropped: Dropped
  /** Messages that wait for a handler now. */
  readonly waiting: number
  /** Handlers that run now. */
  readonly running: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The counts while they grow. */
export interface Tally {
  received: number
  octetsIn: number
  sent: number
  octetsOut: number
  sendsFailed: number
  decoded: number
  handled: number
  readonly failed: Mutable<Failed>
  readonly rejected: Map<string, number>
  readonly dropped: Mutable<Dropped>
}

export const make = (): Tally => ({
  received: 0,
  octetsIn: 0,
  sent: 0,
  octetsOut: 0,
  sendsFailed: 0,
  decoded: 0,
  handled: 0,
  failed: { failures: 0, defects: 0, timeouts: 0, interruptions: 0 },
  rejected: new Map(),
  dropped: { rate: 0, overload: 0, queue: 0, socket: 0, closing: 0 }
})

// A decoder has a closed set of reasons. One that makes them up as it goes must not fill the memory.
const mostReasons = 64

/** Counts a datagram that is refused; gives the reason it is counted by. */
export const reject = ({ rejected }: Tally, reason: string): string => {
  const known = rejected.has(reason) || rejected.size < mostReasons ? reason : "other"
  rejected.set(known, (rejected.get(known) ?? 0) + 1)
  return known
}

/** The counts as they are now. */
export const statistics = (
  self: Tally,
  now: Pick<Statistics, "port" | "uptime" | "waiting" | "running">
): Statistics => ({
  port: now.port,
  uptime: now.uptime,
  received: { datagrams: self.received, octets: self.octetsIn },
  sent: { datagrams: self.sent, octets: self.octetsOut, failed: self.sendsFailed },
  decoded: self.decoded,
  handled: self.handled,
  failed: { ...self.failed },
  rejected: new Map(self.rejected),
  dropped: { ...self.dropped },
  waiting: now.waiting,
  running: now.running
})

/** How many of the received datagrams the other counts account for: all, at any time. */
export const accounted = (self: Statistics): number =>
  self.handled + sum(Object.values(self.failed)) + sum(self.rejected.values()) + sum(Object.values(self.dropped)) +
  self.waiting + self.running

const sum = (figures: Iterable<number>): number => {
  let total = 0
  for (const figure of figures) total += figure
  return total
}
