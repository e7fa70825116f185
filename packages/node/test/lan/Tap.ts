/**
 * The mDNS questions that a host sends, as `tshark` reads them.
 */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import type * as Lan from "./Lan.ts"

export interface Question {
  readonly name: string
  /** Whether an answer by unicast is asked for (QU). */
  readonly isUnicast: boolean
}

/** Why there can be no tap here; `undefined` when there can. */
export const unavailable = (): string | undefined =>
  spawnSync("tshark", ["--version"], { stdio: "ignore" }).status === 0 ? undefined : "tshark is not installed"

/** Taps a host, and gives the questions that it has sent since then. */
export const questions = Effect.fnUntraced(function*(host: Lan.Host) {
  const tap = yield* host.tap(
    "-Y",
    "mdns && dns.flags.response == 0",
    "-T",
    "fields",
    "-e",
    "dns.qry.name",
    "-e",
    "dns.qry.qu"
  )
  yield* tap.prints(/Capturing on/, "stderr")
  return (): ReadonlyArray<Question> => tap.stdout().split("\n").slice(0, -1).flatMap(read)
})

// the questions of a datagram are a line: their names, and whether each is QU
const read = (line: string): ReadonlyArray<Question> => {
  const [names = "", flags = ""] = line.split("\t").map((list) => list.split(","))
  return [...names].map((name, at) => ({ name, isUnicast: /^(1|true)$/i.test(flags[at] ?? "") }))
}
