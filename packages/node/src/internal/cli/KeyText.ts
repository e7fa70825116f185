/**
 * How keys are shown to people and to programs, and how people type them.
 */
import * as PeerKey from "@effect-discovery/core/PeerKey"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import type * as TrustEntry from "@effect-discovery/core/TrustEntry"
import * as Option from "effect/Option"
import * as Display from "../../Display.ts"

/** Reads a whole key: 64 hexadecimal digits, or the device id of a Syncthing program. */
export const parse = (text: string): Option.Option<PeerKey.PeerKey> => {
  const digits = text.trim().toLowerCase()
  return PeerKey.isPeerKey(digits) ? Option.some(digits) : Option.fromUndefinedOr(Syncthing.keyOf(text))
}

/** What a key is to look like. */
export const expected = "Expected a whole key, which is 64 hexadecimal digits, or a Syncthing device id"

/** The key of this node for people. */
export const own = (key: PeerKey.PeerKey, file: string): ReadonlyArray<string> => [
  `key          ${key}`,
  `fingerprint  ${Display.fingerprint(key)}`,
  `file         ${Display.display(file, fileColumns)}`
]

/** The key of this node for programs. */
export const ownJson = (key: PeerKey.PeerKey, file: string): string =>
  Display.json({ key, fingerprint: Display.fingerprint(key), file })

/** The shared key of a group, of which nothing is shown but its label. */
export const shared = (group: string, file: string): ReadonlyArray<string> => [
  `group  ${group}`,
  `file   ${Display.display(file, fileColumns)}`
]

export const sharedJson = (group: string, file: string): string => Display.json({ group, file })

/** An entry of the trust list for people: the name comes last, since it can be anything. */
export const entry = ({ isRetired, key, name, state, until }: TrustEntry.TrustEntry): string =>
  [
    (isRetired === true ? "retired" : state).padEnd(7),
    key,
    Display.fingerprint(key),
    ...(until === undefined ? [] : [`until ${time(until)}`]),
    ...(name === undefined ? [] : [Display.display(name)])
  ].join("  ")

/** An entry of the trust list for programs. */
export const entryJson = (
  { addedAt, isRetired, key, name, realm, state, until, via }: TrustEntry.TrustEntry
): string =>
  Display.json({
    key,
    fingerprint: Display.fingerprint(key),
    state,
    name,
    realm,
    addedAt: time(addedAt),
    until: until === undefined ? undefined : time(until),
    via,
    retired: isRetired
  })

const time = (at: number): string => new Date(at).toISOString()

// paths are the user's own, and of use only as a whole
const fileColumns = 1_000
