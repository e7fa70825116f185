import { assert, describe, it } from "@effect/vitest"
import * as Suspects from "../../../../src/protocol/signedBeacon/gate/Suspects.ts"
import { ada, grace, origin } from "../given.ts"

const blamed = (addresses: ReadonlyArray<string>) => {
  const suspects = Suspects.make()
  for (const address of addresses) Suspects.blame(suspects, origin(address), ada, 0)
  return (address: string, key = ada, now = 0) => Suspects.has(suspects, origin(address), key, now)
}

describe("Suspects", () => {
  it("suspects a pair of address and key after four bad signatures, neither of them alone", () => {
    const isSuspect = blamed(Array.from({ length: 4 }, () => "10.0.0.2"))

    assert.isTrue(isSuspect("10.0.0.2"))
    assert.isFalse(isSuspect("10.0.0.3"))
    assert.isFalse(isSuspect("10.0.0.2", grace))
    assert.isFalse(blamed(["10.0.0.2", "10.0.0.2", "10.0.0.2"])("10.0.0.2"))
  })

  it("forgives in ten seconds, however many there were at once", () => {
    for (const length of [4, 64]) {
      const isSuspect = blamed(Array.from({ length }, () => "10.0.0.2"))

      assert.deepStrictEqual([9_999, 10_000].map((now) => isSuspect("10.0.0.2", ada, now)), [true, false])
    }
  })

  it("counts all addresses of a /64 as one, except link-local ones", () => {
    assert.isTrue(blamed(["fd00:1:2:3::1", "fd00:1:2:3::2", "fd00:1:2:3:4::1", "fd00:1:2:3::5"])("fd00:1:2:3:9::9"))
    assert.isFalse(blamed(Array.from({ length: 4 }, () => "fd00:1:2:3::1"))("fd00:1:2:4::1"))
    assert.isTrue(blamed(["fd00::1", "fd00::2", "fd00::3", "fd00::4"])("fd00::5"))
    assert.isFalse(blamed(["fd00::1", "fd00::2", "fd00::3", "fd00::4"])("fd00:0:0:1::5"))
    assert.isFalse(blamed(["fe80::1", "fe80::2", "fe80::3", "fe80::4"])("fe80::4"))
  })

  it("remembers so many, the latest", () => {
    const others = Array.from({ length: 1_024 }, (_, i) => `10.1.${i >> 8}.${i & 255}`)
    const offend = (address: string) => [address, address, address, address]

    assert.isFalse(blamed([...offend("10.0.0.2"), ...others])("10.0.0.2"))
    assert.isTrue(blamed([...others, ...offend("10.0.0.2")])("10.0.0.2"))
  })

  it("forgets a key with the last of its addresses, and not before", () => {
    const suspects = Suspects.make()
    for (const address of ["10.0.0.2", "10.0.0.2", "10.0.0.3"]) Suspects.blame(suspects, origin(address), ada, 0)
    for (let i = 0; i < 1_023; i++) Suspects.blame(suspects, origin(`10.1.${i >> 8}.${i & 255}`), grace, 0)
    assert.deepStrictEqual(Array.from(suspects.keys), [[ada, 1], [grace, 1_023]])
    Suspects.blame(suspects, origin("10.2.0.1"), grace, 0)

    assert.deepStrictEqual(Array.from(suspects.keys), [[grace, 1_024]])
  })
})
