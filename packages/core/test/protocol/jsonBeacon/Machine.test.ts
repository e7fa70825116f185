import { Announcement, Machine, type Protocol } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import type * as Machines from "../../../src/protocol/jsonBeacon/Machine.ts"
import { address, advertise, received, sent, withdraw } from "../laws.ts"
import * as Vectors from "../vectors.ts"

const protocol = JsonBeacon.protocol()

type Protocols = typeof protocol
type State = Protocols extends Protocol.Protocol<infer A> ? A : never

/** A node at an address, and what it makes of what happens at a time. */
const nodeAt = (ip: string, seed = 1, given: Protocols = protocol) => {
  let step = given.init(seed, 0)
  return {
    address: address(ip, 40_000),
    wakeAt: () => step.wakeAt,
    state: (): State => step.state,
    take: (input: Protocol.Input, now: number): ReadonlyArray<Protocol.Output> => {
      step = given.step(step.state, input, now)
      return step.outputs
    }
  }
}

type Node = ReturnType<typeof nodeAt>

const announcement = (index: number) =>
  Announcement.make({ name: `host ${index}`, identity: `id ${index}`, port: 8_080, attributes: { n: String(index) } })

const json = (payload: Uint8Array) => JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>
const announcementOf = (index: number, ttl = 600) =>
  Vectors.fromText(JSON.stringify({ username: `host ${index}`, id: `id ${index}`, port: 8_080, ttl }))

/** Tells a node of so many others. */
const introduce = (node: Node, count: number, now: number, from = 100): void => {
  for (let index = from; index < from + count; index++) {
    node.take(received(announcementOf(index), address(`10.1.${index >> 8}.${index & 255}`, 9)), now)
  }
}

const isTo = (node: Node, to: Protocol.Transmit["to"]): boolean =>
  "address" in to && NetAddress.formatInet(to) === NetAddress.formatInet(node.address)

/** Nodes that hear what each other send, at once. */
const link = (nodes: ReadonlyArray<Node>) => {
  const log: Array<readonly [from: Node, payload: Record<string, unknown>, octets: number]> = []
  const times: Array<number> = []
  const announced: Array<readonly [at: Node, output: Protocol.Announced]> = []
  const perform = (from: Node, outputs: ReadonlyArray<Protocol.Output>, now: number): void => {
    for (const output of outputs) {
      if (output._tag === "Announced") announced.push([from, output])
      if (output._tag !== "Transmit") continue
      times.push(now)
      log.push([from, json(output.payload), output.payload.length])
      const isUnicast = "address" in output.to
      for (const node of nodes) {
        if (node === from || (isUnicast && !isTo(node, output.to))) continue
        perform(node, node.take(received(output.payload, from.address), now), now)
      }
    }
  }
  const pass = (until: number): void => {
    while (true) {
      const next = nodes.toSorted((a, b) => a.wakeAt() - b.wakeAt())[0]!
      if (next.wakeAt() > until) return
      const now = next.wakeAt()
      perform(next, next.take(Machine.Woke, now), now)
    }
  }
  return { log, times, announced, perform, pass }
}

