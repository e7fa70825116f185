/**
 * What a program remembers of one key.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as PeerKey from "./PeerKey.ts"

/**
 * The newest stamp taken from a key: what is not newer is not taken again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Floor {
  /** Milliseconds since 1970, as the signer says. */
  readonly ms: number
  /** Which one it is of that millisecond. */
  readonly counter: number
  /** Which start of the signer it is of: a number drawn anew by each. */
  readonly instance: number
}

const unsigned = (bits: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** bits - 1 }))

/**
 * Schema of a `Floor`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Floor = Schema.Struct({ ms: unsigned(48), counter: unsigned(16), instance: unsigned(32) })

/**
 * A key on the trust list, pinned to a name, or denied.
 *
 * @category models
 * @since 0.1.0
 */
export interface TrustEntry {
  /** The key. */
  readonly key: PeerKey.PeerKey
  /** What the program thinks of it. */
  readonly state: "trusted" | "pinned" | "denied"
  /** What the key calls itself. A pinned key holds the name in the realm. */
  readonly name?: string
  /** Where it calls itself so. */
  readonly realm?: string
  /** When it was put on the list, in milliseconds since 1970. */
  readonly addedAt: number
  /** The key that named this one its successor. */
  readonly via?: PeerKey.PeerKey
  /** How many such steps lie behind it. */
  readonly hops?: number
  /** When the entry ends by itself, in milliseconds since 1970. */
  readonly until?: number
  /** The newest stamp taken from the key. */
  readonly floor?: Floor
  /** Whether the key itself said that it is not to be used any more. Such an entry cannot be removed. */
  readonly isRetired?: boolean
}

const utf8 = new TextEncoder()

const Text = (octets: number) =>
  Schema.NonEmptyString.check(
    Schema.makeFilter((text) => utf8.encode(text).length <= octets, { expected: `at most ${octets} octets` })
  )

const Instant = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8.64e15 }))

/**
 * Schema of a `TrustEntry`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TrustEntry = Schema.Struct({
  key: PeerKey.PeerKey,
  state: Schema.Literals(["trusted", "pinned", "denied"]),
  name: Schema.optionalKey(Text(63)),
  realm: Schema.optionalKey(Text(63)),
  addedAt: Instant,
  via: Schema.optionalKey(PeerKey.PeerKey),
  hops: Schema.optionalKey(unsigned(8)),
  until: Schema.optionalKey(Instant),
  floor: Schema.optionalKey(Floor),
  isRetired: Schema.optionalKey(Schema.Boolean)
})

/**
 * A change of the list: what is to become of one key.
 *
 * @category models
 * @since 0.1.0
 */
export type Change =
  | {
    readonly _tag: "Put"
    /** What takes the place of any entry of its key. No floor sinks by it, and only a `Drop` takes back a denial. */
    readonly entry: TrustEntry
    /** The key that vouches for it, where the program itself does not: without trust in that one, this is left out. */
    readonly by?: PeerKey.PeerKey | undefined
  }
  | {
    readonly _tag: "Drop"
    /** The key whose entry changes. */
    readonly key: PeerKey.PeerKey
    /** What was thought of it: a denial that was not known of stays. Without it, any entry goes that is not retired. */
    readonly state?: TrustEntry["state"] | undefined
  }
  | {
    readonly _tag: "Floor"
    /** The key whose entry changes. */
    readonly key: PeerKey.PeerKey
    /** The newest stamp taken from the key. */
    readonly floor: Floor
  }

/**
 * The list after some changes.
 *
 * **Details**
 *
 * Whoever made them may not have read yet what others wrote. A floor of a key that is not on the list is left out: whoever removed it meant
 * it. So is what such a key vouches for. What was denied stays so unless it is dropped as such, what was retired stays so whatever comes, and
 * no entry has a lower floor than the one that it takes the place of.
 *
 * @category operations
 * @since 0.1.0
 */
export const apply = (
  entries: ReadonlyArray<TrustEntry>,
  changes: ReadonlyArray<Change>
): ReadonlyArray<TrustEntry> => {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]))
  for (const change of changes) {
    const key = change._tag === "Put" ? change.entry.key : change.key
    const before = byKey.get(key)
    if (change._tag === "Put" && !isVouchedFor(change, byKey)) continue
    if (change._tag === "Put") byKey.set(key, before === undefined ? change.entry : replace(before, change.entry))
    else if (before === undefined) continue
    else if (change._tag === "Floor") byKey.set(key, { ...before, floor: higher(before.floor, change.floor) })
    else if (finality(before) <= finality({ state: change.state ?? "denied" })) byKey.delete(key)
  }
  return [...byKey.values()]
}

const isVouchedFor = (
  { by }: { readonly by?: PeerKey.PeerKey | undefined },
  byKey: ReadonlyMap<PeerKey.PeerKey, TrustEntry>
): boolean => by === undefined || (byKey.get(by)?.state ?? "denied") !== "denied"

const replace = (before: TrustEntry, entry: TrustEntry): TrustEntry => {
  const next = finality(entry) < finality(before) ? before : entry
  const floor = entry.floor === undefined ? before.floor : higher(before.floor, entry.floor)
  return floor === undefined ? next : { ...next, floor }
}

const finality = ({ isRetired, state }: Pick<TrustEntry, "isRetired" | "state">): number =>
  isRetired === true ? 2 : state === "denied" ? 1 : 0

/**
 * The higher one of two floors.
 *
 * @category operations
 * @since 0.1.0
 */
export const higher = (self: Floor | undefined, that: Floor): Floor =>
  self !== undefined && (self.ms - that.ms || self.counter - that.counter) >= 0 ? self : that
