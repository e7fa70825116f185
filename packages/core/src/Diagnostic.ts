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
 * **Details**
 *
 * `reason` is from the protocol's own closed set, or one of `size` (longer than the protocol allows), `rate` (more than
 * `Limits` allows), `off-link` (not of this link), `name`, `attributes` (beyond `Limits`). `from` and
 * `sample`, the first 64 octets in hex, are those of the latest one, or in a flood of one within its last tenth of a second.
 *
 * @category models
 * @since 0.1.0
 */
export interface DatagramRejected {
  readonly _tag: "DatagramRejected"
  readonly source: string
  readonly interface: string
  readonly reason: string
  readonly from: string
  readonly sample: string
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
  readonly source: string
  readonly interface: string
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
  readonly source: string
  readonly interface: string
  readonly message: string
  readonly total: number
}

/**
 * A session ended before the system took all its goodbyes: what was announced there is taken for true until it expires.
 *
 * @category models
 * @since 0.1.0
 */
export interface GoodbyeUnsaid {
  readonly _tag: "GoodbyeUnsaid"
  readonly source: string
  readonly interface: string
  readonly total: number
}

/**
 * An announcement of a source that is not taken up, because a part of it is beyond its limit.
 *
 * @category models
 * @since 0.1.0
 */
export interface AnnouncementRefused {
  readonly _tag: "AnnouncementRefused"
  readonly source: string
  readonly reason: string
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
  readonly what: "evicted" | "refused"
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
  readonly source: string
  readonly interface: string
  readonly port: number
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
  readonly source: string
  readonly previous: string
  readonly name: string
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
  readonly source: string
  readonly name: string
  readonly total: number
}

/**
 * The attributes of an announcement are larger than is good for it: `octets`, where about 400 are advised.
 *
 * @category models
 * @since 0.1.0
 */
export interface AdvertisementLarge {
  readonly _tag: "AdvertisementLarge"
  readonly source: string
  readonly name: string
  readonly octets: number
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
  readonly source: string
  readonly name: string
  readonly keys: ReadonlyArray<string>
  readonly total: number
}

/**
 * Datagrams whose handler did not succeed: it failed, died, or took too long. `message` is that of the latest one.
 *
 * @category models
 * @since 0.1.0
 */
export interface HandlerFailed {
  readonly _tag: "HandlerFailed"
  readonly source: string
  readonly interface: string
  readonly what: "failures" | "defects" | "timeouts"
  readonly message: string
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
