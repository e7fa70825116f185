import type { Peer, TrustState } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Standing from "../../../src/internal/registry/Standing.ts"
import * as Given from "../Given.ts"

const key = Given.key(1)
const of = (authentication: Peer.Authentication, state?: TrustState.TrustState, address = "10.0.0.1") =>
  Standing.of(
    Given.provenance({ address }),
    Given.claim("ada", { authentication, key }),
    new Map(state === undefined ? [] : [[key, state]])
  )

describe("of", () => {
  it.each<[Peer.Authentication, Standing.Standing]>([
    ["none", "unverified"],
    ["claimed", "unverified"],
    ["group", "verified"],
    ["signed", "verified"]
  ])("%s from the network is %s", (authentication, standing) => {
    assert.strictEqual(of(authentication), standing)
  })

  it.each<[TrustState.TrustState, Standing.Standing]>([
    ["unknown", "verified"],
    ["pinned", "pinned"],
    ["trusted", "trusted"]
  ])("signed by a key that is %s is %s", (state, standing) => {
    assert.strictEqual(of("signed", state), standing)
  })

  it.each<Peer.Authentication>(["none", "claimed", "group"])(
    "%s gains nothing by naming a trusted key",
    (authentication) => {
      assert.strictEqual(of(authentication, "trusted"), of(authentication))
    }
  )

  it("what the program itself names is configured", () => {
    assert.strictEqual(of("none", undefined, ""), "configured")
  })
})
