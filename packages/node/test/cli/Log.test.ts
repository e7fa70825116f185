import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import * as Failure from "../../src/internal/cli/Failure.ts"
import * as Log from "../../src/internal/cli/Log.ts"

const logged = (effect: Effect.Effect<void>) =>
  effect.pipe(
    Effect.provide(Log.layer),
    Effect.andThen(TestConsole.errorLines),
    Effect.map((lines) => lines.map(String))
  )

describe("layer", () => {
  it.effect("S-D2 writes one line to standard error, with the annotations after the message", () =>
    Effect.gen(function*() {
      const lines = yield* logged(
        Effect.logWarning("the policy is open").pipe(Effect.annotateLogs({ peer: "json:x", attempts: 2 }))
      )

      assert.deepStrictEqual(lines, ["discover: warn: the policy is open peer=json:x attempts=2"])
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
    }))

  it.effect("says why", () =>
    Effect.gen(function*() {
      const failed = Effect.fail(new Failure.KeyMissing({ file: "a\n\u001b[2J", command: "b" }))
      const lines = yield* logged(Effect.andThen(
        Effect.ignore(failed, { log: "Warn" }),
        Effect.ignore(failed, { log: "Warn", message: "not kept:" })
      ))

      assert.deepStrictEqual(lines, [
        "discover: warn: There is no key in a\\u{a}\\u{1b}[2J. Make one with b.",
        "discover: warn: not kept: There is no key in a\\u{a}\\u{1b}[2J. Make one with b."
      ])
    }))

  it.effect("S-D2 commands nothing, whatever is annotated", () =>
    Effect.gen(function*() {
      const [line = ""] = yield* logged(
        Effect.logInfo("told", { name: "y\r\n\u202e" }).pipe(Effect.annotateLogs("n\u0007", "x\n\u001b[2J"))
      )

      assert.strictEqual(line, `discover: info: told {"name":"y\\r\\n\\u202e"} n\\u{7}=x\\u{a}\\u{1b}[2J`)
    }))
})
