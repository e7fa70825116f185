/**
 * Things worth knowing that are no failure: they never end the stream.
 *
 * Every kind of diagnostic carries the `total` of its kind since the layer started, so that a reader who was told at most once
 * every `Limits.diagnosticInterval` still knows them all.
 *
 * @since 0.1.0
 */

/**
 * Datagrams that a protocol refused, counted by reason.
 *
 * @category models
 * @since 0.1.0
 */
export interface DatagramRejected {
  readonly _tag: "DatagramRejected"
  /** The source, or the worker, that refused them. */
  readonly source: string
  /** The interface on which they came; of a worker the address and port that it is bound to. */
  readonly interface: string
  /**
   * A word from the protocol's own closed set, or one of `size` (longer than the protocol allows), `rate` (more than `Limits` allows), `off-link`
   * (not of this link), `port` (from none), `name`, `attributes` (beyond `Limits`),
   * `ttl` (no number, or less than nothing).
   */
  readonly reason: string
  /** The address and port that the latest one came from. */
  readonly from: string
  /** The first 64 octets of the latest one, or in a flood of one within its last tenth of a second, in hex. */
  readonly sample: string
  /** How many were refused for this reason so far. */
  readonly total: number
}

/**
 * Datagrams that came faster than they could be taken, dropped by our own receive buffer.
 *
 * @category models
 * @since 0.1.0
 */
export interface DatagramsDropped {
  readonly _tag: "DatagramsDropped"
  /** The source, or the worker, for which they came. */
  readonly source: string
  /** The interface on which they came; of a worker the address and port that it is bound to. */
  readonly interface: string
  /** How many were dropped so far. */
  readonly total: number
}

/**
 * A session failed and starts again on its schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionRestarting {
  readonly _tag: "SessionRestarting"
  /** The source that the session is of. */
  readonly source: string
  /** The interface that the session is on; empty where it is on none in particular. */
  readonly interface: string
  /** Why it failed, the latest time. */
  readonly message: string
  /** How often sessions of the source failed there so far. */
  readonly total: number
}

/**
 * A session, or a link of mDNS, ended before the system took all its goodbyes: what was announced there is taken for true until it expires.
 *
 * @category models
 * @since 0.1.0
 */
export interface GoodbyeUnsaid {
  readonly _tag: "GoodbyeUnsaid"
  /** The source that the session is of. */
  readonly source: string
  /** The interface that the session was on. */
  readonly interface: string
  /** How many sessions or links of the source ended like that there so far. */
  readonly total: number
}

/**
 * An announcement of a source that is not taken up, because a part of it is beyond its limit, or that cannot be sent now.
 *
 * @category models
 * @since 0.1.0
 */
export interface AnnouncementRefused {
  readonly _tag: "AnnouncementRefused"
  /** The source whose announcement it is. */
  readonly source: string
  /** What is beyond its limit, such as `attributes`, or the tag of the error for which it is not sent. */
  readonly reason: string
  /** What that error says, where there is one. */
  readonly message?: string
  /** How many announcements were refused for this reason so far. */
  readonly total: number
}

/**
 * The registry is full: peers are evicted, or newcomers refused.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegistryPressure {
  readonly _tag: "RegistryPressure"
  /** Whether peers made room, or newcomers found none. */
  readonly what: "evicted" | "refused"
  /** How many there were so far. */
  readonly total: number
}

/**
 * Another program uses the port, too. Both work; answers to one address may come to the other one.
 *
 * @category models
 * @since 0.1.0
 */
export interface PortShared {
  readonly _tag: "PortShared"
  /** The source that uses the port. */
  readonly source: string
  /** The interface on which the other program was noticed. */
  readonly interface: string
  /** The port that both use. */
  readonly port: number
  /** How often that was noticed so far. */
  readonly total: number
}

/**
 * Another host has the name that was to be announced, so it is announced by another one.
 *
 * @category models
 * @since 0.1.0
 */
