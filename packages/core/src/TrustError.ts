/**
 * What can go wrong with trust and keys, each with a sentence on what to do about it.
 *
 * No error holds a private key, nor a byte of a file that should hold one (S-T5).
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as PeerKey from "./PeerKey.ts"

/**
 * A file cannot be read.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unreadable extends Schema.TaggedError<Unreadable>()("Unreadable", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `${this.file} cannot be read. Check that it belongs to the user who runs this program.`
  }
}

/**
 * A file is there and does not say what it should. It is left as it is, and never taken for an empty one.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Corrupt extends Schema.TaggedError<Corrupt>()("Corrupt", {
  file: Schema.String,
  /** Which part of it: a line, or an entry and its field. */
  where: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `${this.file} is damaged at ${this.where}: ${this.problem}. ` +
      `Mend it or put back a copy; to start from nothing, move it away.`
  }
}

/**
 * A file cannot be written. What was changed holds until the program ends.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unwritable extends Schema.TaggedError<Unwritable>()("Unwritable", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `${this.file} cannot be written. Check that its directory exists, belongs to the user who runs this program, and has room.`
  }
}

/**
 * Another program keeps a file locked.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Locked extends Schema.TaggedError<Locked>()("Locked", { file: Schema.String, lock: Schema.String }) {
  override get message() {
    return `Another program is writing ${this.file}. Try again; if none is, remove ${this.lock}.`
  }
}

/**
 * The list has as many entries as `Limits.trustEntries` allows.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Full extends Schema.TaggedError<Full>()("Full", { limit: Schema.Int }) {
  override get message() {
    return `The trust list holds at most ${this.limit} keys. Remove some, or raise the limit \`trustEntries\`.`
  }
}

/**
 * What is said of a key cannot be kept.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unfit extends Schema.TaggedError<Unfit>()("Unfit", { field: Schema.String, limit: Schema.String }) {
  override get message() {
    return `The key cannot be entered so: ${this.field} must be ${this.limit}. Nothing was changed.`
  }
}

/**
 * The key is denied, and stays so.
 *
 * @category reasons
 * @since 0.1.0
 */
export class KeyDenied extends Schema.TaggedError<KeyDenied>()("KeyDenied", { key: PeerKey.PeerKey }) {
  override get message() {
    return `The key ${this.key} is denied. To trust it after all, remove its entry first.`
  }
}

/**
 * Whoever holds the key has retired it: that is for good.
 *
 * @category reasons
 * @since 0.1.0
 */
export class KeyRetired extends Schema.TaggedError<KeyRetired>()("KeyRetired", { key: PeerKey.PeerKey }) {
  override get message() {
    return `The key ${this.key} was retired by whoever holds it, which is for good. Ask its owner for a new one.`
  }
}

/**
 * Another key is pinned to the name.
 *
 * @category reasons
 * @since 0.1.0
 */
export class NameTaken extends Schema.TaggedError<NameTaken>()("NameTaken", {
  realm: Schema.String,
  name: Schema.String,
  pinned: PeerKey.PeerKey
}) {
  override get message() {
    return `Another key is pinned to this name: ${this.pinned}. ` +
      `If its owner confirms that the key has changed, remove the old one, then accept the new one.`
  }
}

/**
 * A trust list can be written by other users of this machine.
 *
 * @category reasons
 * @since 0.1.0
 */
export class OpenToOthers extends Schema.TaggedError<OpenToOthers>()("OpenToOthers", {
  file: Schema.String,
  mode: Schema.String
}) {
  override get message() {
    return `Other users may write ${this.file} (mode ${this.mode}), so it is not believed. ` +
      `Look through what is in it, then \`chmod 600\` it.`
  }
}

/**
 * A file with a private or shared key can be read by other users of this machine.
 *
 * @category reasons
 * @since 0.1.0
 */
export class KeyFileExposed extends Schema.TaggedError<KeyFileExposed>()("KeyFileExposed", {
  file: Schema.String,
  mode: Schema.String
}) {
  override get message() {
    return `Other users may read the secret key in ${this.file} (mode ${this.mode}), so it is not used. ` +
      `If nobody has, \`chmod 600\` it; else make a new key, and have this one used no more.`
  }
}

/**
 * There is a file where a new key was to go.
 *
 * @category reasons
 * @since 0.1.0
 */
export class KeyFileExists extends Schema.TaggedError<KeyFileExists>()("KeyFileExists", { file: Schema.String }) {
  override get message() {
    return `${this.file} exists already, and a key is never overwritten. Load it, or choose another file.`
  }
}

/**
 * There is no file with a private or shared key.
 *
 * @category reasons
 * @since 0.1.0
 */
export class KeyFileMissing extends Schema.TaggedError<KeyFileMissing>()("KeyFileMissing", { file: Schema.String }) {
  override get message() {
    return `There is no secret key in ${this.file}. Make one first.`
  }
}

/**
 * Schema of every reason.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  Unreadable,
  Corrupt,
  Unwritable,
  Locked,
  Full,
  Unfit,
  KeyDenied,
  KeyRetired,
  NameTaken,
  OpenToOthers,
  KeyFileExposed,
  KeyFileExists,
  KeyFileMissing
])

/**
 * Why something about trust or keys failed.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The one error of trust and keys, with a tagged reason inside. Its message tells the reader what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class TrustError extends Schema.TaggedError<TrustError>()("TrustError", { reason: Reason }) {
  override get message() {
    return this.reason.message
  }
}

/**
 * Wraps a reason.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (reason: Reason): TrustError => new TrustError({ reason })
