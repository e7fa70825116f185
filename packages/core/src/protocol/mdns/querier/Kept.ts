/**
 * The data of records as the cache keeps it.
 *
 * There are many of them, so that they are kept as small as they can be: octets as a text or a number, which is an object less, and a name that the
 * cache has anyway as a reference to it.
 */
import * as LazyData from "../LazyData.ts"
import * as Name from "../Name.ts"
import * as Record from "../Record.ts"
import type * as State from "./State.ts"

/** The data of a record in the form in which it is kept; `target` is the node of the name that it leads to. */
export const of = (
  { data, type }: Pick<Record.Record, "data" | "type">,
  owner: Name.Name,
  target: State.Node | undefined
): State.Kept => {
  switch (data._tag) {
    case "Pointer": {
      const name = nameOf(data.target, target)
      return name === target ? target : { ...data, target: name }
    }
    case "Service":
      return { ...data, target: nameOf(data.target, target) }
    case "Denial":
      return tagOf(type) === "Denial" && Name.isSpelledAlike(data.next, owner)
        ? shared(Record.charactersOf(data.types))
        : { _tag: "Denial", next: Name.keep(data.next), types: data.types }
    default:
      return tagOf(type) === data._tag
        ? packed(type, LazyData.textOf(data))
        : LazyData.fromText(data._tag, LazyData.textOf(data))
  }
}

/** A name as it is kept: as the node, if it is in the same letters. */
const nameOf = (name: Name.Name, node: State.Node | undefined): Name.Name =>
  node !== undefined && Name.isSpelledAlike(name, node) ? node : Name.keep(name)

/** What nearly all who have such a record deny: all but addresses of a host, and all but what an instance has. */
const usual = new Map([[1], [28], [1, 28], [16, 33], [16]].map(Record.charactersOf).map((types) => [types, types]))

const shared = (types: string): string => usual.get(types) ?? types

const packed = (type: number, text: string): string | number =>
  type === Record.Type.A && text.length === 4 ? numberOf(text) : text

const numberOf = (text: string): number =>
  text.charCodeAt(0) << 24 | text.charCodeAt(1) << 16 | text.charCodeAt(2) << 8 | text.charCodeAt(3)

const unpacked = (self: string | number): string =>
  typeof self === "string"
    ? self
    : String.fromCharCode(self >>> 24, self >>> 16 & 0xff, self >>> 8 & 0xff, self & 0xff)

const isPacked = (self: State.Kept): self is string | number => typeof self === "string" || typeof self === "number"

/** What data of a type is as a rule, and when it is kept as text. */
const tagOf = (type: number): "Address" | "Text" | "Denial" | "Opaque" => {
  switch (type) {
    case Record.Type.A:
    case Record.Type.AAAA:
      return "Address"
    case Record.Type.TXT:
      return "Text"
    case Record.Type.NSEC:
      return "Denial"
    default:
      return "Opaque"
  }
}

/** The data again. */
export const dataOf = (self: State.Kept, type: number, owner: Name.Name): Record.Data => {
  if (!isPacked(self)) return "_tag" in self ? self : { _tag: "Pointer", target: self }
  const tag = tagOf(type)
  const text = unpacked(self)
  return tag === "Denial"
    ? { _tag: tag, next: owner, types: Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)) }
    : LazyData.fromText(tag, text)
}

/** What it is compared by: as `Record.dataKey` of the data. */
export const keyOf = (self: State.Kept, type: number, owner: Name.Name): string => {
  if (isPacked(self)) return tagOf(type) === "Denial" ? owner.key + unpacked(self) : unpacked(self)
  return "_tag" in self ? Record.dataKey(self) : self.key
}

/** Whether it is the data of a record of the same owner and type. */
export const isSame = (self: State.Kept, data: Record.Data, owner: Name.Name): boolean => {
  if (!isPacked(self)) {
    return "_tag" in self
      ? self._tag === data._tag && Record.dataKey(self) === Record.dataKey(data)
      : data._tag === "Pointer" && data.target.key === self.key
  }
  switch (data._tag) {
    case "Denial":
      return data.next.key === owner.key && Record.charactersOf(data.types) === self
    case "Pointer":
    case "Service":
      return false
    default:
      return isSameText(self, LazyData.textOf(data))
  }
}

const isSameText = (self: string | number, text: string): boolean =>
  typeof self === "string" ? text === self : text.length === 4 && numberOf(text) === self

/** Whether data that is the same leads to a name in the same letters. */
export const isSpelledAlike = (self: State.Kept, data: Record.Data): boolean => {
  if (isPacked(self)) return true
  if (!("_tag" in self)) return data._tag === "Pointer" && Name.isSpelledAlike(data.target, self)
  return self._tag === "Service" && data._tag === "Service" && Name.isSpelledAlike(data.target, self.target)
}

/** Octets of it, names uncompressed. */
export const sizeOf = (self: State.Kept, type: number, owner: Name.Name): number => {
  if (!isPacked(self)) return "_tag" in self ? octetsOf(self) : self.key.length
  const { length } = unpacked(self)
  return tagOf(type) === "Denial" ? owner.key.length + 2 * length : length
}

/** Octets of data that is not kept yet. */
export const octetsOf = (data: Record.Data): number => {
  switch (data._tag) {
    case "Pointer":
      return data.target.key.length
    case "Service":
      return 6 + data.target.key.length
    case "Denial":
      return data.next.key.length + 2 * data.types.length
    default:
      return LazyData.textOf(data).length
  }
}

/** The key of the name that it leads to. */
export const targetOf = (self: State.Kept): string | undefined => {
  if (isPacked(self)) return undefined
  if (!("_tag" in self)) return self.key
  return self._tag === "Pointer" || self._tag === "Service" ? self.target.key : undefined
}
