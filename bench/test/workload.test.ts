import { assert, describe, it } from "@effect/vitest"
import * as Workload from "../src/Workload.ts"

// A changed digest is a changed benchmark: figures from before and after must not be compared.
const golden: Readonly<Record<Workload.Format, string>> = {
  mdns6: "b69da84a0a6b5b79914e4eb206f43723d5084fb17d5f7cabd743e4dab09d96b2",
  syncthing4: "a1133f6818af91d08baae789dda77a7c21659587ef8e64c3248fbfbb04299b9d",
  json: "e95f50fadd999ccffa88974b8e53fca6d73dcc65b645d4d05b89ee37bc4bffd2",
  peerage: "77ae9a1390e5144dc48045e338e147fd6a3494fc67f18b14269498dbcc3e9dd4",
  syncthing0: "85118afc154fa5cfcb6b2790ced69d08a0f1d26f60332336b7497a8f8ca0d560"
}

describe("Workload", () => {
  for (const format of Workload.formats) {
    it(`${format}: the datagrams of 1,000 peers are what they have always been`, () => {
      assert.strictEqual(Workload.digest(format, 1_000), golden[format])
    })
  }

  it("those of a second announcement are what they have always been", () => {
    assert.strictEqual(
      Workload.digest("json", 1_000, 1),
      "9dcf3f939c3e2fd98951aa127cf974b271a911cc240e6e34574dadeadb0ee688"
    )
    assert.strictEqual(
      Workload.digest("mdns6", 1_000, 1),
      "2d4896ab8ae22eed088673cfb102a411f17228342513417df06760a151e72a64"
    )
  })

  for (const format of ["mdns6", "json"] as const) {
    it(`${format}: a changed datagram is made one of another round in place`, () => {
      const payload = Workload.datagram(format, 3, Workload.firstRound)
      const at = Workload.roundAt(payload)

      Workload.setRound(payload, at, 7)
      assert.deepStrictEqual(payload, Workload.datagram(format, 3, Workload.firstRound + 7))

      Workload.setRound(payload, at, 90_001)
      assert.deepStrictEqual(payload, Workload.datagram(format, 3, Workload.firstRound + 1))
    })
  }

  it("every peer has a source address of its own in 127.0.0.0/8", () => {
    const addresses = Array.from({ length: 100_000 }, (_, index) => Workload.addressOf(index))

    assert.strictEqual(new Set(addresses).size, addresses.length)
    assert.deepStrictEqual([addresses[0], addresses[999], addresses[99_999]], [
      "127.1.0.0",
      "127.1.3.231",
      "127.2.134.159"
    ])
  })

  it("datagrams are as long as the specification says", () => {
    const lengths = Workload.formats.map((format) => Workload.datagram(format, 256).length)

    assert.deepStrictEqual(lengths, [210, 93, 141, 23, 21])
  })
})
