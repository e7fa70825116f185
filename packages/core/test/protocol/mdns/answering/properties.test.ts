import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import type * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record

const pick = <A>(chance: Chance.Chance, values: ReadonlyArray<A>): A =>
  values[Chance.between(chance, 0, values.length - 1)]!
const often = (chance: Chance.Chance, percent: number): boolean => Chance.between(chance, 1, 100) <= percent
const some = <A>(chance: Chance.Chance, percent: number, values: ReadonlyArray<A>): ReadonlyArray<A> =>
  values.filter(() => often(chance, percent))

const types = ["_a._tcp.local", "_b._udp.local", "_sub._sub._a._tcp.local"]
const hosts = ["h.local", "g.local"]
const instances = [0, 1, 2, 3].map((i) => `x${i}._a._tcp.local`)
const names = [...types, ...hosts, ...instances, "other.local"]

const recordsOf = (chance: Chance.Chance): ReadonlyArray<Record.Record> => [
  ...types.flatMap((type) => some(chance, 60, instances).map((instance) => Bench.ptr(type, instance))),
  ...some(chance, 80, instances).map((instance) => Bench.srv(instance, pick(chance, hosts))),
  ...some(chance, 80, instances).map((instance) => Bench.txt(instance, pick(chance, [1, 1, 200, 2_000]))),
  ...hosts.flatMap((host) => [
    ...some(chance, 50, [1, 2, 3, 4, 5]).map((last) => Bench.a(host, last)),
    ...some(chance, 50, [1, 2, 3]).map((last) => Bench.aaaa(host, last))
  ]),
  ...some(chance, 20, hosts).map((host) => Bench.opaque(host, 300))
]

interface Heard {
  readonly at: number
  readonly message: Message.Message
  readonly from: Link.Origin
}

const questionOf = (chance: Chance.Chance) =>
  Bench.question(pick(chance, names), pick(chance, [Type.PTR, Type.SRV, Type.TXT, Type.A, Type.AAAA, Type.ANY]), {
    unicast: often(chance, 30),
    class: often(chance, 10) ? 255 : 1
  })

const messageOf = (chance: Chance.Chance, records: ReadonlyArray<Record.Record>): Message.Message => {
  const known = some(chance, pick(chance, [0, 0, 40]), records).map((record) => ({
    ...record,
    flush: false,
    ttl: Math.floor(record.ttl * pick(chance, [0.3, 0.5, 1]))
  }))
  if (often(chance, 8)) return Bench.response(some(chance, 30, records))
  if (often(chance, 8)) return Bench.query([], { answers: known, isTruncated: often(chance, 30) })
  if (often(chance, 8)) {
    const owner = pick(chance, [...hosts, ...instances])
    const question = Bench.question(owner, Type.ANY, { unicast: often(chance, 70) })
    return Bench.query([question], { authorities: [Bench.txt(owner, 3)] })
  }
  const questions = Array.from({ length: Chance.between(chance, 1, 3) }, () => questionOf(chance))
  return Bench.query(questions, { answers: known, isTruncated: often(chance, 15) })
}

const heardOf = (chance: Chance.Chance, records: ReadonlyArray<Record.Record>): ReadonlyArray<Heard> => {
  let at = 0
  return Array.from({ length: Chance.between(chance, 1, 40) }, () => {
    at += pick(chance, [0, 1, 30, 200, 1_500])
    const port = often(chance, 10) ? 40_000 : 5353
    const options = { isMulticast: often(chance, 90), isOnLink: often(chance, 90) }
    return {
      at,
      message: messageOf(chance, records),
      from: Bench.origin(`192.168.1.${Chance.between(chance, 1, 4)}`, port, options)
    }
  })
}

const run = (seed: number) => {
  const chance = Chance.make(seed, "random zones and queries")
  const records = recordsOf(chance)
  const heard = heardOf(chance, records)
  const bench = Bench.make(Bench.zone(records), { seed, link: { maxPayload: pick(chance, [300, 512, 1_472]) } })
  for (const { at, from, message } of heard) Bench.hear(bench, message, from, at)
  Bench.passUntil(bench, bench.now + 10_000)
  return { bench, heard, records }
}

const all = ({ message }: Bench.Sent) => [...message.answers, ...message.additionals]
const isProbe = ({ message }: Heard) => message.authorities.length > 0
const isLegacy = ({ to }: Bench.Sent) => to.endsWith(":40000")

const outcomes: Array<ReturnType<typeof run>> = []

const holds = (property: (outcome: ReturnType<typeof run>, seed: number) => void) => () => {
  for (let seed = 0; seed < 1_000; seed++) property(outcomes[seed] ??= run(seed), seed)
}

const matches = (question: Message.Question, record: Record.Record) =>
  Name.equals(question.name, record.name) && (question.type === record.type || question.type === Type.ANY)

