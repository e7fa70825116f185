/**
 * Records as programs see them.
 */

/**
 * A record as it was heard. `data` is its data, names in it uncompressed.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceRecord {
  /** The name that it belongs to. */
  readonly name: string
  /** The number of its type, such as 33 for SRV. */
  readonly type: number
  /** The number of its class, 1 for the Internet. */
  readonly class: number
  /** Seconds. */
  readonly ttl: number
  /** As in RFC 1035, names in it uncompressed. */
  readonly data: Uint8Array
}

/**
 * What happens to the records of a name on one interface: each is found again whenever it is renewed there. `data` is as in RFC 1035, with names uncompressed.
 *
 * @category models
 * @since 0.1.0
 */
export type RecordEvent =
  | {
    readonly _tag: "RecordFound"
    readonly record: ResourceRecord
    readonly link: string
    readonly interface: string
    readonly origin: string
  }
  | {
    readonly _tag: "RecordLost"
    readonly record: ResourceRecord
    readonly link: string
    readonly interface: string
    readonly origin: string
  }
  | {
    readonly _tag: "RecordDenied"
    readonly name: string
    readonly type: number
    readonly link: string
    readonly interface: string
    readonly origin: string
  }
