/**
 * From octets to a JSON object, with the text judged before it is parsed (S-P7).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Text from "./text.ts"

/** A parsed object. Its keys come from the wire: read the ones you know, copy none. */
export type JsonObject = { readonly [key: string]: unknown }

/** Why octets are no JSON object, or none that is worth parsing. */
export type Malformed = "too-deep" | "too-many" | "encoding" | "not-json" | "not-an-object"

export const MAX_DEPTH = 8
export const MAX_COMMAS = 128

export const parse = (payload: Uint8Array): Result.Result<JsonObject, Malformed> => {
  const text = Text.fromUtf8(payload)
  if (text === undefined) return Result.fail("encoding")
  const excess = isModest(text) ? undefined : excessOf(text)
  if (excess !== undefined) return Result.fail(excess)
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? Result.succeed(value) : Result.fail("not-an-object")
  } catch {
    return Result.fail("not-json")
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

// so few brackets and commas that it does not matter which of them are inside a string: nearly every datagram is like this,
// and it takes a fraction of the time of looking at every character
const isModest = (text: string): boolean =>
  hasAtMost(text, "{", MAX_DEPTH / 2) &&
  hasAtMost(text, "[", MAX_DEPTH / 2) &&
  (text.length <= 2 * MAX_COMMAS || hasAtMost(text, ",", MAX_COMMAS))

const hasAtMost = (text: string, character: string, limit: number): boolean => {
  let count = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
    if (++count > limit) return false
  }
  return true
}

const excessOf = (text: string): "too-deep" | "too-many" | undefined => {
  let commas = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === "\"") i = endOfString(text, i)
    else if (character === "," && ++commas > MAX_COMMAS) return "too-many"
    else if ((character === "{" || character === "[") && ++depth > MAX_DEPTH) return "too-deep"
    else if (character === "}" || character === "]") depth--
  }
  return undefined
}

// the index of the quote that ends the string beginning at `start`
const endOfString = (text: string, start: number): number => {
  let i = start + 1
  while (i < text.length && text[i] !== "\"") i += text[i] === "\\" ? 2 : 1
  return i
}
