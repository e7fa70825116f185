/**
 * What a process has taken, as Linux tells of any process: the same for programs of every language.
 */
import { readdirSync, readFileSync } from "node:fs"

/** What a process has taken so far, all of its threads together, and what went through the network that it is on. */
export interface Usage {
  /** Microseconds of CPU time, user and system. */
  readonly cpu: number
  /** How often a thread gave up the processor of its own will, to wait. */
  readonly wakeUps: number
  /** Octets of memory that it has. */
  readonly resident: number
  /** Datagrams that its host received and sent. */
  readonly received: number
  readonly sent: number
}

/** What a process has taken by now. */
export const of = (pid: number): Usage => {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  const datagrams = datagramsOf(readFileSync(`/proc/${pid}/net/snmp`, "utf8"))
  return {
    cpu: sum(threads.map((thread) => runTimeOf(readFileSync(`${thread}/schedstat`, "utf8")))),
    wakeUps: sum(threads.map((thread) => fieldOf(readFileSync(`${thread}/status`, "utf8"), "voluntary_ctxt_switches"))),
    resident: fieldOf(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS") * 1_024,
    ...datagrams
  }
}

/** What has been taken since. */
export const since = (before: Usage, after: Usage): Usage => ({
  cpu: after.cpu - before.cpu,
  wakeUps: after.wakeUps - before.wakeUps,
  resident: after.resident - before.resident,
  received: after.received - before.received,
  sent: after.sent - before.sent
})

/** So many times as much. */
export const scaled = (self: Usage, factor: number): Usage => ({
  cpu: self.cpu * factor,
  wakeUps: self.wakeUps * factor,
  resident: self.resident * factor,
  received: self.received * factor,
  sent: self.sent * factor
})

const sum = (values: ReadonlyArray<number>): number => values.reduce((all, value) => all + value, 0)

/** Microseconds of CPU time, of the nanoseconds that `schedstat` begins with. */
export const runTimeOf = (schedstat: string): number => Number(schedstat.split(" ")[0]) / 1_000

/** A number of `status`, which has a field on each line. */
export const fieldOf = (status: string, name: string): number => {
  const line = status.split("\n").find((line) => line.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`this system does not tell ${name}`)
  return Number.parseInt(line.slice(name.length + 1), 10)
}

/** The datagrams of IPv4, of `snmp`, which has two lines of each protocol: names, and their numbers. */
export const datagramsOf = (snmp: string): Pick<Usage, "received" | "sent"> => {
  const [names = [], numbers = []] = snmp.split("\n").filter((line) => line.startsWith("Udp:")).map((line) =>
    line.split(" ")
  )
  const numberOf = (name: string) => Number(numbers[names.indexOf(name)])
  return { received: numberOf("InDatagrams"), sent: numberOf("OutDatagrams") }
}
