/**
 * A journal as 64 bits: the same for the same events and payloads, in any process.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"
import type { Journal } from "./Model.ts"

/** @internal */
export const of = (journal: Journal): string => {
  const hash = new Hash()
  hash.number(journal.forgotten)
  for (const event of journal.events) {
    addEvent(hash, event)
    const datagram = event.kind === "send" ? journal.datagram(event.datagram!) : undefined
    if (datagram !== undefined) addDatagram(hash, datagram)
  }
  return hash.hex
}

const addEvent = (hash: Hash, event: NetworkEvent.NetworkEvent): void => {
  for (const number of [event.seq, event.time, event.socket, event.datagram, event.rule]) hash.number(number ?? 0)
  hash.number(event.causes.length)
  for (const cause of event.causes) hash.number(cause)
  const reason = event.kind === "drop" ? event.reason : undefined
  for (const text of [event.kind, reason, event.host, event.interface, event.code, event.text]) hash.text(text)
}

const addDatagram = (hash: Hash, datagram: NetworkEvent.Datagram): void => {
  hash.text(datagram.source.address)
  hash.number(datagram.source.port)
  hash.text(datagram.destination.address)
  hash.number(datagram.destination.port)
  hash.text(datagram.kind)
  hash.number(datagram.ttl)
  hash.number(datagram.payload.length)
  for (const octet of datagram.payload) hash.word(octet)
}

// Two independent lanes: FNV-1a by words, and a multiply-rotate mix; both are stirred at the end (the finalizer of MurmurHash3).
class Hash {
  private a = 0x811c9dc5
  private b = 0x9e3779b9

  word(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x01000193)
    this.b = Math.imul((this.b << 13) | (this.b >>> 19), 5) + (word ^ 0xe6546b64) | 0
  }

  number(number: number): void {
    this.word(number | 0)
    this.word(Math.floor(number / 2 ** 32))
  }

  text(text: string | undefined): void {
    this.word(text === undefined ? -1 : text.length)
    for (let i = 0; i < (text?.length ?? 0); i++) this.word(text!.charCodeAt(i))
  }

  get hex(): string {
    return [stir(this.a ^ this.b), stir(this.b)].map((lane) => lane.toString(16).padStart(8, "0")).join("")
  }
}

const stir = (lane: number): number => {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return (twice ^ (twice >>> 16)) >>> 0
}
