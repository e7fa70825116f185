import { DiscoveryError, PeerKey, TrustError } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
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

  it.effect("names the interfaces to choose from, where there are any", () =>
    Effect.gen(function*() {
      yield* Failure.report(Cause.fail(new Failure.UnknownInterface({ name: "wlan0", up: ["lo", "eth0"] })))
      yield* Failure.report(Cause.fail(new Failure.UnknownInterface({ name: "lo", up: [] })))

      assert.deepStrictEqual(yield* TestConsole.errorLines, [
        "discover: No interface named wlan0 is up; choose from lo, eth0.",
        "discover: No interface named lo is up, nor is any other."
      ])
    }))

  it.effect("advises nothing that only a program can do", () =>
    Effect.gen(function*() {
      const advice = "Ask from a port of your own with Mdns.lookupOnce"
      const asked = { _tag: "ResolveError", reason: { _tag: "InvalidQuestion", name: "printer", limit: "of local" } }
      const pinned = PeerKey.PeerKey.make("b".repeat(64))
      const errors = [
        DiscoveryError.make(new DiscoveryError.AddressInUse({ ...where, advice })),
        Schema.decodeUnknownSync(Mdns.ResolveError)(asked),
        TrustError.make(new TrustError.NameTaken({ realm: "chat", name: "bob", pinned })),
        TrustError.make(new TrustError.KeyFileExists({ file: "node.key" }))
      ]
      for (const error of errors) yield* Failure.report(Cause.fail(error))

      assert.deepStrictEqual((yield* TestConsole.errorLines).map((line) => String(line).split(". ").at(-1)), [
        "Stop that program, or let it share the port (SO_REUSEADDR, on BSD and macOS SO_REUSEPORT).",
        "Give the name of a host, such as printer.local, or of a service, such as \"Kitchen Printer._ipp._tcp.local\", with a backslash before each dot of its own.",
        "If its owner confirms that the key has changed, take the old one off the list with discover trust remove, then pin the new one.",
        "See it with discover key show, or choose another file with --file."
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
