import { DiscoveryError } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { TestConsole } from "effect/testing"
import * as Failure from "../../src/internal/cli/Failure.ts"

const told = (cause: Cause.Cause<unknown>) =>
  Effect.map(Effect.andThen(Failure.report(cause), TestConsole.errorLines), (lines) => lines.map(String))

const failed = (reason: DiscoveryError.Reason) => told(Cause.fail(DiscoveryError.make(reason)))

const where = { source: "peerage", endpoint: "230.1.1.1:45900", interface: "eth0", cause: new Error("EPERM") }

describe("report", () => {
  it.effect("says what to do without permission", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failed(new DiscoveryError.PermissionDenied(where)), [
        "discover: peerage may not open 230.1.1.1:45900 (eth0). Allow UDP for this program, or choose a port above 1023."
      ])
    }))

  it.effect("says what to do without an interface", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failed(new DiscoveryError.NoUsableInterface({ source: "json", available: [] })), [
        "discover: No network interface is up. Connect to a network."
      ])
    }))

  it.effect("commands nothing, whatever the system said", () =>
    Effect.gen(function*() {
      const cause = new Error("no\u001b[31m")
      const [line = ""] = yield* failed(new DiscoveryError.SourceFailed({ source: "json", cause }))

      assert.include(line, "no\\u{1b}[31m")
    }))

  it.effect("shows where a defect is, since that is to be reported", () =>
    Effect.gen(function*() {
      const [text = ""] = yield* told(Cause.die(new TypeError("oops")))

      assert.include(text, "TypeError: oops")
      assert.include(text, "Failure.test.ts")
    }))

  it.effect("has nothing to say of Ctrl-C", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* told(Cause.interrupt()), [])
    }))
})
