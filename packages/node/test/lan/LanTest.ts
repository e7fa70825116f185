/**
 * Tests on LANs of their own, so that they can run beside each other: they wait most of their time.
 */
import { describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Lan from "./Lan.ts"
import * as Namespace from "./Namespace.ts"

/** What a test may take, in milliseconds, also on a machine that is busy. */
const timeout = 90_000

/** A test on a LAN of so many hosts. */
export const test = (title: string, body: Effect.Effect<unknown, unknown, Lan.Lan | Scope.Scope>, hosts = 2): void =>
  it.live(title, () => Effect.scoped(body).pipe(Effect.provide(Lan.layer(hosts))), timeout)

/** Tests that run beside each other, or are skipped for a reason. */
export const suite = (title: string, unavailable: string | undefined, tests: () => void): void => {
  const reason = Namespace.unavailable ?? unavailable
  if (reason !== undefined) console.warn(`skipped, since ${reason}`)
  describe.skipIf(reason !== undefined)(title, { concurrent: true }, tests)
}
