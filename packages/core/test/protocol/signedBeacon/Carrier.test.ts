import { Announcement, Endpoint, Machine, type Protocol } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Carriage from "../../../src/protocol/signedBeacon/Carriage.ts"
import * as Carrier from "../../../src/protocol/signedBeacon/Carrier.ts"
import * as Given from "../../internal/Given.ts"

const endpoints = [Endpoint.multicast("239.1.2.3", 4_000), Endpoint.multicast("ff12::1", 4_000)]
const raw = Carrier.make({ name: "signed", endpoints, codec: Carrier.raw, isPaced: true })
const plain = { ttl: 7_000, port: 9_778 }
const json = Carrier.make({ name: "json", endpoints, codec: Carrier.json(plain), isPaced: false })
const source = Given.address("10.0.0.7:9")
const utf8 = new TextEncoder()

const announcing = (envelope: Uint8Array, isOpening = false): Protocol.Advertise => ({
  _tag: "Advertise",
  key: 0,
  announcement: Announcement.make({ name: "sa", attributes: [["sa", envelope]] }),
  isOpening
})

const first = (protocol: typeof raw, input: Protocol.Input) =>
  protocol.step(protocol.init(1, 0).state, input, 0).outputs

const advertise = (protocol: typeof raw, envelope: Uint8Array) => first(protocol, announcing(envelope))

const hear = (protocol: typeof raw, payload: Uint8Array) => first(protocol, { _tag: "Received", payload, source })[0]!

const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 91) & 0xff)

for (const [name, protocol] of [["alone", raw], ["in JSON", json]] as const) {
  describe(`an envelope ${name}`, () => {
    it("is sent once to every endpoint, and comes out as it went in", () => {
      for (const length of [0, 1, 128, 161, 1_000, 1_097]) {
        const sent = advertise(protocol, octets(length))
        assert.deepStrictEqual(sent.map((output) => output._tag === "Transmit" && output.to), endpoints)
        const payload = sent[0]!._tag === "Transmit" ? sent[0]!.payload : octets(0)
        assert.isAtMost(payload.length, protocol.maxDatagram)
        const heard = hear(protocol, payload)
        assert.strictEqual(heard._tag, "Announced")
        if (heard._tag !== "Announced") return
        assert.deepStrictEqual(Carriage.take(heard.claim), octets(length))
        assert.deepStrictEqual(heard.claim.addresses, [source])
      }
    })

    it("is said no goodbye for by the carrier, and never by itself", () => {
      assert.deepStrictEqual(first(protocol, { _tag: "Withdraw", key: 0 }), [])
      assert.strictEqual(protocol.init(1, 0).wakeAt, Infinity)
      assert.isFalse(protocol.isIdempotent)
    })
  })
}

describe("an envelope that a session says again since it has opened its sockets", () => {
  const again = announcing(octets(161), true)
  const goodbye: Protocol.Withdraw = { _tag: "Withdraw", key: 0 }
  const sent = (
    protocol: typeof raw,
    inputs: ReadonlyArray<readonly [at: number, input: Protocol.Advertise | Protocol.Withdraw]>
  ) => Machine.replay(protocol, { seed: 1, inputs, until: 60_000 })

  it("is sent within 50 ms, once to every endpoint", () => {
    const all = sent(raw, [[0, again]])

    assert.deepStrictEqual(all.map(([, output]) => output), advertise(raw, octets(161)))
    assert.isTrue(all.every(([at]) => at > 0 && at <= 50))
  })

  it("is sent at once by what others have defined", () => {
    assert.deepStrictEqual(sent(json, [[0, again]]).map(([at]) => at), [0, 0])
  })

  it("is not sent when something else is said, or nothing more", () => {
    const later = announcing(octets(162))

    assert.deepStrictEqual(sent(raw, [[0, again], [1, later]]).map(([at]) => at), [1, 1])
    assert.deepStrictEqual(sent(raw, [[0, again], [1, goodbye]]), [])
  })

  it("is put off while many hosts say theirs, each time", () => {
    const nodes = Array.from({ length: 300 }, (_, index) => ({
      source: Given.address(`10.1.${index >> 8}.${index & 255}:9`),
      step: raw.init(index, 0)
    }))
    const tell = (node: typeof nodes[number], input: Protocol.Input | Machine.Woke, now: number) => {
      node.step = raw.step(node.step.state, input, now)
      return node.step.outputs
    }
    const mostIn100 = (from: number): number => {
      const times: Array<number> = []
      for (const node of nodes) tell(node, again, from)
      for (let now = from; now < from + 31_000; now++) {
        for (const node of nodes.filter(({ step }) => step.wakeAt <= now)) {
          if (tell(node, Machine.Woke, now).length === 0) continue
          times.push(now)
          const heard: Protocol.Input = { _tag: "Received", payload: octets(128), source: node.source }
          for (const other of nodes) if (other !== node) tell(other, heard, now)
        }
      }
      assert.strictEqual(times.length, nodes.length)
      return Math.max(...times.map((time) => times.filter((other) => other >= time && other < time + 100).length))
    }

    assert.isAtMost(mostIn100(0), 80)
    assert.isAtMost(mostIn100(60_000), 80)
  })
})

describe("JSON", () => {
  const rejection = (text: string) => {
    const output = hear(json, utf8.encode(text))
    return output._tag === "Rejected" ? output.reason : output._tag
  }

  it("uses nothing else of an object with an envelope (S-P7)", () => {
    const heard = hear(json, utf8.encode(`{"username":"eve","ttl":0,"sa":"AAAA","__proto__":{"ttl":1}}`))
    assert.deepInclude(heard, { _tag: "Announced" })
    assert.deepInclude((heard as { readonly claim: object }).claim, { name: "sa", ttl: 1, authentication: "none" })
  })

  it("refuses what is neither an envelope nor a plain object, each for its own reason", () => {
    assert.strictEqual(rejection(`{"sa":"AA=="}`), "base64url")
    assert.strictEqual(rejection(`{"sa":null,"username":"ada"}`), "base64url")
    assert.strictEqual(rejection(`{}`), "username")
    assert.strictEqual(rejection(`[]`), "not-an-object")
    assert.strictEqual(rejection(`x`), "not-json")
    assert.strictEqual(rejection(`{"username":"ada","id":"a"}`), "Announced")
    assert.strictEqual(rejection(`{"username":"ada","id":"a","ttl":0}`), "Withdrawn")
  })

  it("has room for the longest envelope that it says it has room for", () => {
    const [output] = advertise(json, octets(Carrier.maxJsonEnvelope))
    const [longer] = advertise(json, octets(Carrier.maxJsonEnvelope + 1))
    assert.isAtMost(output?._tag === "Transmit" ? output.payload.length : Infinity, json.maxDatagram)
    assert.isAbove(longer?._tag === "Transmit" ? longer.payload.length : 0, json.maxDatagram)
  })
})

describe("keyOf", () => {
  it("reads the key of an envelope in the open and of nothing else", () => {
    const payload = octets(128)
    payload.set([0xd1, 0x53, 0xc0, 0x56])
    assert.deepStrictEqual(Carrier.keyOf(payload), payload.subarray(16, 48))
    assert.isUndefined(Carrier.keyOf(payload.subarray(0, 127)))
    assert.isUndefined(Carrier.keyOf(octets(128)))
  })
})
