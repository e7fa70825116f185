/**
 * Rules of the contract, and the tests that show them.
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as ContractBed from "../../ContractBed.ts"

/**
 * Something on a bed is not as a rule says: which rule and test, what was looked at, and both values.
 *
 * @category errors
 * @since 0.1.0
 */
export class ContractViolation
  extends Schema.TaggedError<ContractViolation>("effect-discovery/NetworkContract/ContractViolation")(
    "ContractViolation",
    { rule: Schema.Int, test: Schema.String, what: Schema.String, expected: Schema.Unknown, actual: Schema.Unknown }
  )
{
  /**
   * Says all of it.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return [
      `rule ${this.rule}, ${this.test}: ${this.what}`,
      `expected ${JSON.stringify(this.expected)}`,
      `  actual ${JSON.stringify(this.actual)}`
    ].join("\n")
  }
}

/**
 * What a rule is tested on: the simulated network, the loopback interface of this machine, network namespaces, or `node:dgram` without
 * anything around it.
 *
 * @category models
 * @since 0.1.0
 */
export type Layer = "simulated" | "t1" | "t2" | "raw"

/** @internal */
export interface Test {
  /** A clause that could be false. */
  readonly name: string
  /** What the bed has to be able to do. */
  readonly needs: ReadonlyArray<ContractBed.Capability>
  /** Fails with a `ContractViolation` where the bed does not keep the rule. */
  readonly run: (bed: ContractBed.Bed) => Effect.Effect<void, unknown, Scope.Scope>
}

/** @internal */
export interface Rule {
  /** That of the UDP semantics. */
  readonly number: number
  /** The rule in a sentence. */
  readonly title: string
  /** Where real sockets can show it: on loopback, in network namespaces, or nowhere. */
  readonly tier: "t1" | "t2" | "t3"
  /** Whose behaviour it is. */
  readonly system: "any" | "linux" | "node"
  /** What shows it; none where nothing can. */
  readonly tests: ReadonlyArray<Test>
  /** Why it has no test on a layer, by layer. */
  readonly notApplicable: { readonly [K in Layer]?: string }
}

/** @internal What a rule is about: where it can be tested, and the system whose behaviour it is. */
export type About = readonly [tier: Rule["tier"], system: Rule["system"]]

/** @internal */
export const rule = (
  number: number,
  [tier, system]: About,
  title: string,
  tests: ReadonlyArray<Test>,
  notApplicable: Rule["notApplicable"] = {}
): Rule => ({
  number,
  title,
  tier,
  system,
  notApplicable,
  tests: tests.map((test) => ({ ...test, run: (bed) => Effect.mapError(test.run(bed), located(number, test.name)) }))
})

const located = (rule: number, test: string) => (error: unknown): unknown =>
  error instanceof ContractViolation
    ? new ContractViolation({ ...error, rule, test, what: error.what, expected: error.expected, actual: error.actual })
    : error

/** @internal */
export const test = <E>(
  name: string,
  needs: ReadonlyArray<ContractBed.Capability>,
  run: (bed: ContractBed.Bed) => Effect.Effect<void, E, Scope.Scope>
): Test => ({ name, needs, run })

/** @internal */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, ContractViolation> =>
  Equal.equals(actual, expected)
    ? Effect.void
    : Effect.fail(new ContractViolation({ rule: 0, test: "", what, expected, actual }))
