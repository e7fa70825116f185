/**
 * What holds of every datagram that a host under test may send, whatever happens on the LAN: judged at the end of each row, of all that
 * went out in it.
 */
import * as Decoded from "./Decoded.ts"
import { groups } from "./Peer.ts"
import * as Tap from "./Tap.ts"

const port = 5353

/** What is wrong with what these hosts sent, one line a breach; `all` is what everybody sent, in order. */
export const breaches = (all: ReadonlyArray<Tap.Sent>, hosts: ReadonlySet<string>): ReadonlyArray<string> => {
  const breaches: Array<string> = []
  const said = new Map<string, number>()
  const wakes = { asked: asked(all) }
  for (const [at, sent] of all.entries()) {
    if (!hosts.has(sent.host) || sent.destination.port === 0) continue
    const found = [
      ...each(sent),
      ...(Tap.isQuery(sent) ? whole(sent, all, at) : []),
      ...(Tap.isResponse(sent) && !sent.isMulticast ? solicited(sent, wakes.asked) : []),
      ...(Tap.isResponse(sent) && sent.isMulticast ? again(sent, said, all, at) : [])
    ]
    for (const breach of found) breaches.push(`${breach}: ${Tap.line(sent)}`)
  }
  return breaches
}

/** The same of each datagram by itself, for when nothing is sure of the times. */
export const breachesOfEach = (all: ReadonlyArray<Tap.Sent>): ReadonlyArray<string> =>
  all.flatMap((sent) => sent.destination.port === 0 ? [] : each(sent).map((breach) => `${breach}: ${Tap.line(sent)}`))

const each = (sent: Tap.Sent): ReadonlyArray<string> => [
  ...packet(sent),
  ...header(sent),
  ...(Tap.isQuery(sent) ? query(sent) : response(sent)),
  ...names(sent),
  ...twice(sent)
]

const refuse = (isBroken: boolean, rule: string): ReadonlyArray<string> => isBroken ? [rule] : []

/** Whoever knows no mDNS asks from a port of its own, and so does a single question of ours. */
const isLegacy = (sent: Tap.Sent): boolean => Tap.isResponse(sent) && sent.destination.port !== port

const isIpv6 = ({ destination }: Tap.Sent): boolean => destination.address.includes(":")

const packet = (sent: Tap.Sent): ReadonlyArray<string> => {
  const count = Decoded.records(sent.message).length
  const [frame, most] = isIpv6(sent) ? [1_452, 8_952] : [1_472, 8_972]
  const group = groups[isIpv6(sent) ? "IPv6" : "IPv4"]
  return [
    ...refuse(sent.ttl !== 255, "M-11-1 ttl 255"),
    ...refuse(Tap.isResponse(sent) && sent.source.port !== port, "M-6-14 responses come from 5353"),
    ...refuse(sent.isMulticast && sent.destination.address.replace(/%.*/, "") !== group, "M-3-3 the group"),
    ...refuse(sent.isMulticast && sent.destination.port !== port, "M-6-16 the group's port"),
    ...refuse(Tap.isQuery(sent) && !sent.isMulticast, "M-3-3 questions go to the group"),
    ...refuse(sent.payload.length > most, "M-17-5 no message over 9,000 octets"),
    ...refuse(sent.payload.length > frame && count > 1, "M-17-4 one record alone fills several frames"),
    ...refuse(isLegacy(sent) && sent.payload.length > 512, "M-6.7-6 legacy replies within 512 octets")
  ]
}

const header = (sent: Tap.Sent): ReadonlyArray<string> => {
  const { aa, ad, cd, id, opcode, qr, ra, rcode, rd, tc, z } = sent.message
  const isSimple = Tap.isQuery(sent) && sent.source.port !== port
  return [
    ...refuse(id !== 0 && !isLegacy(sent) && !isSimple, "M-18.1-3 M-18.1-4 id 0"),
    ...refuse(opcode !== 0 || rcode !== 0, "M-18.3-1 M-18.11-1 opcode and rcode 0"),
    ...refuse(aa !== qr, "M-18.4-1 M-18.4-2 AA in responses alone"),
    ...refuse(rd + ra + z + ad + cd > 0, "M-18.6-1 M-18.7-1 M-18.8-1 M-18.9-1 M-18.10-1 no other flag"),
    ...refuse(tc === 1 && Tap.isResponse(sent) && !isLegacy(sent), "M-18.5-2 no TC in responses")
  ]
}

