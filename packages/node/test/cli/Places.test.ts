import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Places from "../../src/internal/cli/Places.ts"

describe("usual", () => {
  it.each<[Places.Place, Record<string, string>, string]>([
    ["trust.json", {}, "/home/ada/.config/effect-discovery/trust.json"],
    ["stamps.json", {}, "/home/ada/.local/state/effect-discovery/stamps.json"],
    ["node.key", { XDG_CONFIG_HOME: "/etc/ada" }, "/etc/ada/effect-discovery/node.key"],
    ["stamps.json", { XDG_STATE_HOME: "/var/ada" }, "/var/ada/effect-discovery/stamps.json"],
    // as the specification asks for
    ["node.key", { XDG_CONFIG_HOME: "config" }, "/home/ada/.config/effect-discovery/node.key"],
    ["group.key", { XDG_CONFIG_HOME: "" }, "/home/ada/.config/effect-discovery/group.key"]
  ])("%s with %j is %s", (place, environment, expected) => {
    assert.strictEqual(Effect.runSync(Places.usual(place, environment, "/home/ada")), expected)
  })

  it.each(["", "ada"])("without a home directory, %j, the variable has to say where", (home) => {
    const error = Effect.runSync(Effect.flip(Places.usual("trust.json", {}, home)))
    const there = Effect.runSync(Places.usual("trust.json", { XDG_CONFIG_HOME: "/etc/ada" }, home))

    assert.include(error.message, "There is no home directory for trust.json. Set XDG_CONFIG_HOME ")
    assert.strictEqual(there, "/etc/ada/effect-discovery/trust.json")
  })
})

describe("choose", () => {
  it.effect("takes the file given", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Places.choose(Option.some("x.key"), "node.key"), "x.key")
    }))
})
