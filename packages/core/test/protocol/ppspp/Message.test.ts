import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Chunks from "../../../src/protocol/ppspp/Chunks.ts"
import * as Handshake from "../../../src/protocol/ppspp/Handshake.ts"
import * as Message from "../../../src/protocol/ppspp/Message.ts"
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Vectors from "../vectors.ts"
import * as Given from "./given.ts"

const octets = (hex: string) => Vectors.fromHex(hex.replaceAll(" ", ""))
const decode = (hex: string, swarm = Given.swarm) => Message.decode(octets(hex), swarm)
const both = (hex: string, messages: ReadonlyArray<Message.Message>, swarm = Given.swarm) => {
  assert.deepStrictEqual(decode(hex, swarm), { messages })
  assert.deepStrictEqual(Message.encode(0, messages, swarm).subarray(4), octets(hex))
}
const chunks = Chunks.range(0, 15)

describe("the vectors", () => {
  it("9: the request of an initiator", () => {
    assert.deepStrictEqual(
      Message.encode(0, [Handshake.request(Given.initiator, Given.swarm)], Given.swarm),
      Given.request
    )
    assert.deepStrictEqual(Message.decode(Given.request, Given.swarm, 4), {
      messages: [{
        _tag: "Handshake",
        channel: Given.initiator,
        version: 1,
        minimumVersion: 1,
        swarm: Given.swarm.id,
        integrity: 1,
        hash: 0,
        addressing: 2,
        chunkSize: 1_024
      }]
    })
  })

  it("9: the answer of the responder", () => {
    assert.deepStrictEqual(
      Message.encode(Given.initiator, [Handshake.answer(Given.responder, Given.swarm)], Given.swarm),
      Given.answer
    )
    assert.deepStrictEqual(Message.decode(Given.answer, Given.swarm, 4).messages, [{
      _tag: "Handshake",
      channel: Given.responder,
      version: 1,
      integrity: 1,
      hash: 0,
      addressing: 2,
      chunkSize: 1_024
    }])
  })

  it("9: the end of a channel, and a datagram that keeps it alive", () => {
    assert.deepStrictEqual(Message.encode(Given.responder, [Handshake.close], Given.swarm), Given.close)
    assert.deepStrictEqual(Message.decode(Given.close, Given.swarm, 4), { messages: [Handshake.close] })
    assert.deepStrictEqual(Message.encode(Given.responder, [], Given.swarm), Given.keepAlive)
    assert.deepStrictEqual(Message.decode(Given.keepAlive, Given.swarm, 4), { messages: [] })
  })

  it("9: chunks as a range and as a bin", () => {
    both("03 00000000 0000000f", [{ _tag: "Have", chunks }])
    both("03 00000001", [{ _tag: "Have", chunks: Chunks.bin(1) }], Swarm.make({ id: "00", addressing: "bins-32" }))
  })

  it("9: a handshake without a chunk size", () => {
    const { chunkSize: _, ...handshake } = Handshake.request(Given.initiator, Given.swarm)

    assert.deepStrictEqual(Message.decode(Given.packed, Given.swarm), { messages: [handshake] })
    assert.deepStrictEqual(Message.encode(0, [handshake], Given.swarm).subarray(4), Given.packed)
  })
})