describe("announcing", () => {
  it("is first done within 50 ms, then in its interval, and says nothing new", () => {
    const all = sent(Machine.replay(protocol, { seed: 1, inputs: [[0, advertise(announcement(1))]], until: 60_000 }))
    const gaps = all.slice(1).map(([at], index) => at - all[index]![0])

    assert.isAtMost(all[0]![0], 50)
    assert.isTrue(gaps.every((gap) => gap >= 1_900 && gap <= 2_000))
    assert.strictEqual(new Set(all.map(([, payload]) => new TextDecoder().decode(payload))).size, 1)
  })

  it("says how long it holds and whom it has heard, among many", () => {
    const node = nodeAt("10.0.0.1")
    introduce(node, 999, 0)
    node.take(advertise(announcement(1)), 100)
    const [output] = node.take(Machine.Woke, node.wakeAt())
    const said = json((output as Protocol.Transmit).payload)

    assert.strictEqual(said["ttl"], 3 * 75)
    assert.match(String(said["seen"]), /^[0-9a-f]{64}$/)
    assert.isAtLeast(node.wakeAt(), 25_000)
  })

  it("never says less than it was told to", () => {
    const node = nodeAt("10.0.0.1", 1, JsonBeacon.protocol({ ttl: "10 minutes" }))
    introduce(node, 999, 0)
    node.take(advertise(announcement(1)), 100)
    const [output] = node.take(Machine.Woke, node.wakeAt())

    assert.strictEqual(json((output as Protocol.Transmit).payload)["ttl"], 600)
  })

  it("tells a change at once, and a goodbye only to who was told", () => {
    const node = nodeAt("10.0.0.1")
    assert.deepStrictEqual(node.take(advertise(announcement(1)), 0), [])
    assert.deepStrictEqual(node.take(advertise(announcement(2)), 1), [])
    const [first] = node.take(Machine.Woke, node.wakeAt())
    const [change] = node.take(advertise(Announcement.update(announcement(2), { name: "changed" })), 1_000)
    const [goodbye] = node.take(withdraw(), 2_000)
    const early = nodeAt("10.0.0.1")
    early.take(advertise(announcement(1)), 0)

    assert.strictEqual(json((first as Protocol.Transmit).payload)["username"], "host 2")
    assert.strictEqual(json((change as Protocol.Transmit).payload)["username"], "changed")
    assert.strictEqual(json((goodbye as Protocol.Transmit).payload)["ttl"], 0)
    const keys = [first, change, goodbye].map((output) => (output as Protocol.Transmit).key)
    assert.deepStrictEqual(keys, [0, 0, undefined])
    assert.deepStrictEqual(early.take(withdraw(), 1), [])
  })

  it("begins anew with a session that begins anew", () => {
    const node = nodeAt("10.0.0.1")
    const input = advertise(announcement(1))
    node.take(input, 0)
    node.take(Machine.Woke, node.wakeAt())

    assert.deepStrictEqual(node.take(input, 1_000), [])
    assert.isAtMost(node.wakeAt(), 1_050)
  })

  it("begins anew at a pace where all know each other and do so together", () => {
    const nodes = Array.from({ length: 130 }, (_, index) => nodeAt(`10.0.0.${index}`, index))
    const inputs = nodes.map((_, index) => advertise(announcement(index)))
    const { pass, perform, times } = link(nodes)
    const mostIn100 = (from: number, until: number) => {
      nodes.forEach((node, index) => perform(node, node.take(inputs[index]!, from), from))
      pass(until)
      const said = times.filter((time) => time >= from)
      return Math.max(...said.map((time) => said.filter((other) => other >= time && other < time + 100).length))
    }

    assert.isAtMost(mostIn100(0, 5_000), 80)
    assert.isAtMost(mostIn100(5_000, 10_000), 80)
  })

  it("S-U7 takes its echo for nothing, and what else is said in its name for no peer", () => {
    const node = nodeAt("10.0.0.1")
    node.take(advertise(announcement(1)), 0)
    const [first] = node.take(Machine.Woke, node.wakeAt())

    assert.deepStrictEqual(node.take(received((first as Protocol.Transmit).payload), 60), [])
    assert.deepStrictEqual(node.take(received(announcementOf(1)), 60), [{ _tag: "Rejected", reason: "selfSpoof" }])
  })

  it("leaves out the digest where there is no room for it", () => {
    const node = nodeAt("10.0.0.1")
    introduce(node, 999, 0)
    node.take(advertise(Announcement.make({ name: "ada", attributes: { k: "v".repeat(1_340) } })), 100)
    const [output] = node.take(Machine.Woke, node.wakeAt())
    const { payload } = output as Protocol.Transmit

    assert.isAtMost(payload.length, 1_472)
    assert.isUndefined(json(payload)["seen"])
    assert.strictEqual(json(payload)["ttl"], 225)
  })
})

