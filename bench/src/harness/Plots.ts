/**
 * The plots of the documentation's page: one for each question that somebody may have.
 */
import * as Plot from "./Plot.ts"
import type { Row } from "./Row.ts"

/** A question, and the rows that answer it. */
interface Question {
  /** The group below which it is shown, and the name of its file. */
  readonly group: string
  readonly file: string
  readonly title: string
  readonly unit: string
  readonly isLogarithmic?: boolean
  readonly answers: (name: string) => boolean
}

/** A plot and its place. */
export interface Drawn {
  readonly group: string
  readonly file: string
  readonly title: string
  readonly svg: string
}

const all = () => true

const isAgain = (name: string): boolean => name.includes("again")

const questions: ReadonlyArray<Question> = [
  {
    group: "steady",
    file: "steady",
    title: "CPU time for a datagram of a known peer, as fast as they come",
    unit: "us/datagram",
    answers: (name) => !isAgain(name)
  },
  {
    group: "trickle",
    file: "trickle",
    title: "CPU time for a datagram of a known peer, at 2,000 a second",
    unit: "us/datagram",
    answers: (name) => !isAgain(name)
  },
  {
    group: "peers",
    file: "peers",
    title: "CPU time for a datagram of a known service",
    unit: "us/datagram",
    isLogarithmic: true,
    answers: (name) => !isAgain(name)
  },
  {
    group: "flat",
    file: "flat",
    title: "CPU time for a datagram, by how many are known",
    unit: "us/datagram",
    answers: (name) => name.includes("known")
  },
  {
    group: "codec",
    file: "codec",
    title: "Decoding an announcement of six records",
    unit: "ns/op",
    answers: (name) => /^mdns6 .*decode(, all looked at)?$/.test(name)
  },
  {
    group: "hostile",
    file: "hostile",
    title: "Reading hostile messages",
    unit: "ns/B",
    isLogarithmic: true,
    answers: all
  },
  { group: "memory", file: "memory", title: "Memory of what is known", unit: "B/peer", answers: all },
  {
    group: "burst",
    file: "burst",
    title: "Time to find 1,000 services that appear at once",
    unit: "ms",
    answers: (name) => name.endsWith("time to all")
  },
  { group: "latency", file: "latency", title: "What a user waits for", unit: "ms", isLogarithmic: true, answers: all },
  { group: "idle", file: "idle", title: "CPU time of a minute without traffic", unit: "ms/min", answers: all },
  {
    group: "lan",
    file: "lan",
    title: "CPU time for a datagram of a known service, on a LAN",
    unit: "us/datagram",
    isLogarithmic: true,
    answers: all
  },
  {
    group: "traffic",
    file: "traffic",
    title: "Datagrams to publish a service",
    unit: "datagrams/service",
    answers: all
  },
  { group: "weight", file: "weight", title: "Time to import", unit: "ms", answers: all }
]

/** The plots for which there are rows. */
export const draw = (rows: ReadonlyArray<Row>): ReadonlyArray<Drawn> =>
  questions.flatMap((question) => {
    const bars = rows.flatMap((row) => barOf(question, row))
    const { file, group, isLogarithmic, title, unit } = question
    return bars.length === 0 ? [] : [{ group, file, title, svg: Plot.format({ title, unit, bars, isLogarithmic }) }]
  })

const barOf = ({ answers, group, unit }: Question, row: Row): ReadonlyArray<Plot.Bar> =>
  row.group === group && row.unit === unit && row.value !== undefined && answers(row.name)
    ? [{ label: row.name, value: row.value, side: sideOf(row.name) }]
    : []

const sideOf = (name: string): Plot.Side => {
  if (name.startsWith("raw")) return "limit"
  return /multicast-dns|bonjour-service|ciao|dns-packet|protobufjs|Avahi|zeroconf/.test(name) ? "other" : "ours"
}
