/**
 * One who listens to a link, and what it believes.
 */
import type * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"

/** A cache as RFC 6762, sections 10.1 and 10.2 have it. */
export class Listener {
  readonly faults: Array<string> = []
  private readonly said = new Set<string>()
  private believed = new Map<string, { readonly record: Record.Record; readonly at: number; until: number }>()

  hear({ answers }: Message.Message, now: number): void {
    this.expire(now)
    const keys = new Set(answers.map(Record.key))
    if (keys.size < answers.length) this.faults.push("twice in one datagram")
    const sets = new Set(answers.filter(({ flush }) => flush).map(Record.setKey))
    for (const [key, entry] of this.believed) {
      // a second ago counts as more: nothing takes no time on a real wire
      const isFlushed = sets.has(Record.setKey(entry.record)) && !keys.has(key) && entry.at <= now - 1_000
      if (isFlushed) entry.until = Math.min(entry.until, now + 1_000)
    }
    for (const record of answers) this.take(record, now)
  }

  private take(record: Record.Record, now: number): void {
    const key = Record.key(record)
    if (record.ttl > 0) {
      this.said.add(key)
      this.believed.set(key, { record, at: now, until: now + record.ttl * 1_000 })
    } else if (this.believed.has(key)) this.believed.get(key)!.until = now + 1_000
    else if (!this.said.has(key)) this.faults.push(`a goodbye for what was never said: ${spell(record)}`)
  }

  private expire(now: number): void {
    for (const [key, { until }] of this.believed) if (until <= now) this.believed.delete(key)
  }

  records(now: number): ReadonlyArray<string> {
    this.expire(now)
    return Array.from(this.believed.values(), ({ record }) => spell(record)).toSorted()
  }

  /** Those that are found: a service to which nothing points is not. */
  found(now: number): ReadonlyArray<string> {
    this.expire(now)
    const records = Array.from(this.believed.values(), ({ record }) => record)
    const targets = new Set(records.flatMap(({ data }) => data._tag === "Pointer" ? [data.target.key] : []))
    const isFound = ({ name, type }: Record.Record) =>
      (type !== Record.Type.SRV && type !== Record.Type.TXT) || targets.has(name.key)
    return records.filter(isFound).map(spell).toSorted()
  }
}

/** A record as it is written here, in the case it is in. */
export const spell = ({ data, name, type }: Record.Record): string =>
  `${Name.format(name)} ${type} ${
    data._tag === "Pointer"
      ? Name.format(data.target)
      : data._tag === "Service"
      ? `${data.port} ${Name.format(data.target)}`
      : Record.dataKey(data)
  }`
