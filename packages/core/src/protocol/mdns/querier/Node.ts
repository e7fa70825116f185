/**
 * All that is known and asked of one name on one link.
 */
import * as Name from "../Name.ts"
import * as Record from "../Record.ts"
import * as Index from "./Index.ts"
import * as Kept from "./Kept.ts"
import * as Shares from "./Shares.ts"
import type * as State from "./State.ts"

/** What few names have. */
interface More {
  readonly index: State.Node["index"]
  readonly pointers: State.Node["pointers"]
  readonly series: State.Node["series"]
}

const nothing: More = { index: undefined, pointers: undefined, series: undefined }

// not a private method, for which each node would have a field
const moreOf = (more: More): More =>
  more.index === undefined && more.pointers === undefined && more.series === undefined ? nothing : more

/**
 * There are as many as names, so that it is the name as well, and what few have is aside. All but the name is private, so that it is compared and
 * printed as a name.
 */
class Node extends Name.Kept implements State.Node {
  readonly #place: State.Place
  #last: State.Entry | undefined = undefined
  #referrers = 0
  #watch: State.Watch | undefined = undefined
  #listeners: State.Node["listeners"] = undefined
  #more = nothing

  constructor(place: State.Place, name: Name.Name) {
    super(name)
    this.#place = place
  }

  get place(): State.Place {
    return this.#place
  }

  get last(): State.Entry | undefined {
    return this.#last
  }

  set last(last: State.Entry | undefined) {
    this.#last = last
  }

  get referrers(): number {
    return this.#referrers
  }

  set referrers(referrers: number) {
    this.#referrers = referrers
  }

  get watch(): State.Watch | undefined {
    return this.#watch
  }

  set watch(watch: State.Watch | undefined) {
    this.#watch = watch
  }

  get listeners(): State.Node["listeners"] {
    return this.#listeners
  }

  set listeners(listeners: State.Node["listeners"]) {
    this.#listeners = listeners
  }

  get size(): number {
    const { index } = this
    if (index !== undefined) return index.size
    const last = this.#last
    let size = 0
    for (let entry = last?.next; entry !== undefined; entry = following(last, entry)) size++
    return size
  }

  get index(): State.Node["index"] {
    return this.#more.index
  }

  set index(index: State.Node["index"]) {
    this.#more = moreOf({ ...this.#more, index })
  }

  get pointers(): State.Node["pointers"] {
    return this.#more.pointers
  }

  set pointers(pointers: State.Node["pointers"]) {
    this.#more = moreOf({ ...this.#more, pointers })
  }

  get series(): State.Node["series"] {
    return this.#more.series
  }

  set series(series: State.Node["series"]) {
    this.#more = moreOf({ ...this.#more, series })
  }

  /**
   * The node of a name on a link. What the cache has told of names are nodes, which need not be looked up for as long as they stand for
   * something.
   */
  static at(place: State.Place, name: Name.Name): State.Node | undefined {
    return name instanceof Node && name.#place === place && (name.#last !== undefined || name.#listeners !== undefined)
      ? name
      : place.nodes.get(name.key)
  }

  /** Whether anybody asks about the name or listens to it. */
  static isHeeded(node: State.Node): boolean {
    const self = node as Node
    return self.#listeners !== undefined || self.#watch !== undefined || self.#more.series !== undefined
  }
}

export const { at, isHeeded } = Node

/** The node of a name on a link; made if there is none. */
export const open = (place: State.Place, name: Name.Name): State.Node => {
  const known = at(place, name)
  if (known !== undefined) return known
  const node = new Node(place, name)
  place.nodes.set(node.key, node)
  return node
}

/** Lets a node go that stands for nothing any more. */
export const close = (self: State.Node): void => {
  const { key, last, listeners, place, pointers, referrers, series, watch } = self
  if (listeners !== undefined) return
  if (last !== undefined || pointers !== undefined || series !== undefined || watch !== undefined) return
  if (referrers === 0 && place.nodes.get(key) === self) place.nodes.delete(key)
}

/** Beyond how many records they are looked up. */
const few = 8

/** What the cache has of a record of this name. */
export const find = (self: State.Node, { class: class_, data, type }: Record.Record): State.Entry | undefined => {
  if (class_ !== Record.IN) return undefined
  const pointer = type === Record.Type.PTR ? self.pointers?.index.get(Record.dataKey(data)) : undefined
  return pointer ?? findRecord(self, type, data)
}

