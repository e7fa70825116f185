import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
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
    assert.strictEqual(Places.usual(place, environment, "/home/ada"), expected)
  })
})

describe("choose", () => {
  it("takes the file given", () => assert.strictEqual(Places.choose(Option.some("x.key"), "node.key"), "x.key"))
})