export interface AdvertisementRenamed {
  readonly _tag: "AdvertisementRenamed"
  /** The source that announces it. */
  readonly source: string
  /** The name that was to be announced. */
  readonly previous: string
  /** The name by which it is announced now. */
  readonly name: string
  /** How often it was renamed so far. */
  readonly total: number
}

/**
 * A minute of looking for a free name has found none: another host contests every one. It goes on.
 *
 * @category models
 * @since 0.1.0
 */
export interface AdvertisementUnsettled {
  readonly _tag: "AdvertisementUnsettled"
  /** The source that is to announce it. */
  readonly source: string
  /** The name that was to be announced. */
  readonly name: string
  /** How often that was so. */
  readonly total: number
}

/**
 * The attributes of an announcement are larger than is good for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface AdvertisementLarge {
  readonly _tag: "AdvertisementLarge"
  /** The source that announces it. */
  readonly source: string
  /** The name of what is announced. */
  readonly name: string
  /** Octets of its attributes, of which about 400 are advised. */
  readonly octets: number
  /** How often such attributes were announced so far. */
  readonly total: number
}

/**
 * The keys of an announcement's attributes that are longer than the nine characters that are advised (RFC 6763, section 6.4).
 *
 * @category models
 * @since 0.1.0
 */
export interface AdvertisementKeysLong {
  readonly _tag: "AdvertisementKeysLong"
  /** The source that announces it. */
  readonly source: string
  /** The name of what is announced. */
  readonly name: string
  /** Those of its keys that are longer than advised. */
  readonly keys: ReadonlyArray<string>
  /** How often such keys were announced so far. */
  readonly total: number
}

/**
 * Datagrams whose handler did not succeed.
 *
 * @category models
 * @since 0.1.0
 */
export interface HandlerFailed {
  readonly _tag: "HandlerFailed"
  /** The name of the worker. */
  readonly source: string
  /** The address and port that the worker is bound to. */
  readonly interface: string
  /** Whether handlers failed, died, or took too long. */
  readonly what: "failures" | "defects" | "timeouts"
  /** What happened to the latest one. */
  readonly message: string
  /** How many handlers that were so far. */
  readonly total: number
}

/**
 * Something worth knowing that is no failure.
 *
 * @category models
 * @since 0.1.0
 */
export type Diagnostic =
  | DatagramRejected
  | DatagramsDropped
  | SessionRestarting
  | GoodbyeUnsaid
  | AnnouncementRefused
  | RegistryPressure
  | PortShared
  | AdvertisementRenamed
  | AdvertisementUnsettled
  | AdvertisementLarge
  | AdvertisementKeysLong
  | HandlerFailed

/**
 * A diagnostic before it is counted.
 *
 * @category models
 * @since 0.1.0
 */
export type Report = Diagnostic extends infer D ? D extends Diagnostic ? Omit<D, "total"> : never : never

/**
 * What tells one kind of diagnostic from another: everything but what the latest one was about.
 *
 * @category getters
 * @since 0.1.0
 */
export const kind = (self: Report): string => {
  switch (self._tag) {
    case "DatagramRejected":
      return join("rejected", self.source, self.interface, self.reason)
    case "DatagramsDropped":
      return join("dropped", self.source, self.interface)
    case "SessionRestarting":
      return join("restarting", self.source, self.interface)
    case "GoodbyeUnsaid":
      return join("unsaid", self.source, self.interface)
    case "AnnouncementRefused":
      return join("refused", self.source, self.reason)
    case "RegistryPressure":
      return join("pressure", self.what)
    case "PortShared":
      return join("shared", self.source, self.interface)
    case "AdvertisementRenamed":
      return join("renamed", self.source, self.previous)
    case "AdvertisementUnsettled":
      return join("unsettled", self.source, self.name)
    case "AdvertisementLarge":
      return join("large", self.source, self.name)
    case "AdvertisementKeysLong":
      return join("keys", self.source, self.name)
    case "HandlerFailed":
      return join("handler", self.source, self.interface, self.what)
  }
}

// names of sources and interfaces may hold spaces
const join = (...parts: ReadonlyArray<string>): string => parts.join("\n")
