/**
 * How each fault on the links of a network begins and ends.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fault from "../../Fault.ts"
import type * as Faults from "../../Faults.ts"
import type { SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import type { Pump } from "../driver/Pump.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { Host } from "../kernel/Topology.ts"
import * as Check from "../links/Check.ts"
import type * as Link from "../links/Data.ts"
import * as Draw from "../links/Draw.ts"
import type * as Path from "../links/Path.ts"
import type { Active, Held, Holding } from "./Active.ts"
import * as Bars from "./Bars.ts"
import type { HostSettings } from "./HostSettings.ts"
import type { Running } from "./Running.ts"

type Checked<A> = Effect.Effect<A, SimulatedNetworkError>

/** @internal The network that faults befall. */
export interface Ground {
  readonly kernel: Kernel
  readonly pump: Pump
  readonly running: Running
  readonly find: (host: string) => Checked<Host>
  /** What faults have set about it. */
  readonly settings: (host: Host) => HostSettings
}

const activeOf = ({ kernel }: Ground): Active => kernel.links.active

const isSound = (findings: ReadonlyArray<Check.Finding>): Checked<void> =>
  Effect.fromResult(Check.first(findings, undefined))

const known = (ground: Ground, names: ReadonlyArray<string | undefined>): Checked<void> =>
  Effect.forEach(names.filter((name) => name !== undefined), ground.find, { discard: true })

const segment = ({ kernel }: Ground, name: string | undefined): Checked<void> => {
  const { segments } = kernel.links.changes
  const expected = `one of those that the network has (${segments.join(", ")})`
  return isSound([{ option: "segment", value: name, isValid: name === undefined || segments.includes(name), expected }])
}

const count = (option: string, value: number): Check.Finding => ({
  option,
  value,
  isValid: Number.isSafeInteger(value) && value >= 1,
  expected: "a whole number from 1"
})

const portNumber = (port: number): Check.Finding => ({
  option: "port",
  value: port,
  isValid: Number.isInteger(port) && port >= 1 && port <= 65_535,
  expected: "a port from 1 to 65535"
})

const oneOf = (option: string, value: string, known: ReadonlyArray<string>): Check.Finding => ({
  option,
  value,
  isValid: known.includes(value),
  expected: `one of ${known.join(", ")}`
})

const micros = (option: string, input: Duration.Input): Checked<number> => {
  const millis = Check.millis(input)
  return Effect.as(isSound([Check.duration(option, millis, input)]), Math.round(millis * 1000))
}

/** @internal */
export const partition = (ground: Ground, groups: ReadonlyArray<ReadonlyArray<string>>): Faults.Scoped =>
  Effect.andThen(
    known(ground, groups.flat()),
    ground.running.beginSync(
      { name: "partition", text: groups.map((names) => names.join(" ")).join(" | ") },
      (cause) => activeOf(ground).addBar(Bars.partition(groups, cause))
    )
  )

/** @internal */
export const cut = (ground: Ground, { from, to }: { readonly from: string; readonly to: string }): Faults.Scoped =>
  Effect.andThen(
    known(ground, [from, to]),
    ground.running.beginSync(
      { name: "cut", text: `${from} ${to}` },
      (cause) => activeOf(ground).addBar(Bars.cut(from, to, cause))
    )
  )

/** @internal */
export const rule = (ground: Ground, decide: (datagram: Faults.Datagram) => Faults.Verdict, name = ""): Faults.Scoped =>
  ground.running.beginSync(
    { name: "rule", text: name },
    (cause) => activeOf(ground).addBar(Bars.rule(decide, name, cause))
  )

// for people: `loss 0.6`, and the whole of what has no short form
const described = (change: Link.Link, name: string): ReadonlyArray<string> =>
  Object.entries(change).map(([option, value]: [string, unknown]) =>
    option === name ? short(value) : `${option} ${short(value)}`
  )

const short = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return String(value)
  if ("_tag" in value && value._tag === "Independent" && "probability" in value) return String(value.probability)
  if ("_tag" in value && value._tag === "Constant" && "value" in value) return `${String(value.value)} ms`
  return JSON.stringify(value)
}

/** @internal */
export const link = (
  ground: Ground,
  { from, host, segment: on, to }: Fault.Target,
  change: Link.Link,
  name = "link"
): Faults.Scoped =>
  Effect.gen(function*() {
    yield* known(ground, [from, host, to])
    yield* segment(ground, on)
    const scopes = host === undefined ? [{ from, to, segment: on }] : [
      { from: host, to, segment: on },
      { from, to: host, segment: on }
    ]
    const where = [from ?? host, to, on].filter((name) => name !== undefined)
    yield* ground.running.beginSync({ name, text: [...where, ...described(change, name)].join(" ") }, (cause) => {
      const undo = scopes.map((scope) =>
        ground.kernel.links.changes.add(scope, { link: change, causes: blame(change, cause) })
      )
      return () => {
        for (const end of undo) end()
      }
    })
  })