const findRecord = (self: State.Node, type: number, data: Record.Data): State.Entry | undefined => {
  if (self.index !== undefined) return Index.find(self.index, type, Record.dataKey(data))
  const { last } = self
  let entry = last?.next
  while (entry !== undefined && !(entry.type === type && Kept.isSame(entry.kept, data, self))) {
    entry = following(last, entry)
  }
  return entry
}

/** The records that are no shared pointers. */
export const recordsOf = ({ last }: State.Node): Array<State.Entry> => {
  const records: Array<State.Entry> = []
  for (let entry = last?.next; entry !== undefined; entry = following(last, entry)) records.push(entry)
  return records
}

/** The record behind another that is no shared pointer; none behind the last. */
const following = (last: State.Entry | undefined, entry: State.Entry): State.Entry | undefined =>
  entry === last ? undefined : entry.next

/** The records of a type; 255 stands for all types. */
export const entriesOf = ({ index, last, pointers }: State.Node, type: number): ReadonlyArray<State.Entry> => {
  const isAny = type === Record.Type.ANY
  let entries: Array<State.Entry> | undefined
  if (index !== undefined && !isAny) entries = Array.from(Index.ofType(index, type))
  else {
    for (let entry = last?.next; entry !== undefined; entry = following(last, entry)) {
      if (!isAny && entry.type !== type) continue
      // mostly there is one, for which an array that grows would have room for many
      if (entries === undefined) entries = [entry]
      else entries.push(entry)
    }
  }
  if (pointers !== undefined && (isAny || type === Record.Type.PTR)) {
    entries = [...entries ?? none, ...pointers.index.values()]
  }
  return entries ?? none
}

const none: ReadonlyArray<never> = []

const isOfType = (self: Pick<State.Entry, "type">, type: number): boolean =>
  self.type === type || type === Record.Type.ANY

/** Whether all of its records are of one hearing, and it has no shared pointers. */
export const areOf = ({ last, pointers }: State.Node, hearing: State.Hearing): boolean => {
  let entry = last?.next
  while (entry !== undefined && entry.hearing === hearing) entry = following(last, entry)
  return entry === undefined && pointers === undefined
}

/** The first record that ends before its time and is no shared pointer. */
export const endingOf = ({ last }: State.Node): State.Entry | undefined => {
  let entry = last?.next
  while (entry !== undefined && entry.doom === undefined) entry = following(last, entry)
  return entry
}

/** Whether there are records of a type. */
export const has = (self: State.Node, type: number): boolean => countOf(self, type, 1) > 0

/** Whether there is one record of a type, and no more. */
export const hasOne = (self: State.Node, type: number): boolean => countOf(self, type, 2) === 1

/** How many records there are of a type; of those that are no shared pointers, `most` are counted. */
const countOf = ({ index, last, pointers }: State.Node, type: number, most: number): number => {
  let count = pointers !== undefined && isOfType({ type: Record.Type.PTR }, type) ? pointers.index.size : 0
  if (index !== undefined && type !== Record.Type.ANY) return count + Index.countOf(index, type)
  for (let entry = last?.next; entry !== undefined && count < most; entry = following(last, entry)) {
    if (isOfType(entry, type)) count++
  }
  return count
}

/** Adds an entry, as a shared pointer or not. */
export const add = (self: State.Node, entry: State.Entry, isPointer: boolean): void => {
  if (isPointer) {
    self.pointers ??= { index: new Map(), shares: Shares.make() }
    self.pointers.index.set(Kept.keyOf(entry.kept, entry.type, self), entry)
    return Shares.add(self.pointers.shares, entry)
  }
  const { index, last } = self
  entry.next = last?.next ?? entry
  if (last !== undefined) last.next = entry
  self.last = entry
  if (index !== undefined) Index.add(index, entry)
  else if (last !== undefined && self.size > few) self.index = indexOf(self)
}

const indexOf = (self: State.Node): State.Index => {
  const index = Index.make()
  for (const entry of recordsOf(self)) Index.add(index, entry)
  return index
}

/** Takes an entry out; whether it was there. */
export const remove = (self: State.Node, entry: State.Entry): boolean =>
  entry.isPointer ? removePointer(self, entry) : removeRecord(self, entry)

