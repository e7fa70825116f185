import { assert, describe, it } from "@effect/vitest"
import { isSameAddress } from "../../src/internal/Same.ts"
import * as Given from "./Given.ts"

const isSame = (self: string, that: string): boolean => isSameAddress(Given.address(self), Given.address(that))

describe("isSameAddress", () => {
  it.each(["10.0.0.1:80", "[fe80::1%2]:80", "[::ffff:10.0.0.1]:80"])("%s is itself, read twice", (text) => {
    assert.isTrue(isSame(text, text))
  })

  it.each([
    ["10.0.0.1:80", "10.0.0.2:80"],
    ["10.0.0.1:80", "10.0.0.1:81"],
    ["10.0.0.1:80", "[::ffff:10.0.0.1]:80"],
    ["[::ffff:10.0.0.1]:80", "10.0.0.1:80"],
    ["[fe80::1%2]:80", "[fe80::1%3]:80"],
    ["[fe80::1%2]:80", "[fe80::1]:80"],
    ["[fe80::1]:80", "[fe80::2]:80"]
  ])("%s is not %s", (self, that) => {
    assert.isFalse(isSame(self, that))
  })
})
