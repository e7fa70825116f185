import { assert, describe, it } from "@effect/vitest"
import * as Origin from "../../../src/internal/registry/Origin.ts"

describe("of", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["", ""],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["febf::1", "febf::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["2001:4860:1:2:3:4:5:6", "2001:4860:1:2::/64"],
    ["2001:4860:1:2::9", "2001:4860:1:2::/64"],
    ["2001:4860:1:3::9", "2001:4860:1:3::/64"],
    ["fd12::1", "fd12:0:0:0::/64"],
    ["fec0::1%2", "fec0:0:0:0::/64"],
    ["no:address", "no:address"]
  ])("%s is counted as %s", (address, origin) => {
    assert.strictEqual(Origin.of(address), origin)
  })
})

describe("format", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1:9"],
    ["fe80::1%eth0", "[fe80::1%eth0]:9"]
  ])("%s", (address, text) => {
    assert.strictEqual(Origin.format(address, 9), text)
  })
})
