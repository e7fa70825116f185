/**
 * The table of the network contract: every rule, and what the tests of each layer say of it.
 */
import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
import { marks, notes } from "./marks.ts"

type Layer = NetworkContract.Layer

/** The layers, in the order of the columns. */
export const layers: ReadonlyArray<Layer> = ["simulated", "t1", "t2", "raw"]

/** A test that was run: the file it is in, its name, and whether it passed. */
export interface Outcome {
  readonly file: string
  readonly title: string
  readonly passed: boolean
}

/** How many tests of a rule passed and failed on a layer, or why there are none. */
export type Cell = { readonly passed: number; readonly failed: number } | { readonly reason: string }

/** A rule in the table. */
export interface Row {
  readonly number: number
  readonly title: string
  readonly mark: string
  readonly tier: string
  readonly system: string
  readonly layers: { readonly [K in Layer]: Cell }
  readonly note?: string
}

/** The table, and on what it was made. */
export interface Table {
  readonly platform: string
  readonly rules: ReadonlyArray<Row>
}

/** The layer that a file of tests is about. */
export const layerOf = (file: string): Layer | undefined => files.find(([pattern]) => pattern.test(file))?.[1]

const files: ReadonlyArray<readonly [pattern: RegExp, layer: Layer]> = [
  [/testing\/test\/contract\/(rules-simulated|impairments)\.test\.ts$/, "simulated"],
  [/node\/test\/contract\/rules-loopback\.integration\.test\.ts$/, "t1"],
  [/node\/test\/contract\/rules-namespaces\.integration\.test\.ts$/, "t2"],
  [/node\/test\/contract\/dgram-\w+\.integration\.test\.ts$/, "raw"]
]

/** The table that a run of the tests makes. */
export const make = (outcomes: ReadonlyArray<Outcome>, platform: string): Table => {
  const cells = new Map<string, { passed: number; failed: number }>()
  for (const { file, passed, title } of outcomes) {
    const [layer, number] = [layerOf(file), /rule (\d+):/.exec(title)?.[1]]
    if (layer === undefined || number === undefined) continue
    const key = `${layer} ${number}`
    const cell = cells.get(key) ?? { passed: 0, failed: 0 }
    cells.set(key, cell)
    if (passed) cell.passed++
    else cell.failed++
  }
  const cellOf = (rule: NetworkContract.Rule, layer: Layer): Cell =>
    cells.get(`${layer} ${rule.number}`) ?? { reason: reasonOf(rule, layer) ?? "" }
  return { platform, rules: NetworkContract.rules.map((rule) => row(rule, (layer) => cellOf(rule, layer))) }
}

const row = (rule: NetworkContract.Rule, cell: (layer: Layer) => Cell): Row => {
  const note = notes[rule.number]
  return {
    number: rule.number,
    title: rule.title,
    mark: marks[rule.number] ?? "V",
    tier: rule.tier,
    system: rule.system,
    layers: { simulated: cell("simulated"), t1: cell("t1"), t2: cell("t2"), raw: cell("raw") },
    ...(note === undefined ? {} : { note })
  }
}

const needed: { readonly [K in ContractBed.Capability]?: string } = {
  segments: "takes several hosts: t2",
  network: "asks for the hosts' own process: t1",
  descriptors: "would use up the process's file descriptors",
  exhaustion: "would use up the machine's ports"
}

/** Why a rule has no test on a layer, `undefined` where it should have one. */
const reasonOf = (rule: NetworkContract.Rule, layer: Layer): string | undefined => {
  const said = rule.notApplicable[layer]
  if (said !== undefined) return said
  if (layer === "raw") {
    return rule.tier === "t3" ? "cannot be provoked on real sockets" : "shown on real sockets through Network"
  }
  if (layer === "simulated") return undefined
  const needs = new Set(rule.tests.flatMap((test) => test.needs))
  return Object.entries(needed).find(([need]) => needs.has(need as ContractBed.Capability))?.[1]
}

/** Whether the tests of a rule passed on a layer, and none failed. */
export const passes = (self: Row, layer: Layer): boolean => {
  const cell = self.layers[layer]
  return "passed" in cell && cell.passed > 0 && cell.failed === 0
}

const fails = (self: Row, layer: Layer): boolean => {
  const cell = self.layers[layer]
  return "failed" in cell && cell.failed > 0
}

/** How many rules real sockets can show, and how many they did show. */
export const onRealSockets = ({ rules }: Table): { readonly shown: number; readonly possible: number } => {
  const possible = rules.filter(({ tier }) => tier !== "t3")
  const shown = possible.filter((rule) =>
    (["t1", "t2", "raw"] as const).some((layer) => passes(rule, layer)) &&
    !layers.some((layer) => fails(rule, layer))
  )
  return { shown: shown.length, possible: possible.length }
}

/** What is wrong with a table: a rule that fails, one without result and reason, or one that is not as the contract has it now. */
export const problems = (self: Table): ReadonlyArray<string> => [
  ...self.rules.flatMap((rule) => layers.flatMap((layer) => problem(rule, layer))),
  ...stale(self)
]

const problem = (rule: Row, layer: Layer): ReadonlyArray<string> => {
  const cell = rule.layers[layer]
  if ("failed" in cell) return cell.failed > 0 ? [`rule ${rule.number} fails on ${layer}`] : []
  return cell.reason === "" ? [`rule ${rule.number} has neither a result nor a reason on ${layer}`] : []
}

// what the contract says of a rule, whatever its results
const described = (rules: ReadonlyArray<Omit<Row, "layers" | "mark">>): ReadonlyMap<number, string> =>
  new Map(rules.map(({ number, system, tier, title }) => [number, `${title} ${tier} ${system} ${notes[number] ?? ""}`]))

const stale = (self: Table): ReadonlyArray<string> => {
  const [then, now] = [described(self.rules), described(NetworkContract.rules)]
  const changed = Array.from(now.keys()).filter((number) => then.get(number) !== now.get(number))
  const gone = Array.from(then.keys()).filter((number) => !now.has(number))
  const recounted = NetworkContract.rules.filter((rule) => {
    const cell = self.rules.find(({ number }) => number === rule.number)?.layers.simulated
    return cell !== undefined && "passed" in cell && rule.tests.length > 0 &&
      cell.passed + cell.failed !== simulable(rule)
  })
  return [...changed, ...gone, ...recounted.map(({ number }) => number)].map((number) =>
    `rule ${number} has changed since the table was made`
  )
}

const simulable = ({ tests }: NetworkContract.Rule): number =>
  tests.filter((test) => NetworkContract.missing(test, NetworkContract.simulatedCapabilities).length === 0).length
