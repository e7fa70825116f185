import { assert, describe, it } from "@effect/vitest"
import * as Peers from "../src/peers.ts"

describe("Peers", () => {
  it("tells the versions of those that are installed", () => {
    const versions = Peers.versions()

    for (const name of ["multicast-dns", "bonjour-service", "@homebridge/ciao", "dns-packet"]) {
      assert.match(versions[name]!, /^\d+\.\d+\.\d+/)
    }
  })

  it("says which one is not installed", () => {
    assert.throws(() => Peers.load("dns-packet", "/no-such-file"), "dns-packet is not installed")
  })
})
