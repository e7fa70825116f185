/**
 * Text that would harm a terminal.
 */
import { Schema } from "effect"

const unit = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
// every kind of trouble is rare among all code units, so half of them are drawn from it
const trouble = Schema.Literals([
  0x00,
  0x07,
  0x08,
  0x0a,
  0x0d,
  0x1b,
  0x7f,
  0x9b,
  0x9d,
  0x300,
  0x61c,
  0x200d,
  0x202e,
  0x2028,
  0x2066,
  0xd800,
  0xdb40,
  0xdc41,
  0xfe0f,
  0xfeff,
  0x4e00
])
/** Code units of hostile text. */
export const units = Schema.Array(Schema.Union([unit, trouble])).check(Schema.isMaxLength(300))
/** The text of code units. */
export const toText = (units: ReadonlyArray<number>) => String.fromCharCode(...units)

/** What must not reach a terminal. */
export const unsafe =
  /[\p{Cc}\p{Cs}\p{Cn}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u
