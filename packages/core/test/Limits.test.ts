import { Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

const names = Object.keys(Limits.defaults) as ReadonlyArray<keyof Limits.Limits>

describe("defaults", () => {
  it("are the figures of the security notes (S 4)", () => {
    const { datagramsPerSource, evidencePerPeer, peersPerSource, sources, unverifiedPeers, verifiedPeers } =
      Limits.defaults

    assert.deepStrictEqual(datagramsPerSource, { perSecond: 50, burst: 200 })
    assert.deepStrictEqual([unverifiedPeers, verifiedPeers, peersPerSource, sources, evidencePerPeer], [
      2_048,
      1_024,
      64,
      1_024,
      4
    ])
  })
})

describe("make", () => {
  it("changes what it is given and nothing else", () => {
    assert.deepStrictEqual(Limits.make(), Limits.defaults)
    assert.deepStrictEqual(Limits.make({ nameBytes: 63 }), { ...Limits.defaults, nameBytes: 63 })
  })

  it("a rate may be slower than one a second", () => {
    const datagramsPerSource = { perSecond: 0.1, burst: 1 }

    assert.deepStrictEqual(Limits.make({ datagramsPerSource }), { ...Limits.defaults, datagramsPerSource })
  })

  it.each(names)("%s can be neither infinite, nor zero, nor less", (name) => {
    for (const figure of [Infinity, -Infinity, NaN, 0, -1]) {
      const values = typeof Limits.defaults[name] === "number"
        ? [figure]
        : [{ perSecond: figure, burst: 1 }, { perSecond: 1, burst: figure }]
      for (const value of values) {
        assert.throws(() => Limits.make({ [name]: value }), RangeError, `Limits.${name} must be positive and finite`)
      }
    }
  })
})