describe("whatever is owned and asked", { timeout: 60_000 }, () => {
  it(
    "M-6-1 M-6-3 all that is said is ours, or denies only what we lack",
    holds(({ bench, records }, seed) => {
      const ours = new Set(records.map(Record.key))
      for (const record of bench.sent.flatMap(all)) {
        if (record.data._tag !== "Denial") assert(ours.has(Record.key(record)), `seed ${seed}`)
        else {
          const owned = records.filter(({ name }) => Name.equals(name, record.name)).map(({ type }) => type)
          assert.deepStrictEqual(record.data.types, Array.from(new Set(owned)).toSorted((a, b) => a - b))
        }
      }
    })
  )

  it(
    "X-23 no record is twice in a datagram",
    holds(({ bench }, seed) => {
      for (const sent of bench.sent) {
        const keys = all(sent).map(Record.key)
        assert.strictEqual(new Set(keys).size, keys.length, `seed ${seed}`)
      }
    })
  )

  it(
    "M-10.2-4 M-10.2-5 M-10.2-8 a unique set goes out whole and with flush bits, and a shared record without",
    holds(({ bench, records }, seed) => {
      for (const sent of bench.sent) {
        const burst = bench.sent.filter(({ at, to }) => at === sent.at && to === sent.to).flatMap(all)
        for (const record of all(sent)) {
          assert.strictEqual(record.flush, record.type !== Type.PTR && !isLegacy(sent), `seed ${seed}`)
          if (record.type === Type.PTR || record.type === Type.NSEC) continue
          const set = records.filter((owned) => Record.setKey(owned) === Record.setKey(record))
          for (const owned of set) assert(burst.some((other) => Record.isSame(other, owned)), `seed ${seed}`)
        }
      }
    })
  )

  it(
    "M-17-1 M-17-4 a datagram fits into a frame or has one record",
    holds(({ bench }, seed) => {
      for (const sent of bench.sent) {
        if (sent.length > bench.link.maxPayload) assert.strictEqual(all(sent).length, 1, `seed ${seed}`)
        if (isLegacy(sent)) assert.isAtMost(sent.length, 512)
      }
    })
  )

  it(
    "M-6-21 M-6-22 no record is multicast twice in a second, nor in 250 ms in defence of a name",
    holds(({ bench, heard }, seed) => {
      const gap = heard.some(isProbe) ? 250 : 1_000
      const last = new Map<string, number>()
      for (const sent of Bench.multicasts(bench)) {
        for (const key of all(sent).map(Record.key)) {
          assert.isAtLeast(sent.at - (last.get(key) ?? -Infinity), gap, `seed ${seed}`)
          last.set(key, sent.at)
        }
      }
    })
  )

  it(
    "M-7.1-1 what all who ask know is not said",
    holds(({ bench, heard, records }, seed) => {
      for (const { at, message } of bench.sent) {
        for (const answer of message.answers) {
          const isWanted = heard.some((query) =>
            query.at <= at && !query.message.isResponse &&
            query.message.questions.some((question) => matches(question, answer) || answer.type === Type.NSEC)
          )
          assert(isWanted, `seed ${seed}`)
        }
      }
      if (heard.length > 1 || heard[0]!.message.isResponse) return
      const known = heard[0]!.message.answers
      // what is said to a port of its own holds for less there
      const isKnown = (record: Record.Record) => {
        const own = records.find((own) => Record.isSame(own, record))
        return known.some((other) => own !== undefined && Record.isSame(own, other) && 2 * other.ttl >= own.ttl)
      }
      for (const { message } of bench.sent) {
        for (const answer of message.answers) {
          const set = answer.type === Type.PTR
            ? [answer]
            : message.answers.filter((other) => Record.setKey(other) === Record.setKey(answer))
          assert.isFalse(set.every(isKnown), `seed ${seed}`)
        }
      }
    })
  )

  it(
    "M-6-18 M-6-17 none but those who may be are answered by unicast",
    holds(({ bench, heard }, seed) => {
      for (const { at, to } of bench.sent) {
        if (to === "group") continue
        const isWelcome = heard.some(({ at: heardAt, from, message }) =>
          heardAt <= at && from.isOnLink && to === `${from.host}:${from.source.port}` &&
          (from.source.port !== 5353 || !from.isMulticast || message.questions.some(({ unicast }) => unicast))
        )
        assert(isWelcome, `seed ${seed}`)
      }
    })
  )

  // a second for the last multicast to be over, 120 ms of delay and 500 for others to come along
  it(
    "M-6.3-1 M-6.4-2 M-6.5-1 whatever is asked and not known is answered in time",
    holds(({ bench, heard, records }, seed) => {
      const overheard = heard.filter(({ from, message }) => message.isResponse && from.isMulticast)
      for (const { at, from, message } of heard) {
        if (message.isResponse || message.isTruncated || from.source.port !== 5353) continue
        if (!from.isOnLink && !from.isMulticast) continue
        for (
          const record of records.filter((record) => message.questions.some((question) => matches(question, record)))
        ) {
          if (message.answers.some((known) => Record.isSame(known, record) && 2 * known.ttl >= record.ttl)) continue
          const isSame = (other: Record.Record) => Record.isSame(other, record)
          const isAnswered = bench.sent.some((sent) => {
            const isHeard = sent.to === "group" || sent.to === `${from.host}:5353`
            return isHeard && sent.at >= at && sent.at <= at + 1_620 && all(sent).some(isSame)
          })
          const isSaid = overheard.some((other) =>
            other.at >= at && other.at <= at + 1_620 && other.message.answers.some(isSame)
          )
          assert(isAnswered || isSaid, `seed ${seed}: ${Bench.show([record])} at ${at}`)
        }
      }
    })
  )

  it(
    "nothing is left to wake for",
    holds(({ bench }, seed) => {
      for (const { assemblies, multicasts, replies } of bench.answering.responders.values()) {
        assert.deepStrictEqual([assemblies.size, multicasts.pending.size, replies.length], [0, 0, 0], `seed ${seed}`)
      }
    })
  )
})
