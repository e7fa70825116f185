/**
 * An instance as it is kept. There are as many as services, so that what is small is in one number, and what few have is aside.
 */
import type * as Lease from "../../../Lease.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Heard from "./Heard.ts"
import * as Sets from "./Sets.ts"
import type * as State from "./State.ts"

type Rare = Pick<State.Instance, "kept" | "interests" | "missingSince"> & Pick<State.Offer, "otherTexts">

const none: ReadonlyArray<never> = []

const ordinary: Rare = { kept: undefined, interests: none, missingSince: undefined, otherTexts: none }

// not a private method, for which each instance would have a field
const rareOf = (rare: Rare): Rare => {
  const { interests, kept, missingSince, otherTexts } = rare
  const isOrdinary = kept === undefined && interests.length === 0 && missingSince === undefined
  return isOrdinary && otherTexts.length === 0 ? ordinary : rare
}

const bits = 4

class Known implements State.Instance {
  slot = -1
  lease: Lease.Lease | undefined = undefined
  readonly subscriber: State.Subscriber
  name: Name.Name
  label: string | undefined = undefined
  link: Link.Link
  pointer: Heard.Heard | undefined
  chosen: Heard.Heard | undefined = undefined
  host: Name.Name | undefined = undefined
  patienceAt: number
  // what was told, of which addresses are always there
  #service: Heard.Heard | undefined = undefined
  #text: Heard.Heard | undefined = undefined
  #addresses: State.Offer["addresses"] | undefined = undefined
  next: State.Instance | undefined = undefined
  previous: State.Instance | undefined = undefined
  // three times four sets, and whether its latest record was taken back
  #sets = Sets.all
  #rare = ordinary

  constructor(subscriber: State.Subscriber, { link, name, pointer }: Found, patienceAt: number) {
    this.subscriber = subscriber
    this.name = name
    this.link = link
    this.pointer = pointer
    this.patienceAt = patienceAt
  }

  get news(): number {
    return this.#sets & Sets.all
  }

  set news(news: number) {
    this.#sets = this.#sets & ~Sets.all | news
  }

  get denied(): number {
    return this.#sets >> bits & Sets.all
  }

  set denied(denied: number) {
    this.#sets = this.#sets & ~(Sets.all << bits) | denied << bits
  }

  get doubted(): number {
    return this.#sets >> 2 * bits & Sets.all
  }

  set doubted(doubted: number) {
    this.#sets = this.#sets & ~(Sets.all << 2 * bits) | doubted << 2 * bits
  }

  get loss(): State.Instance["loss"] {
    return this.#sets >> 3 * bits === 0 ? "Expired" : "Goodbye"
  }

  set loss(loss: State.Instance["loss"]) {
    this.#sets = this.#sets & (1 << 3 * bits) - 1 | (loss === "Goodbye" ? 1 << 3 * bits : 0)
  }

  get kept(): Rare["kept"] {
    return this.#rare.kept
  }

  set kept(kept: Rare["kept"]) {
    if (kept !== this.kept) this.#rare = rareOf({ ...this.#rare, kept })
  }

  get interests(): Rare["interests"] {
    return this.#rare.interests
  }

  set interests(interests: Rare["interests"]) {
    this.#rare = rareOf({ ...this.#rare, interests })
  }

  get missingSince(): Rare["missingSince"] {
    return this.#rare.missingSince
  }

  set missingSince(missingSince: Rare["missingSince"]) {
    if (missingSince !== this.missingSince) this.#rare = rareOf({ ...this.#rare, missingSince })
  }

  get isOffered(): boolean {
    return this.#addresses !== undefined && this.#rare.missingSince === undefined
  }

  get told(): State.Offer | undefined {
    const addresses = this.#addresses
    if (addresses === undefined) return undefined
    return { service: this.#service, text: this.#text, otherTexts: this.#rare.otherTexts, addresses }
  }

  set told(told: State.Offer | undefined) {
    const { addresses, otherTexts = none, service, text } = told ?? nothing
    this.#service = service
    this.#text = text
    this.#addresses = addresses
    if (otherTexts !== this.#rare.otherTexts) this.#rare = rareOf({ ...this.#rare, otherTexts })
  }
}

const nothing: Partial<State.Offer> = {}

/** What an instance begins with. */
export interface Found {
  readonly name: Name.Name
  readonly link: Link.Link
  readonly pointer: Heard.Heard | undefined
}

/** An instance of which nothing is known but that it is there. */
export const make = (subscriber: State.Subscriber, found: Found, patienceAt: number): State.Instance =>
  new Known(subscriber, found, patienceAt)