/** Old hosts that know each other and `count` more, and one that is new. */
const settled = (count: number, old = 3) => {
  const nodes = Array.from({ length: old }, (_, index) => nodeAt(`10.0.0.${index + 1}`, index + 1))
  for (const node of nodes) introduce(node, count, 0)
  nodes.forEach((node, index) => node.take(advertise(announcement(index + 1)), 0))
  const before = link(nodes)
  before.pass(70_000)
  const newcomer = nodeAt("10.0.0.99", 99)
  return { nodes, newcomer, ...link([...nodes, newcomer]) }
}

const kinds = (log: ReturnType<typeof link>["log"]) =>
  log.map(([, payload]) => Object.keys(payload)[0]!).filter((kind) => kind !== "username")

describe("a newcomer", () => {
  it("asks once, is offered once, and is told of all, with where they are and for how long they hold", () => {
    const { announced, log, newcomer, pass } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    pass(100_000)
    const hearsay = announced.filter(([at, output]) => at === newcomer && output.hearsay !== undefined)
    const last = hearsay.find(([, { claim }]) => claim.identity === "id 299")![1]

    assert.deepStrictEqual(kinds(log).slice(0, 3), ["ask", "offer", "want"])
    assert.strictEqual(kinds(log).filter((kind) => kind === "ask").length, 1)
    assert.strictEqual(kinds(log).filter((kind) => kind === "offer").length, 1)
    // the three old ones as well: who tells comes without an address of its own
    assert.strictEqual(hearsay.length, 203)
    assert.strictEqual(NetAddress.formatIp(last.hearsay!.address), "10.1.1.43")
    assert.deepStrictEqual(last.claim.addresses.map(NetAddress.formatInet), ["10.1.1.43:8080"])
    assert.strictEqual(last.claim.authentication, "none")
    assert.isAtMost(last.claim.ttl, 600_000 - 70_000)
    assert.isAbove(last.claim.ttl, 400_000)
  })

  it("announces itself as often as it has heard others, whomever it was told of", () => {
    const { announced, log, newcomer, pass } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    pass(100_000)
    const own = log.filter(([from, payload]) => from === newcomer && payload["username"] !== undefined)

    assert.isAbove(announced.filter(([at]) => at === newcomer).length, 200)
    assert.isAtLeast(own.length, 15)
    assert.isUndefined(own.at(-1)![1]["ttl"])
  })

  it("asks no more once it is told, whatever digests it hears", () => {
    const { log, newcomer, pass } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    pass(80_000)
    log.length = 0
    const strange = Vectors.fromText(JSON.stringify({ username: "x", id: "x", seen: "0000000000000001".repeat(4) }))
    newcomer.take(received(strange), 80_001)
    pass(90_000)

    assert.deepStrictEqual(kinds(log), [])
  })

  it("S-V2 that announces nothing asks nothing", () => {
    const { log, newcomer, pass } = settled(200)
    pass(200_000)

    assert.deepStrictEqual(kinds(log), [])
    assert.strictEqual(log.filter(([from]) => from === newcomer).length, 0)
  })

  it("gives up when nobody offers, after three questions", () => {
    const newcomer = nodeAt("10.0.0.99")
    newcomer.take(advertise(announcement(99)), 0)
    const { log, pass } = link([newcomer])
    pass(100)
    const digest = (at: number) => {
      const text = JSON.stringify({ username: "x", id: "x", seen: Array.from("12345678", (n) => n.repeat(8)).join("") })
      newcomer.take(received(Vectors.fromText(text)), at)
    }
    digest(100)
    pass(30_000)
    digest(30_000)
    pass(59_000)

    assert.deepStrictEqual(kinds(log), ["ask", "ask", "ask"])
  })

  it("asks no more when it has been there for a minute", () => {
    const host = nodeAt("10.0.0.99")
    host.take(advertise(announcement(99)), 0)
    const { log, pass } = link([host])
    pass(61_000)
    const text = JSON.stringify({ username: "x", id: "x", seen: Array.from("12345678", (n) => n.repeat(8)).join("") })
    host.take(received(Vectors.fromText(text)), 61_000)
    pass(70_000)

    assert.deepStrictEqual(kinds(log), [])
  })

  it("believes pages of the one it asked, and only those that it wanted", () => {
    const { newcomer, nodes, pass } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    const page = (key: string) =>
      Vectors.fromText(
        `{"page":"${key}","token":"${"0".repeat(16)}","at":0,"of":1,"peers":[{"username":"eve","id":"eve","ttl":9}]}`
      )
    const unasked: ReadonlyArray<Protocol.Output> = [{ _tag: "Rejected", reason: "unasked" }]

    assert.deepStrictEqual(newcomer.take(received(page("0".repeat(16)), nodes[0]!.address), 70_000), unasked)
    pass(100_000)
    assert.deepStrictEqual(newcomer.take(received(page("0".repeat(16)), nodes[0]!.address), 100_000), unasked)
  })

  it("fetches again what was lost", () => {
    const { nodes, newcomer } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    // a link that loses every third datagram between two
    let count = 0
    const lossy = [...nodes, newcomer].map((node) => ({
      ...node,
      take: (input: Protocol.Input, now: number) => {
        const isBetween = input._tag === "Received" && /^\{"(want|page)"/.test(new TextDecoder().decode(input.payload))
        return isBetween && count++ % 3 === 2 ? [] : node.take(input, now)
      }
    }))
    const { announced, pass } = link(lossy)
    pass(75_000)

    assert.strictEqual(new Set(announced.map(([, { claim, hearsay }]) => hearsay && claim.identity)).size, 204)
  })
})

describe("an informant", () => {
  const asking = (octets = 140, extra: object = {}) =>
    Vectors.fromText(
      JSON.stringify({
        want: "0123456789abcdef",
        key: "00000000000000ff",
        ...extra,
        pages: [0, 1, 2],
        fill: "0".repeat(octets)
      })
    )
  const ask = Vectors.fromText(`{"ask":"0123456789abcdef"}`)

  /** One that has just offered to tell of 200 others. */
  const offering = () => {
    const { nodes: [informant] } = settled(200, 1)
    informant!.take(received(ask), 70_000)
    const at = informant!.wakeAt()
    const [offer] = informant!.take(Machine.Woke, at)
    assert.deepStrictEqual(json((offer as Protocol.Transmit).payload), { offer: "0123456789abcdef" })
    assert.isTrue(at >= 70_020 && at <= 70_120)
    return { informant: informant!, at }
  }

  const pages = (outputs: ReadonlyArray<Protocol.Output>) =>
    outputs.flatMap((output) => output._tag === "Transmit" ? [json(output.payload)] : [])

  it("S-A2 tells who has no token one page, of at most ten times what it was asked by", () => {
    const { at, informant } = offering()
    const question = asking()
    const [answer, ...more] = informant.take(received(question), at) as ReadonlyArray<Protocol.Transmit>

    assert.strictEqual(more.length, 0)
    assert.isAtMost(answer!.payload.length, 10 * question.length)
    assert.deepStrictEqual(informant.take(received(asking(20)), at), [])
  })

  it("S-A2 tells more to who has the token, from where that was sent to", () => {
    const { at, informant } = offering()
    const [first] = pages(informant.take(received(asking()), at))
    const question = asking(0, { token: first!["token"] })

    assert.deepStrictEqual(pages(informant.take(received(question), at)).map(({ at }) => at), [0, 1, 2])
    assert.deepStrictEqual(informant.take(received(question, address("10.0.0.77", 9)), at), [])
  })

  it("S-A2 answers 20 who have no token a second, and 32 in all", () => {
    const { at, informant } = offering()
    const answered = (count: number, now: number, from: number) =>
      Array.from(
        { length: count },
        (_, index) => informant.take(received(asking(), address(`10.0.9.${from + index}`, 9)), now).length
      )
        .reduce((sum, one) => sum + one)

    assert.strictEqual(answered(40, at, 1), 20)
    assert.strictEqual(answered(40, at + 1_000, 41), 12)
  })

  it("tells nothing that it has not offered, and nothing when its offer has passed", () => {
    const { at, informant } = offering()
    const { nodes: [other] } = settled(200, 1)

    assert.deepStrictEqual(other!.take(received(asking()), at), [])
    assert.deepStrictEqual(informant.take(received(asking()), at + 5_001), [])
  })

  it("tells of nobody who has left since, itself included", () => {
    const { at, informant } = offering()
    const told = (question: Uint8Array, now: number) =>
      pages(informant.take(received(question), now)).flatMap((page) =>
        (page["peers"] as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)
      )
    const [first] = pages(informant.take(received(asking()), at))
    const again = asking(0, { token: first!["token"] })
    assert.includeMembers(told(again, at), ["id 1", "id 101", "id 102"])
    informant.take(received(Vectors.fromText(`{"username":"x","id":"id 101","ttl":0}`), address("10.1.0.101", 9)), at)
    const left = told(again, at + 1)
    informant.take(withdraw(), at + 2)

    assert.include(left, "id 102")
    assert.notInclude(left, "id 101")
    assert.notInclude(told(again, at + 3), "id 1")
  })

  it("leaves it to who was quicker", () => {
    const { nodes: [informant] } = settled(200, 1)
    informant!.take(received(ask), 70_000)
    informant!.take(received(Vectors.fromText(`{"offer":"0123456789abcdef"}`)), 70_001)
    const { log, pass } = link([informant!])
    pass(71_000)

    assert.deepStrictEqual(kinds(log), [])
  })

  it("S-A4 offers no more than once a second for long, whoever asks", () => {
    const { nodes: [informant] } = settled(200, 1)
    const { log, pass } = link([informant!])
    for (let index = 0; index < 10_000; index++) {
      const now = 70_000 + index
      pass(now)
      informant!.take(received(Vectors.fromText(`{"ask":"${index.toString(16).padStart(16, "0")}"}`)), now)
    }

    assert.isAtMost(kinds(log).length, 3)
  })

  it("tells what it has room for, where not all that it has heard fits", () => {
    const informant = nodeAt("10.0.0.1")
    for (let index = 0; index < 1_000; index++) {
      const attributes = { text: "x".repeat(1_100) }
      const said = JSON.stringify({ username: "ada", id: `id ${index}`, attributes, ttl: 600 })
      informant.take(received(Vectors.fromText(said), address(`10.1.${index >> 8}.${index & 255}`, 9)), 0)
    }
    informant.take(advertise(announcement(1)), 0)
    const { log, pass } = link([informant])
    pass(60_000)
    informant.take(received(ask), 60_000)
    pass(61_000)

    assert.deepStrictEqual(kinds(log), ["offer"])
    assert.isAbove(Number(pages(informant.take(received(asking()), 61_000))[0]!["of"]), 800)
  })

  it("has room for ten thousand that say little beside what they have seen", () => {
    const informant = nodeAt("10.0.0.1")
    const seen = Array.from("12345678", (digit) => digit.repeat(8)).join("")
    for (let index = 0; index < 10_000; index++) {
      const said = { username: `host-${index}`, id: `id ${index}`, port: 8_080, ttl: 2_250, seen }
      informant.take(
        received(Vectors.fromText(JSON.stringify(said)), address(`10.1.${index >> 8}.${index & 255}`, 9)),
        0
      )
    }
    const { company } = informant.state() as Machines.State

    assert.strictEqual(company.crowd.told(0).length, 10_000)
  })

  it("is none that knows few, or most only from hearsay", () => {
    const few = settled(3, 1).nodes[0]!
    const { newcomer, pass } = settled(200)
    newcomer.take(advertise(announcement(99)), 70_000)
    pass(72_000)
    const { log, pass: passAlone } = link([few, newcomer])
    for (const node of [few, newcomer]) node.take(received(ask), 72_000)
    passAlone(75_000)

    assert.deepStrictEqual(kinds(log), [])
  })
})
