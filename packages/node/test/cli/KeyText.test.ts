import { PeerKey, type TrustEntry } from "@effect-discovery/core"
import { Syncthing } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import * as KeyText from "../../src/internal/cli/KeyText.ts"

const key = PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
const entry = (parts: Partial<TrustEntry.TrustEntry> = {}): TrustEntry.TrustEntry => ({
  key,
  state: "trusted",
  addedAt: 0,
  ...parts
})

describe("parse", () => {
  it.each([key, key.toUpperCase(), ` ${key} `, Syncthing.deviceId(key)])("%j", (text) => {
    assert.deepStrictEqual(KeyText.parse(text), Option.some(key))
  })

  it.each(["", "ada", key.slice(1), `${key}0`, "21fe 31df a154 a261", "21fe31dfa154a261"])(
    "S-T3 %j is no whole key",
    (text) => assert.isTrue(Option.isNone(KeyText.parse(text)))
  )
})

describe("entry", () => {
  it("S-T3 has the whole key and its fingerprint, and the name last", () => {
    assert.strictEqual(
      KeyText.entry(entry({ name: "a\u001b[2J" })),
      `trusted  ${key}  21fe 31df a154 a261  a\\u{1b}[2J`
    )
  })

  it("says how it ends", () => {
    assert.include(KeyText.entry(entry({ until: 0 })), "  until 1970-01-01T00:00:00.000Z")
    assert.match(KeyText.entry(entry({ state: "denied", isRetired: true })), /^retired {2}/)
  })

  it("is an object for programs", () => {
    assert.deepStrictEqual(JSON.parse(KeyText.entryJson(entry({ name: "ada", until: 1 }))), {
      key,
      fingerprint: "21fe 31df a154 a261",
      state: "trusted",
      name: "ada",
      addedAt: "1970-01-01T00:00:00.000Z",
      until: "1970-01-01T00:00:00.001Z"
    })
  })
})