const blame = ({ multicast = {}, ...change }: Link.Link, cause: number): Path.Causes => {
  const each = (parts: object) => Object.fromEntries(Object.keys(parts).map((part) => [part, cause]))
  return { ...each(change), multicast: each(multicast) }
}

/** @internal */
export const hold = (
  ground: Ground,
  match: Fault.Match,
  { limit = 1000, order = "fifo" }: { readonly limit?: number | undefined; readonly order?: Fault.Order | undefined }
): Faults.Scoped =>
  Effect.gen(function*() {
    yield* known(ground, [match.from, match.to])
    yield* isSound([count("limit", limit)])
    yield* ground.running.beginSync({ name: "hold", text: show(match) }, (cause) => {
      const holding: Holding = { match, limit, cause, held: [] }
      const end = activeOf(ground).addHolding(holding)
      return () => {
        end()
        letGo(ground, [holding], {}, order)
      }
    })
  })

/** @internal */
export const release = (
  ground: Ground,
  { order = "fifo", ...match }: Fault.Match & { readonly order?: Fault.Order | undefined }
): Checked<void> =>
  Effect.andThen(
    known(ground, [match.from, match.to]),
    Effect.sync(() => letGo(ground, activeOf(ground).held, match, order))
  )

const letGo = (
  ground: Ground,
  holdings: ReadonlyArray<Holding>,
  match: Fault.Match,
  order: Fault.Order
): void => {
  const { now } = ground.pump
  for (const holding of holdings) activeOf(ground).release(holding, match, (held) => arrange(ground, held, order), now)
  ground.pump.arm()
}

const arrange = (ground: Ground, held: ReadonlyArray<Held>, order: Fault.Order): ReadonlyArray<Held> => {
  if (order === "fifo") return held
  if (order === "reverse") return held.toReversed()
  const seed = activeOf(ground).nextSeed("release")
  const drawn = held.map((one, i) => ({ one, draw: Draw.at(Draw.combine(seed, i), Draw.purpose.order) }))
  return drawn.toSorted((a, b) => a.draw - b.draw).map(({ one }) => one)
}

/** @internal */
export const replay = (
  ground: Ground,
  { copies = 1, delay, match = {} }: Parameters<Faults.Faults["replay"]>[0]
): Faults.Scoped =>
  Effect.gen(function*() {
    yield* known(ground, [match.from, match.to])
    yield* isSound([{ ...count("copies", copies), isValid: Number.isInteger(copies) && copies >= 1 && copies <= 1000 }])
    const wait = yield* micros("delay", delay)
    yield* ground.running.beginSync(
      { name: "replay", text: show(match) },
      (cause) => activeOf(ground).addReplay({ match, delay: wait, copies, cause })
    )
  })

const show = (match: Fault.Match): string => Object.keys(match).length === 0 ? "" : JSON.stringify(match)

/** @internal */
export const snooping = (
  ground: Ground,
  { after = "260 seconds", segment: on }: NonNullable<Parameters<Faults.Faults["snooping"]>[0]>
): Faults.Scoped =>
  Effect.gen(function*() {
    yield* segment(ground, on)
    const wait = yield* micros("after", after)
    yield* ground.running.beginSync(
      { name: "snooping", text: [on ?? "", Duration.format(Duration.fromInputUnsafe(after))].join(" ").trim() },
      (cause, now) => activeOf(ground).addBar(Bars.snooping(on, wait, now, cause))
    )
  })

/** @internal */
export const firewall = (
  ground: Ground,
  host: string,
  { in: inward = "allow", out = "allow", port }: Parameters<Faults.Faults["firewall"]>[1]
): Faults.Scoped =>
  Effect.gen(function*() {
    const local = yield* ground.find(host)
    yield* isSound(port === undefined ? [] : [portNumber(port)])
    const text = `${host} in ${inward} out ${out}${port === undefined ? "" : ` port ${port}`}`
    yield* ground.running.beginSync({ name: "firewall", text, details: { host: local } }, (cause) =>
      activeOf(ground).addFirewall(host, { in: inward, out, port, lost: { reason: "firewall", rule: 121, cause } }))
  })

/** @internal */
export const failNext = (
  ground: Ground,
  host: string,
  operation: Fault.Operation,
  code: Fault.Code,
  { probability, times }: NonNullable<Parameters<Faults.Faults["failNext"]>[3]>
): Faults.Scoped =>
  Effect.gen(function*() {
    const local = yield* ground.find(host)
    const left = times ?? (probability === undefined ? 1 : Infinity)
    yield* isSound([
      oneOf("operation", operation, Fault.Operation.literals),
      oneOf("code", code, Fault.Code.literals),
      ...(probability === undefined ? [] : [Check.probability("probability", probability)]),
      ...(times === undefined ? [] : [count("times", times)])
    ])
    const description = `${host} ${operation} ${code}`
    yield* ground.running.beginSync({ name: "errno", text: description, details: { host: local } }, (cause) => {
      const seed = activeOf(ground).nextSeed(description)
      return activeOf(ground).addRefusal(host, {
        operation,
        code,
        probability: probability ?? 1,
        seed,
        cause,
        left,
        asked: 0
      })
    })
  })
