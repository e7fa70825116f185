import { assert, describe, it } from "@effect/vitest"
import * as Workload from "../src/Workload.ts"

// A changed digest is a changed benchmark: figures from before and after must not be compared.
const golden: Readonly<Record<Workload.Format, string>> = {
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

  it("json: those of a second announcement are what they have always been", () => {
    assert.strictEqual(
      Workload.digest("json", 1_000, 1),
      "9dcf3f939c3e2fd98951aa127cf974b271a911cc240e6e34574dadeadb0ee688"
    )
  })

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
    const lengths = Workload.formats.map((format) => Workload.datagram(format, 999).length)

    assert.deepStrictEqual(lengths, [141, 25, 21])
  })
})
