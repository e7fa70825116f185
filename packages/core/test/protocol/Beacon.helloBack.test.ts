import { Announcement, Endpoint, Machine, type Protocol } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { advertise, received, sent, withdraw } from "./laws.ts"
import { fromText } from "./vectors.ts"

/** `id/start` announces a start of a node, `-id` is its goodbye. */
const protocol = Beacon.make({
  name: "hello",
  endpoint: Endpoint.multicast("239.20.30.40", 4_000),
  interval: { min: 28_500, max: 30_000 },
  ttl: 90_000,
  encode: ({ name }) => Result.succeed(name === "mute" ? undefined : fromText(`${name}/0`)),
  decode: (payload) => {
    const text = new TextDecoder().decode(payload)
    const [name = "", start = ""] = text.split("/")
    return Result.succeed(text.startsWith("-") ? { name: text.slice(1), ttl: 0 } : { name, attributes: { start } })
  },
  helloBack: { incarnation: ({ attributes }) => JSON.stringify(attributes) }
})

const ada = Announcement.make({ name: "ada" })
const heard = (text: string) => received(fromText(text))

type Inputs = ReadonlyArray<readonly [at: number, input: Exclude<Protocol.Input, Machine.Woke>]>

const times = (inputs: Inputs, until: number, seed = 1) =>
  sent(Machine.replay(protocol, { seed, inputs, until })).map(([at]) => at)

/** When a node that announced itself at 0 answers, before its next turn. */
const answers = (inputs: Inputs, until = 20_000, seed = 1) =>
  times([[0, advertise(ada)], ...inputs], until, seed).slice(1)

describe("helloBack", () => {
  it("S-A4 answers a new node after 20 to 250 ms, at another time on another host", () => {
    const first = Array.from({ length: 200 }, (_, seed) => answers([[5_000, heard("grace/1")]], 20_000, seed))

    for (const each of first) {
      assert.lengthOf(each, 1)
      assert.isAtLeast(each[0]!, 5_020)
      assert.isAtMost(each[0]!, 5_250)
    }
    assert.isAbove(new Set(first.flat()).size, 100)
  })

  it("S-A4 answers all that appear at about the same time at once, and not twice within 2 s", () => {
    const crowd = Array.from({ length: 500 }, (_, at) => [1_000 + at * 20, heard(`node${at}/1`)] as const)
    const all = answers(crowd)

    assert.isAtMost(all.length, 7)
    assert.isAtLeast(all.length, 5)
    for (let at = 1; at < all.length; at++) assert.isAtLeast(all[at]! - all[at - 1]!, 2_000)
  })

  it("does not answer a known node, nor one of another address", () => {
    assert.lengthOf(answers([[1, heard("grace/1")], [9_000, heard("grace/1")]]), 1)
  })

  it("answers a node that has started anew, one that said goodbye before, and one that was silent for its ttl", () => {
    assert.lengthOf(answers([[1, heard("grace/1")], [9_000, heard("grace/2")]]), 2)
    assert.lengthOf(answers([[1, heard("grace/1")], [8_000, heard("-grace")], [9_000, heard("grace/1")]]), 2)
    const silent: Inputs = [[0, advertise(ada)], [1, heard("grace/1")], [120_000, heard("grace/1")]]
    assert.isTrue(times(silent, 125_000).some((at) => at > 120_000 && at <= 120_250))
  })

  it("answers nobody while it has nothing to say, and then with what it says first", () => {
    assert.deepStrictEqual(times([[0, heard("grace/1")]], 20_000), [])
    assert.deepStrictEqual(
      times([[0, advertise(Announcement.make({ name: "mute" }))], [9, heard("grace/1")]], 20_000),
      []
    )
    assert.deepStrictEqual(times([[0, heard("grace/1")], [50, advertise(ada)]], 20_000), [50])
    assert.deepStrictEqual(
      times([[0, advertise(ada)], [1, heard("grace/1")], [2, withdraw()]], 20_000),
      [0]
    )
  })

  it("does not take for new what was only not read since", () => {
    // repeats are read again once something is advertised, long after they were read last
    const inputs: Inputs = [[0, advertise(ada)], [1, heard("grace/1")], [100_000, advertise(ada)], [
      100_500,
      heard("grace/1")
    ]]

    assert.deepStrictEqual(times(inputs, 105_000).filter((at) => at > 100_000), [])
  })

  it("makes its next announcement an interval after the answer", () => {
    const [answer, next] = answers([[20_000, heard("grace/1")]], 60_000)

    assert.isAtLeast(next! - answer!, 28_500)
    assert.isAtMost(next! - answer!, 30_000)
  })

  it("S-A4 remembers a bounded number of nodes, and stays within its rate when it forgets", () => {
    const inputs: Inputs = Array.from({ length: 20_000 }, (_, at) => [at * 5, heard(`node${at % 5_000}/1`)] as const)
    const all = times([[0, advertise(ada)], ...inputs], 100_000)
    let { state } = protocol.init(1, 0)
    for (const [at, input] of inputs) state = protocol.step(state, input, at).state

    assert.isAtMost(all.length, 52)
    assert.strictEqual(state.hellos?.known.size, 1_024)
  })
})