describe("messages", () => {
  it("of every type are read and written", () => {
    const signed = Swarm.make({ id: `0d${"11".repeat(64)}`, integrity: "unified-merkle", hash: "sha-1" })
    both("01 00000000 0000000f 0000000000000001 aabb", [
      { _tag: "Data", chunks, timestamp: 1n, content: octets("aabb") }
    ])
    both("02 00000000 0000000f ffffffffffffffff", [{ _tag: "Ack", chunks, delay: 0xffff_ffff_ffff_ffffn }])
    both(`04 00000000 0000000f ${"11".repeat(20)}`, [
      { _tag: "Integrity", chunks, hash: octets("11".repeat(20)) }
    ])
    both("05 c0a80001 1a7a 06", [
      { _tag: "PexResV4", address: NetAddress.inetAddressFromStringUnsafe("192.168.0.1:6778") },
      { _tag: "PexReq" }
    ])
    both(`07 00000000 0000000f 0000000000000002 ${"22".repeat(64)}`, [
      { _tag: "SignedIntegrity", chunks, timestamp: 2n, signature: octets("22".repeat(64)) }
    ], signed)
    both("08 00000000 0000000f 09 00000000 0000000f 0a 0b", [
      { _tag: "Request", chunks },
      { _tag: "Cancel", chunks },
      { _tag: "Choke" },
      { _tag: "Unchoke" }
    ])
    both("0c fd110000000000000000000000000001 1a7a 0d 0002 3000", [
      { _tag: "PexResV6", address: NetAddress.inetAddressFromStringUnsafe("[fd11::1]:6778") },
      { _tag: "PexResCert", certificate: octets("3000") }
    ])
  })

  it("have wide chunks where the swarm has", () => {
    for (const addressing of ["bytes-64", "chunks-64"] as const) {
      both(
        "03 0000000100000000 00000001000000ff",
        [{ _tag: "Have", chunks: Chunks.range(0x1_0000_0000n, 0x1_0000_00ffn) }],
        Swarm.make({ id: "00", addressing })
      )
    }
    both(
      "03 7fffffffffffffff",
      [{ _tag: "Have", chunks: Chunks.bin(0x7fff_ffff_ffff_ffffn) }],
      Swarm.make({ id: "00", addressing: "bins-64" })
    )
  })

  it("S-P5 before one that is not known are kept, and nothing after it", () => {
    assert.deepStrictEqual(decode("06 0e 0a"), { messages: [{ _tag: "PexReq" }], stop: "unknown" })
    assert.deepStrictEqual(decode("06 ff"), { messages: [{ _tag: "PexReq" }], stop: "unknown" })
  })

  it("S-P3 before one that is cut are kept", () => {
    assert.deepStrictEqual(decode("06 03 00000000 0000"), { messages: [{ _tag: "PexReq" }], stop: "truncated" })
    assert.deepStrictEqual(decode("06 0d 0003 3000"), { messages: [{ _tag: "PexReq" }], stop: "truncated" })
  })

  it("with chunks in the wrong order are unsound", () => {
    assert.deepStrictEqual(decode("03 00000001 00000000"), { messages: [], stop: "malformed" })
  })

  it("with more content than their chunks have are unsound", () => {
    const content = (length: number) => `01 00000000 00000000 0000000000000001 ${"aa".repeat(length)}`

    assert.isUndefined(decode(content(1_024)).stop)
    assert.strictEqual(decode(content(1_025)).stop, "malformed")
    assert.strictEqual(decode(content(0)).stop, "malformed")
    assert.isUndefined(decode(content(9_000), Swarm.make({ id: "00", chunkSize: "variable" })).stop)
    assert.strictEqual(
      decode(
        "01 0000000000000000 0000000000000001 0000000000000001 aa",
        Swarm.make({ id: "00", addressing: "bytes-64" })
      ).stop,
      "malformed"
    )
  })

  it("of hashes and signatures are not known where the swarm has none", () => {
    const none = Swarm.make({ id: "00", integrity: "none" })

    assert.strictEqual(decode(`04 00000000 0000000f ${"11".repeat(32)}`, none).stop, "unknown")
    assert.strictEqual(decode(`07 00000000 0000000f 0000000000000002 ${"22".repeat(64)}`, none).stop, "unknown")
  })

  it("S-P4 are read up to a number of them", () => {
    const { messages, stop } = Message.decode(new Uint8Array(65_507).fill(10), Given.swarm)

    assert.strictEqual(messages.length, Message.maxMessages)
    assert.strictEqual(stop, "many")
  })

  it("are refused to be written where no reader could read them", () => {
    const refuses = (message: Message.Message) =>
      assert.throws(() => Message.encode(1, [message, { _tag: "PexReq" }], Given.swarm), RangeError)
    refuses({ _tag: "Data", chunks, timestamp: 1n, content: octets("aa") })
    refuses({ _tag: "Have", chunks: Chunks.bin(1) })
    refuses({ _tag: "Have", chunks: Chunks.range(0, 2 ** 32) })
    refuses({ _tag: "Have", chunks: Chunks.range(1, 0) })
    refuses({ _tag: "Integrity", chunks, hash: octets("11") })
    refuses({ _tag: "PexResV6", address: NetAddress.inetAddressFromStringUnsafe("192.168.0.1:1") })
  })
})

