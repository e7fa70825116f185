import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import type * as Output from "../../../src/protocol/ppspp/channels/Output.ts"
import * as Hearsay from "../../../src/protocol/ppspp/Hearsay.ts"
import * as Neighbours from "../../../src/protocol/ppspp/Neighbours.ts"
import * as Given from "./given.ts"
import { at } from "./wire.ts"

const bob = "10.0.0.2:6778"
const grace = "10.0.0.3:6778"
const make = (options: Partial<Neighbours.Options> = {}) =>
  Neighbours.make({ source: "ppspp", swarm: Given.swarm, bootstrap: [], follow: 4, ...options }, 1, 0)
const peer = (text: string) => ({ swarm: Given.swarm, address: at(text), channel: 1 })
const named = (by: string, addresses: ReadonlyArray<string>): Neighbours.Input => ({
  _tag: "Named",
  peer: peer(by),
  addresses: addresses.map(at)
})
const opened = (text: string, isRestart = false): Neighbours.Input => ({ _tag: "Opened", peer: peer(text), isRestart })

const unanswered = (text: string, reason: Output.Unanswered["reason"] = "silence"): Neighbours.Input => ({
  _tag: "Unanswered",
  swarm: Given.swarm,
  address: at(text),
  reason
})

/** What comes of an input, a line each. */
const take = (self: Neighbours.Neighbours, input: Neighbours.Input, now = 0): ReadonlyArray<string> => {
  const out: Array<Neighbours.Want> = []
  Neighbours.take(self, input, now, out)
  return out.map(line)
}

const line = (want: Neighbours.Want): string => {
  if (want._tag === "Connect") return `connect ${NetAddress.formatInet(want.address)} ${want.tries ?? ""}`.trim()
  const { input } = want
  if (input._tag === "Withdrawn") return `gone ${input.identity.slice(41)} from ${input.provenance.address}`
  const { addresses, attributes, identity, name } = input.claim
  assert.strictEqual(identity, `${Given.id}@${name}`)
  assert.deepStrictEqual(addresses.map(NetAddress.formatInet), [name])
  const said = Object.entries(attributes.toJSON()).filter(([key]) => key !== "swarm").map((entry) => entry.join("="))
  return [`there ${name} from ${input.provenance.address}`, ...said].join(" ")
}

describe("neighbours", () => {
  it("that are known are asked at once, and again after ever longer pauses", () => {
    const self = make({ bootstrap: [at(bob)] })
    const times: Array<number> = []
    for (let now = 0; now < 3_600_000; now += 1_000) {
      if (take(self, { _tag: "Woke" }, now).length === 0) continue
      times.push(now)
      take(self, unanswered(bob), now)
    }
    const pauses = times.slice(1).map((time, index) => time - times[index]!)

    assert.strictEqual(times[0], 0)
    assert.isAtMost(pauses[0]!, 8_000)
    assert.isAtLeast(Math.max(...pauses), 220_000)
    assert.isAtMost(Math.max(...pauses), 376_000)
  })

  it("with a channel are there, from their own address, and renewed every half minute", () => {
    const self = make()

    assert.deepStrictEqual(take(self, opened(bob)), [`there ${bob} from 10.0.0.2`])
    assert.deepStrictEqual(take(self, { _tag: "Heard", peer: peer(bob), messages: [] }, 29_999), [])
    assert.deepStrictEqual(take(self, { _tag: "Heard", peer: peer(bob), messages: [] }, 30_000), [
      `there ${bob} from 10.0.0.2`
    ])
  })

  it("that restarted say so", () => {
    const self = make()
    take(self, opened(bob))

    assert.deepStrictEqual(take(self, opened(bob, true)), [`there ${bob} from 10.0.0.2 restarts=1`])
  })

  it("that moved are gone from where they were", () => {
    const self = make()
    take(self, opened(bob))

    assert.deepStrictEqual(take(self, { _tag: "Moved", peer: peer("10.0.0.2:9"), from: at(bob) }), [
      `gone ${bob} from 10.0.0.2`,
      "there 10.0.0.2:9 from 10.0.0.2"
    ])
  })

  it("that were only named say by whom, until they answer themselves", () => {
    const self = make()

    assert.deepStrictEqual(take(self, named(bob, [grace])), [`there ${grace} from ${bob} named-by=${bob}`])
    assert.deepStrictEqual(take(self, { _tag: "Woke" }, 1_000), [`connect ${grace} 2`])
    assert.deepStrictEqual(take(self, opened(grace), 1_100), [
      `there ${grace} from 10.0.0.3`,
      `gone ${grace} from ${bob}`
    ])
    assert.deepStrictEqual(take(self, named(bob, [grace]), 2_000), [])
  })

  it("that were named and do not answer are gone, and not believed in for ten minutes", () => {
    const self = make()
    take(self, named(bob, [grace]))
    take(self, { _tag: "Woke" }, 1_000)

    assert.deepStrictEqual(take(self, unanswered(grace), 4_000), [
      `gone ${grace} from ${bob}`
    ])
    assert.deepStrictEqual(take(self, named(bob, [grace]), 600_000), [])
    assert.strictEqual(take(self, named(bob, [grace]), 605_000).length, 1)
  })

  it("that were named and want no channel are gone as well", () => {
    const self = make()
    take(self, named(bob, [grace]))
    take(self, { _tag: "Woke" }, 1_000)

    assert.deepStrictEqual(take(self, unanswered(grace, "refused"), 1_010), [`gone ${grace} from ${bob}`])
  })

  it("that were named and that we have no room for stay, and are asked when there is", () => {
    const self = make({ follow: 1 })
    take(self, named(bob, [grace]))
    take(self, { _tag: "Woke" }, 1_000)

    assert.deepStrictEqual(take(self, unanswered(grace, "full"), 1_000), [])
    assert.deepStrictEqual(take(self, { _tag: "Woke" }, 1_999), [])
    assert.deepStrictEqual(take(self, { _tag: "Woke" }, 2_000), [`connect ${grace} 2`])
  })

  it("that were named are asked one a second, and only so many at a time", () => {
    const self = make({ follow: 6 })
    take(self, named(bob, Array.from({ length: 16 }, (_, index) => `10.0.1.${index}:1`)))
    const asked: Array<string> = []
    for (let now = 0; now < 60_000; now += 100) {
      const wants = take(self, { _tag: "Woke" }, now)
      assert.isAtMost(wants.length, 1)
      asked.push(...wants)
    }

    assert.strictEqual(asked.length, 3)
    take(self, unanswered("10.0.1.0:1"), 60_000)
    assert.deepStrictEqual(take(self, { _tag: "Woke" }, 61_000), ["connect 10.0.1.3:1 2"])
  })

  it("that one informant named leave places for those of others, whatever ports it names from", () => {
    const self = make({ follow: 16 })
    const asked = new Map<string, number>()
    for (let now = 0; now < 100_000; now += 1_000) {
      const informant = now < 50_000 ? 2 : 3
      const some = Array.from({ length: 16 }, (_, index) => `10.${informant}.${now / 1_000}.${index}:1`)
      take(self, named(`10.0.0.${informant}:${1 + now / 1_000}`, some), now)
      for (const want of take(self, { _tag: "Woke" }, now)) {
        const network = want.split(".")[1]!
        asked.set(network, (asked.get(network) ?? 0) + 1)
        // each is there, and so keeps its place
        take(self, opened(want.split(" ")[1]!), now)
      }
    }

    assert.deepStrictEqual(Array.from(asked), [["2", 8], ["3", 4]])
  })

  it("that were named are not asked where that is not wanted", () => {
    const self = make({ follow: 0 })
    take(self, named(bob, [grace]))

    assert.deepStrictEqual(take(self, { _tag: "Woke" }, 1_000), [])
  })
})