const query = ({ message }: Tap.Sent): ReadonlyArray<string> => {
  const { additionals, answers, authorities, questions, tc } = message
  const probed = new Set(questions.map(({ name }) => name.toLowerCase()))
  return [
    ...refuse([...answers, ...authorities].some(({ flush }) => flush), "M-8.2-2 M-10.2-7 no flush bit in queries"),
    ...refuse(additionals.length > 0, "queries have no additional records"),
    ...refuse(questions.some((question) => question.class !== 1), "questions of class IN"),
    ...refuse(authorities.length > 0 && questions.some(({ type }) => type !== "ANY"), "M-8.1-2 probes ask for ANY"),
    ...refuse(authorities.some(({ name }) => !probed.has(name.toLowerCase())), "M-8.2-2 what is proposed is asked for"),
    ...refuse(
      answers.some(({ name, type }) =>
        !questions.some((question) =>
          question.name.toLowerCase() === name.toLowerCase() && [type, "ANY"].includes(question.type)
        )
      ) && questions.length > 0 && tc === 0,
      "M-7.1-3 only answers to the questions are listed"
    )
  ]
}

/** A query of several datagrams goes out at once. */
const whole = (sent: Tap.Sent, all: ReadonlyArray<Tap.Sent>, at: number): ReadonlyArray<string> => {
  const { questions, tc } = sent.message
  const isOfSame = (other: Tap.Sent | undefined) =>
    other?.host === sent.host && other.interface === sent.interface && other.source.address === sent.source.address &&
    other.time === sent.time && Tap.isQuery(other)
  const siblings = (step: 1 | -1) => {
    for (let i = at + step; all[i] !== undefined && all[i]!.time === sent.time; i += step) {
      if (isOfSame(all[i])) return all[i]
    }
    return undefined
  }
  return [
    ...refuse(questions.length === 0 && siblings(-1)?.message.tc !== 1, "M-7.2-2 the rest follows a query with TC"),
    ...refuse(
      tc === 1 && siblings(1)?.message.questions.length !== 0,
      "M-7.2-1 M-7.2-2 TC has the rest follow at once"
    )
  ]
}

const isReverse = (name: string): boolean => name.toLowerCase().endsWith(".arpa")
const isShared = ({ name, type }: Decoded.Record): boolean => type === "PTR" && !isReverse(name)

const response = (sent: Tap.Sent): ReadonlyArray<string> => {
  const { answers, authorities, questions, tc } = sent.message
  const records = Decoded.records(sent.message)
  const denials = records.filter(({ type }) => type === "NSEC")
  const denied = (name: string, type: string) =>
    denials.some((denial) => denial.name.toLowerCase() === name.toLowerCase() && !typesOf(denial).includes(type))
  return [
    ...refuse(answers.length === 0 && tc === 0, "M-6-3 a response answers"),
    ...refuse(authorities.length > 0, "responses have no authorities"),
    ...refuse(!isLegacy(sent) && questions.length > 0, "M-6-7 no questions"),
    ...refuse(isLegacy(sent) && tc === 0 && questions.length === 0, "M-6.7-3 legacy replies repeat the question"),
    ...refuse(
      records.some((record) => record.flush && (isLegacy(sent) || isShared(record))),
      "M-10.2-6 M-10.2-8 flush"
    ),
    // what is taken back may be under a name that is not ours for certain any more
    ...refuse(
      !isLegacy(sent) && records.some((record) => record.ttl > 0 && !record.flush && !isShared(record)),
      "M-10.2-5 no flush"
    ),
    ...refuse(isLegacy(sent) && records.some(({ ttl }) => ttl > 10), "M-6.7-5 10 s for legacy askers"),
    ...refuse(denials.some((denial) => typesOf(denial).includes("NSEC")), "M-6.1-10 NSEC is not in itself"),
    ...refuse(denials.some(({ data, name }) => nextOf(data) !== name), "M-6.1-3 next is the name itself"),
    ...refuse(
      records.some(({ name, ttl, type }) => type !== "NSEC" && ttl > 0 && denied(name, type)),
      "M-6-3 denied and told at once"
    )
  ]
}