describe("handshakes", () => {
  it("have their options in ascending order, each once, and an end", () => {
    for (const options of ["0101 0001 ff", "0001 0001 ff", "0001", "0001 0a01 ff", "0609 0700000001 ff"]) {
      assert.deepStrictEqual(decode(`00 ef1961d4 ${options}`).messages, [])
    }
  })

  it("read the window in the width of the addressing", () => {
    const windowOf = (options: string) => {
      const [message] = decode(`00 ef1961d4 ${options} ff`).messages
      return message?._tag === "Handshake" ? message.discardWindow : undefined
    }

    assert.strictEqual(windowOf("07 00000010"), 16n)
    assert.strictEqual(windowOf("0601 07 ffffffffffffffff"), 0xffff_ffff_ffff_ffffn)
    assert.isUndefined(windowOf("0601 07 ffffffff"))
  })

  it("of every option are read as they are written", () => {
    const handshake: Handshake.Handshake = {
      ...Handshake.request(1, Given.swarm),
      liveSignature: 15,
      addressing: 4,
      discardWindow: 5n,
      messages: octets("ffff")
    }

    assert.deepStrictEqual(Message.decode(Message.encode(0, [handshake], Given.swarm), Given.swarm, 4).messages, [
      handshake
    ])
  })

  it("that close a channel may name a version", () => {
    assert.deepStrictEqual(decode("00 00000000 0001 ff").messages, [{ _tag: "Handshake", channel: 0, version: 1 }])
  })

  it("fit a swarm that has their settings", () => {
    const own = Handshake.request(1, Given.swarm)
    const fit = (change: Partial<Handshake.Handshake>) => Handshake.mismatch({ ...own, ...change }, Given.swarm)

    assert.isUndefined(fit({}))
    assert.isUndefined(fit({ chunkSize: undefined }))
    assert.isUndefined(fit({ version: 3, minimumVersion: 1 }))
    assert.strictEqual(fit({ version: 3, minimumVersion: 2 }), "version")
    assert.strictEqual(fit({ version: undefined }), "version")
    assert.strictEqual(fit({ version: 0, minimumVersion: 0 }), "version")
    assert.strictEqual(fit({ integrity: 0 }), "integrity")
    assert.strictEqual(fit({ hash: undefined }), "hash")
    assert.strictEqual(fit({ addressing: 7 }), "addressing")
    assert.strictEqual(fit({ chunkSize: 512 }), "chunkSize")
  })

  it("S-A2 are answered in no more octets than they have", () => {
    for (const hash of Swarm.hashes) {
      for (const addressing of Swarm.addressings) {
        for (const integrity of Swarm.integrities) {
          for (const chunkSize of [1_024, "variable"] as const) {
            const swarm = Swarm.make({
              id: `0f${"11".repeat(32)}`,
              liveSignature: 15,
              hash,
              addressing,
              integrity,
              chunkSize
            })
            const { chunkSize: _, ...request } = Handshake.request(1, swarm)
            const answer = Handshake.tersely(Handshake.answer(2, swarm), request)
            const length = (message: Message.Message) => Message.encode(1, [message], swarm).length

            assert.isBelow(length(answer), length(request))
            assert.isUndefined(Handshake.mismatch(answer, swarm))
          }
        }
      }
    }
  })
})