describe("hearsay", () => {
  const rumour = (address: string, informant: string, heardAt = 0) => ({
    address: at(address),
    informant,
    source: informant.replace(/:.*/, ""),
    heardAt
  })

  it("is bounded for each informant: the oldest of its own goes", () => {
    const self = Hearsay.make()
    Hearsay.add(self, rumour(grace, "other"), 1_000)
    for (let i = 0; i < 32; i++) assert.deepStrictEqual(Hearsay.add(self, rumour(`10.1.0.${i}:1`, bob), 1_000), [])

    assert.deepStrictEqual(Hearsay.add(self, rumour("10.1.0.99:1", bob), 1_000), [rumour("10.1.0.0:1", bob)])
    assert.isTrue(self.rumours.has(grace))
  })

  it("is bounded in all, and so is what is known to be nobody's", () => {
    const self = Hearsay.make()
    for (let i = 0; i < 2_000; i++) {
      Hearsay.add(self, rumour(`10.1.${i >> 8}.${i & 255}:1`, `10.2.0.${i & 63}:1`), 1_000)
      Hearsay.refute(self, at(`10.3.${i >> 8}.${i & 255}:1`), 0)
    }

    assert.strictEqual(self.rumours.size, Hearsay.most)
    assert.strictEqual(self.refuted.size, Hearsay.most)
  })

  it("of one host on many ports does not displace what others said", () => {
    const self = Hearsay.make()
    for (let i = 0; i < 20; i++) Hearsay.add(self, rumour(`10.1.0.${i}:1`, grace), 1_000)
    for (let i = 0; i < 2_000; i++) {
      Hearsay.add(self, rumour(`10.4.${i >> 8}.${i & 255}:1`, `10.2.0.9:${1 + (i % 40)}`), 1_000)
    }
    assert.strictEqual(self.rumours.size, 20 + 32)
    for (let i = 0; i < 2_000; i++) {
      Hearsay.add(self, rumour(`10.5.${i >> 8}.${i & 255}:1`, `10.2.1.${i % 10}:1`), 1_000)
    }

    assert.strictEqual(self.rumours.size, Hearsay.most)
    assert.strictEqual(Array.from(self.rumours.values()).filter(({ informant }) => informant === grace).length, 20)
  })

  it("does not have a bystander asked on one port after another", () => {
    const self = make({ follow: 16 })
    let asked = 0
    let port = 1
    for (let now = 0; now < 300_000; now += 1_000) {
      take(self, named(bob, Array.from({ length: 16 }, () => `9.9.9.9:${port++}`)), now)
      for (const want of take(self, { _tag: "Woke" }, now)) {
        asked++
        take(self, unanswered(want.split(" ")[1]!), now)
      }
    }

    assert.strictEqual(asked, Hearsay.perHost)
  })

  it("stays with who said it first, as long as that one repeats it", () => {
    const self = Hearsay.make()
    Hearsay.add(self, rumour(grace, bob), 1_000)

    assert.isUndefined(Hearsay.add(self, rumour(grace, "other", 999), 1_000))
    assert.deepStrictEqual(Hearsay.add(self, rumour(grace, "other", 1_000), 1_000), [rumour(grace, bob)])
  })
})