const removePointer = (self: State.Node, entry: State.Entry): boolean => {
  const { pointers } = self
  const key = Kept.keyOf(entry.kept, entry.type, self)
  if (pointers?.index.get(key) !== entry) return false
  pointers.index.delete(key)
  Shares.remove(pointers.shares, entry)
  if (pointers.index.size === 0) self.pointers = undefined
  return true
}

const removeRecord = (self: State.Node, entry: State.Entry): boolean => {
  const { last } = self
  let before = last
  while (before !== undefined && before.next !== entry) before = before.next === last ? undefined : before.next
  if (before === undefined) return false
  before.next = entry.next
  if (last === entry) self.last = before === entry ? undefined : before
  // whoever still has it would else have all that ever came after it
  entry.next = entry
  if (self.index !== undefined) Index.remove(self.index, entry)
  if (self.index !== undefined && self.index.size <= few / 2) self.index = undefined
  return true
}

/** Whether one source has a record here. */
export const hasOf = (self: State.Node, source: State.Source): boolean => {
  const { index, last, pointers } = self
  if (pointers !== undefined && Shares.has(pointers.shares, source)) return true
  if (index !== undefined) return index.sources.has(source)
  let entry = last?.next
  while (entry !== undefined && entry.source !== source) entry = following(last, entry)
  return entry !== undefined
}

/** Whether somebody listens to records of a type. */
export const isWatched = ({ watch }: State.Node, type: number): boolean => {
  let each = watch
  while (each !== undefined && !each.types.includes(type) && !each.types.includes(Record.Type.ANY)) each = each.next
  return each !== undefined
}

/** Whether somebody has an interest in records of a type. An alias or a denial concerns whoever has one in any. */
export const isWanted = (self: State.Node, type: number): boolean => {
  const { series, watch } = self
  if (series === undefined) return watch !== undefined && (answersAll(type) || isWatched(self, type))
  if (answersAll(type)) return watch !== undefined || isAnyAsked(series)
  return isWatched(self, type) || isOfInterest(series.get(type)) || isOfInterest(series.get(Record.Type.ANY))
}

const isOfInterest = (series: State.Series | undefined): boolean => series !== undefined && series.interests.size > 0

const isAnyAsked = (all: ReadonlyMap<number, State.Series>): boolean => Array.from(all.values()).some(isOfInterest)

/** Whether a record of this type answers every question for its name: an alias or a denial. */
export const answersAll = (type: number): boolean => type === Record.Type.CNAME || type === Record.Type.NSEC

/** Counts one more who listens to these types, or one less. */
export const countWatch = (self: State.Node, types: ReadonlyArray<number>, by: 1 | -1): void => {
  self.watch = counted(self.watch, types, by)
}

const counted = (watch: State.Watch | undefined, types: ReadonlyArray<number>, by: 1 | -1): State.Watch | undefined => {
  if (watch === undefined) return by === 1 ? single(types) : undefined
  if (watch.types !== types) return { ...watch, next: counted(watch.next, types, by) }
  return watch.count + by === 0 ? watch.next : { ...watch, count: watch.count + by }
}

/** Adds one who listens. */
export const listen = (self: State.Node, listener: object): void => {
  const { listeners } = self
  if (listeners === undefined || listeners === listener) self.listeners = listener
  else if (listeners instanceof Set) listeners.add(listener)
  else self.listeners = new Set([listeners, listener])
}

/** Takes one out who listens. */
export const unlisten = (self: State.Node, listener: object): void => {
  const { listeners } = self
  if (listeners === listener) self.listeners = undefined
  else if (listeners instanceof Set && listeners.delete(listener) && listeners.size === 0) self.listeners = undefined
}

/** Those who listen now. */
export const listenersOf = ({ listeners }: State.Node): ReadonlyArray<object> => {
  if (listeners === undefined) return nobody
  return listeners instanceof Set ? Array.from(listeners) : [listeners]
}

const nobody: ReadonlyArray<object> = []

const singles = new WeakMap<ReadonlyArray<number>, State.Watch>()

/** What most names have: one who listens, to one of few lists of types. */
const single = (types: ReadonlyArray<number>): State.Watch => {
  const known = singles.get(types) ?? { types, count: 1, next: undefined }
  singles.set(types, known)
  return known
}
