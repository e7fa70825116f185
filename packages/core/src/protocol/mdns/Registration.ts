/**
 * What a program wants announced: a service of this host (RFC 6763, section 4).
 */
import type * as IpInterface from "effect/net/IpInterface"

/** A service to announce. */
export interface Registration {
  /** The instance's name as one label of text; the default name of the host when absent. */
  readonly instance?: string | undefined
  /** `_http._tcp`. */
  readonly type: string
  readonly subtypes: ReadonlyArray<string>
  readonly port: number
  readonly priority: number
  readonly weight: number
  /** The data of its TXT record: at least one octet. */
  readonly text: Uint8Array
  /** Whether a TXT record of more than 1,300 octets is meant. */
  readonly allowLarge: boolean
  /** The label of the host that offers it, when that is another one than this; its `addresses` are then announced as they are. */
  readonly host?: string | undefined
  readonly addresses?: ReadonlyArray<IpInterface.IpInterface> | undefined
  /** Seconds, in place of 4,500 and 120. */
  readonly ttl?: number | undefined
  /** Whether the name is known to be free, so that it needs no probing: a proxy takes over from a host that sleeps (RFC 6762, section 8.1). */
  readonly isVerified: boolean
  /** A name held for a service that is not offered: no pointer leads to it (RFC 6763, section 8). */
  readonly isPlaceholder: boolean
}
