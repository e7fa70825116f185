/**
 * Octets as text of as many characters, each with the number of its octet: what is cheap to look up and to compare.
 */

/** The most that `room` has room for. */
export const roomiest = 256

const rooms: Array<Array<number> | undefined> = Array.from({ length: roomiest + 1 }, () => undefined)

/**
 * Room for the characters of a text of this length, to be written in full and then given to `text`. The next caller gets the same.
 *
 * An array and not octets, since a function is applied to it in half the time.
 */
export const room = (length: number): Array<number> => rooms[length] ??= Array.from({ length }, () => 0)

/** The text of what was written to a room. */
export const text = (room: ReadonlyArray<number>): string => String.fromCharCode.apply(undefined, room as Array<number>)

/** Octets of the platform that give their text themselves, as those of Node.js do. */
interface Textual {
  readonly latin1Slice?: ((start: number, end: number) => string) | undefined
}

// for more octets than this it pays to ask the platform
const few = 24

/** The text of the octets between two offsets. */
export const fromOctets = (octets: Uint8Array, start: number, end: number): string => {
  const native: Textual = octets as Textual
  if (end - start > few && typeof native.latin1Slice === "function") return native.latin1Slice(start, end)
  let all = ""
  for (let from = start; from < end; from += roomiest) all += part(octets, from, Math.min(from + roomiest, end))
  return all
}

const part = (octets: Uint8Array, start: number, end: number): string => {
  const characters = room(end - start)
  for (let i = start; i < end; i++) characters[i - start] = octets[i]!
  return text(characters)
}

/** The octets of a text. */
export const toOctets = (text: string): Uint8Array<ArrayBuffer> => {
  const octets = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i)
  return octets
}
