import { SignedBeacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"

const realm = "chat"

describe("source", () => {
  it.each([{ port: 0 }, { group4: "10.0.0.1" }, { group6: "::1" }, { interval: 0 }, { ttl: "19 hours" }] as const)(
    "throws on %o, which no beacon can have",
    (options) => {
      assert.throws(() => SignedBeacon.source({ realm, ...options }), RangeError)
    }
  )
})

describe("json", () => {
  it.each([{ port: 0 }, { multicast: "10.0.0.1" }, { interval: 0 }, { ttl: 0 }] as const)(
    "throws on %o before it is opened",
    (options) => {
      assert.throws(() => SignedBeacon.json({ realm, ...options }), RangeError)
    }
  )
})