const typesOf = ({ data }: Decoded.Record): ReadonlyArray<string> =>
  (data as { readonly rrtypes: ReadonlyArray<string> }).rrtypes
const nextOf = (data: unknown): string => (data as { readonly nextDomain: string }).nextDomain

const names = (sent: Tap.Sent): ReadonlyArray<string> => {
  const all = [...sent.message.questions, ...Decoded.records(sent.message)].map(({ name }) => name)
  const legal = (name: string) => Buffer.byteLength(name) <= 254 && name.normalize("NFC") === name
  return [
    ...refuse(Tap.isResponse(sent) && !all.every((name) => /\.(local|arpa)$/i.test(name)), "M-12-1 names of the link"),
    ...refuse(Tap.isResponse(sent) && !all.every(legal), "M-16-1 legal names")
  ]
}

const keyOf = (record: Decoded.Record): string =>
  JSON.stringify([record.name.toLowerCase(), record.type, record.class, record.data])

const twice = ({ message }: Tap.Sent): ReadonlyArray<string> => {
  const keys = Decoded.records(message).map(keyOf)
  const questions = message.questions.map(({ class: of, name, type }) => `${name.toLowerCase()} ${type} ${of}`)
  return [
    ...refuse(new Set(keys).size !== keys.length, "X-23 a record twice"),
    ...refuse(new Set(questions).size !== questions.length, "a question twice")
  ]
}

const endpoint = ({ address, port }: Tap.Sent["source"]): string => `${address} ${port}`

/** When each asked, by where it asked from. */
const asked = (all: ReadonlyArray<Tap.Sent>): ReadonlyMap<string, ReadonlyArray<number>> => {
  const times = new Map<string, Array<number>>()
  for (const { payload, source, time } of all) {
    // what peers send need not be a message
    if (payload.length < 12 || payload[2]! >= 0x80) continue
    const known = times.get(endpoint(source))
    if (known === undefined) times.set(endpoint(source), [time])
    else known.push(time)
  }
  return times
}

/** Milliseconds from the last of a query to the last that is said to it. */
const patience = 3_000

const solicited = (
  { destination, time }: Tap.Sent,
  asked: ReadonlyMap<string, ReadonlyArray<number>>
): ReadonlyArray<string> =>
  refuse(
    asked.get(endpoint(destination))?.some((at) => at <= time && time - at <= patience) !== true,
    "M-6-18 unicast to one who has not asked"
  )

/** What is multicast twice within a second on a link, other than to defend a name, or to take it back. */
const again = (
  sent: Tap.Sent,
  said: Map<string, number>,
  all: ReadonlyArray<Tap.Sent>,
  at: number
): ReadonlyArray<string> => {
  const place = `${sent.host} ${sent.interface} ${isIpv6(sent)}`
  const breaches: Array<string> = []
  for (const record of Decoded.records(sent.message)) {
    const key = `${place} ${keyOf(record)}`
    const gap = sent.time - (said.get(key) ?? -Infinity)
    said.set(key, sent.time)
    if (record.ttl === 0) said.delete(key)
    else if (gap < 249 || (gap < 999 && !isDefence(sent, all, at))) {
      breaches.push(`M-6-21 ${record.name} ${record.type} again after ${gap} ms`)
    }
  }
  return breaches
}

// somebody else has just probed
const isDefence = (sent: Tap.Sent, all: ReadonlyArray<Tap.Sent>, at: number): boolean => {
  for (let i = at - 1; i >= 0 && sent.time - all[i]!.time < 300; i--) {
    const { host, payload } = all[i]!
    if (host !== sent.host && payload.length >= 12 && payload[2]! < 0x80 && (payload[8]! | payload[9]!) > 0) return true
  }
  return false
}
