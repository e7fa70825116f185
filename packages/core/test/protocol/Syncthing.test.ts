import { Announcement, Machine, type Peer, PeerKey, type Protocol } from "@effect-discovery/core"
import { Syncthing } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Url from "../../src/protocol/syncthing/Url.ts"
import * as Inputs from "../fuzz/targets/syncthing.ts"
import { beaconLaws } from "./beaconLaws.ts"
import { address, advertise, announced, hear, laws, received } from "./laws.ts"
import * as Vectors from "./vectors.ts"

interface Expected {
  readonly idHex: string
  readonly addresses: ReadonlyArray<string>
  readonly instanceId: string
  readonly deviceId: string
}

interface Resolution {
  readonly cases: ReadonlyArray<{
    readonly vector: string
    readonly hex: string
    readonly source: string
    readonly deviceSeen: boolean
    readonly deviceId: string | null
    readonly addresses: ReadonlyArray<string>
  }>
}

const captured = Vectors.captured<Expected>("syncthing")
const malformed = Vectors.malformed("syncthing")
const protocol = Syncthing.protocol()

const id1 = "AEBAGBA-FAYDQQA-CIKBMGA-2DQPCA6-IREEYUC-ULBOGAW-ZDINRYH-I6D4QAF"
const id2 = "MFZWI3D-BONSGYC-YLTMRWG-C43ENR5-QXGZDMM-FZWI3DP-BONSGYY-LTMRWAD"
const described = "2ea7d90b0a200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20" +
  "12137463703a2f2f302e302e302e303a323230303012147175" +
  "69633a2f2f302e302e302e303a3232303030189582a6efc79e849111"

const subject = {
  protocol,
  announcements: [Announcement.make({ name: id1, port: 22_000 }), Announcement.make({ name: id2, port: 22_001 })],
  reasons: ["truncated", "magic", "predecessor", "varint", "field", "id", "size"] satisfies Array<Syncthing.Rejection>,
  corpus: [...Inputs.corpus, Vectors.fromHex(described)],
  // that one is legal protobuf and longer than any announcement may be (S-P2)
  malformed: malformed.filter(({ id }) => id !== "addr-2000"),
  words: Inputs.words,
  min: 28_500,
  max: 30_000,
  ttl: 90_000
} as const

laws(subject)
beaconLaws(subject)

const decodeHex = (hex: string) => Syncthing.decode(Vectors.fromHex(hex))

const claimOf = (payload: Uint8Array, source: NetAddress.InetAddress) => {
  const [output] = hear(protocol, payload, source)
  return output?._tag === "Announced" ? output.claim : undefined
}

const addressesOf = (hex: string, source: NetAddress.InetAddress) =>
  claimOf(Vectors.fromHex(hex), source)?.addresses.map(NetAddress.formatInet)

const sourceOf = (text: string): NetAddress.InetAddress =>
  text.includes("%")
    ? NetAddress.inetAddressFromInputUnsafe({
      address: NetAddress.ipFromStringUnsafe(text.split("%")[0]!),
      port: 40_000,
      scopeId: 2
    })
    : address(text, 40_000)

describe("decode", () => {
  it.each(captured)("reads $id as the program that sent it means it", ({ expected, hex }) => {
    const announce = Result.getOrThrow(decodeHex(hex))

    assert.deepStrictEqual(Inputs.plain(announce), {
      id: expected.idHex,
      addresses: expected.addresses,
      instance: expected.instanceId
    })
    assert.strictEqual(Syncthing.deviceId(PeerKey.fromBytes(announce.id)), expected.deviceId)
  })

  it("reads the vector of the format's description", () => {
    const { addresses, id, instance } = Result.getOrThrow(decodeHex(described))

    assert.deepStrictEqual(Array.from(id), Array.from({ length: 32 }, (_, at) => at + 1))
    assert.deepStrictEqual(addresses, ["tcp://0.0.0.0:22000", "quic://0.0.0.0:22000"])
    assert.strictEqual(instance, 1_234_567_890_123_456_789n)
  })

  const good = described.slice(8, 8 + 68)

  it.each(
    [
      ["", "truncated"],
      ["2ea7d9", "truncated"],
      ["2ea7d90c", "magic"],
      ["0bd9a72e", "magic"],
      ["7d79bc4000000020", "predecessor"],
      ["9d79bc4000000020", "predecessor"],
      ["9d79bc3900000020", "predecessor"],
      ["2ca856f500000020", "predecessor"],
      ["9d79bc40", "predecessor"],
      ["2ca856f6", "predecessor"],
      ["7d79bc40", "predecessor"],
      ["2ea7d90b", "id"],
      ["2ea7d90b0a01ff", "id"],
      [`2ea7d90b0a20${"00".repeat(32)}`, "id"],
      [`2ea7d90b${good}0a00`, "id"],
      [`2ea7d90b${good}18`, "truncated"],
      [`2ea7d90b${good}1205ff`, "truncated"],
      [`2ea7d90b${good}21ffffff`, "truncated"],
      [`2ea7d90b${good}18ffffffffffffffffff02`, "varint"],
      [`2ea7d90b${good}18ffffffffffffffffffff01`, "varint"],
      [`2ea7d90b${good}1001`, "field"],
      [`2ea7d90b${good}1a00`, "field"],
      [`2ea7d90b${good}0001`, "field"],
      [`2ea7d90b${good}2b2c`, "field"],
      [`2ea7d90b${good}2600`, "field"],
      [`2ea7d90b${good}808080801000`, "field"]
    ] as const
  )("refuses %s as %s", (hex, reason) => {
    assert.deepStrictEqual(decodeHex(hex), Result.fail(reason))
  })

  it("S-P10 skips the fields that it does not know, whatever their type", () => {
    const unknown = `2001${"21"}${"00".repeat(8)}2a03616263${"2d"}${"00".repeat(4)}f8ffffff0f01`

    assert.deepStrictEqual(decodeHex(`2ea7d90b${unknown}${described.slice(8)}${unknown}`), decodeHex(described))
  })

  it("takes the last of what is there twice", () => {
    const twice = `2ea7d90b0a2000${"11".repeat(31)}1801${described.slice(8)}1802`

    assert.strictEqual(Result.getOrThrow(decodeHex(twice)).instance, 2n)
    assert.deepStrictEqual(Result.getOrThrow(decodeHex(twice)).id, Result.getOrThrow(decodeHex(described)).id)
  })

  it("reads a negative instance as such", () => {
    const { instance } = Result.getOrThrow(decodeHex(malformed.find(({ id }) => id === "inst-negative")!.hex))

    assert.strictEqual(instance, -1n)
  })

  it("S-P2 looks at no datagram beyond 4,096 octets, and S-P10 keeps 32 addresses of 256 octets", () => {
    const id = Uint8Array.from({ length: 32 }, () => 7)
    const of = (count: number, length: number) =>
      Syncthing.encode({ id, addresses: Array.from({ length: count }, () => "a".repeat(length)), instance: 0n })
    const kept = (payload: Uint8Array) => Result.getOrThrow(Syncthing.decode(payload)).addresses.length

    assert.deepStrictEqual(decodeHex(malformed.find(({ id }) => id === "addr-2000")!.hex), Result.fail("size"))
    assert.strictEqual(kept(of(100, 30)), 32)
    assert.strictEqual(kept(of(3, 256)), 3)
    assert.strictEqual(kept(of(3, 257)), 0)
  })
})

describe("encode", () => {
  it.each(captured)("writes $id octet for octet as Syncthing did", ({ hex }) => {
    const announce = Result.getOrThrow(decodeHex(hex))

    assert.deepStrictEqual(Syncthing.encode(announce), Vectors.fromHex(hex))
  })

  it("writes a text that is no URL in UTF-8, as protobuf has it", () => {
    const payload = Syncthing.encode({
      id: new Uint8Array(32).fill(1),
      addresses: ["tcp://b\u00fc\u0141:1"],
      instance: 0n
    })

    assert.deepStrictEqual(payload.subarray(38), Vectors.fromText("\u0012\u000dtcp://b\u00fc\u0141:1"))
  })

  it("writes what is read back, a negative instance too", () => {
    const announce = { id: new Uint8Array(32).fill(1), addresses: ["tcp://:1"], instance: -(2n ** 63n) }

    assert.deepStrictEqual(Syncthing.decode(Syncthing.encode(announce)), Result.succeed(announce))
  })
})

describe("what a real Syncthing keeps of an announcement", () => {
  const [{ cases } = { cases: [] }] = Vectors.read<Resolution>("syncthing/resolution")

  it.each(cases)("$vector from $source", ({ addresses, deviceId, deviceSeen, hex, source, vector }) => {
    const from = sourceOf(source)
    const announce = Result.getOrUndefined(decodeHex(hex))
    // it takes the first 32 octets of an id of any length, which the format's description forbids
    if (vector === "id-64") return assert.isUndefined(announce)
    if (!deviceSeen) return assert.isUndefined(announce)
    const kept = announce!.addresses.flatMap((text) => {
      const url = Url.parse(text)
      return (url && Url.complete(url, from)) ?? []
    })

    assert.strictEqual(Syncthing.deviceId(PeerKey.fromBytes(announce!.id)), deviceId)
    // a zone is a name there, and a number here
    assert.deepStrictEqual(Array.from(new Set(kept)).toSorted(), addresses.map((url) => url.replace("%25eth0", "%252")))
  })
})

describe("protocol", () => {
  it("S-U1 claims a device by its id, which is its name, its identity and its key", () => {
    const claim = claimOf(Vectors.fromHex(described), address("10.77.0.2", 40_000))

    assert.deepInclude(claim, {
      identity: id1,
      name: id1,
      key: PeerKey.fromBytes(Uint8Array.from({ length: 32 }, (_, at) => at + 1)),
      authentication: "claimed",
      ttl: 90_000
    })
    assert.strictEqual(Syncthing.keyOf(id1), claim?.key)
    assert.strictEqual(Syncthing.shortId(claim!.key!), "AEBAGBA")
    assert.isUndefined(Syncthing.keyOf("AEBAGBA"))
    assert.isUndefined(Syncthing.keyOf("A".repeat(52)))
  })

  it("gives the addresses that can be dialed, each once, without ports 0", () => {
    const [one, , , eleven] = captured

    assert.deepStrictEqual(addressesOf(one!.hex, address("10.77.0.2", 1)), ["10.77.0.2:22000", "10.77.0.1:22000"])
    assert.deepStrictEqual(addressesOf(eleven!.hex, sourceOf("fe80::77:ff:fe00:2%eth0")), [
      "[fe80::77:ff:fe00:2%2]:22111",
      "10.77.0.3:22111",
      "10.77.0.3:22112",
      "[fe80::77:ff:fe00:2%2]:22113",
      "10.77.0.3:22113",
      "[fd77::3]:22114",
      "10.77.0.3:22115",
      "[fe80::77:ff:fe00:2%2]:22116"
    ])
  })

  it("S-U6 gives no address to a device that announces none that can be dialed", () => {
    for (const texts of [[], ["tcp://0.0.0.0:0"], ["tcp://127.0.0.1:22000"], ["relay://10.0.0.1:1/?id=A"]]) {
      const payload = Syncthing.encode({ id: new Uint8Array(32).fill(1), addresses: texts, instance: 1n })

      assert.deepStrictEqual(claimOf(payload, address("10.77.0.2", 1))?.addresses, [])
    }
  })

  it("S-P11 looks up no host name, and keeps the URL", () => {
    const payload = Syncthing.encode({
      id: new Uint8Array(32).fill(1),
      addresses: ["tcp://nas.local:22000", "relay://relay.example:443/?id=A"],
      instance: 0n
    })
    const claim = claimOf(payload, address("10.77.0.2", 1))!

    assert.deepStrictEqual(claim.addresses, [])
    assert.deepStrictEqual(Syncthing.urls(claim), ["tcp://nas.local:22000", "relay://relay.example:443/?id=A"])
    assert.isUndefined(Syncthing.instance(claim))
  })

  it("keeps attributes within their limit, whatever is announced", () => {
    const addresses = Array.from({ length: 15 }, (_, at) => `tcp://${"a".repeat(236)}.${"b".repeat(3)}:${at + 10_000}`)
    const payload = Syncthing.encode({ id: new Uint8Array(32).fill(1), addresses, instance: -(2n ** 63n) })
    const claim = claimOf(payload, address("10.77.0.2", 1))!

    assert.strictEqual(Syncthing.urls(claim).length, 7)
    assert.strictEqual(Syncthing.instance(claim), "-9223372036854775808")
  })

  it("says the same of a device in both families, but for its addresses", () => {
    const { hex } = captured[0]!
    const one = claimOf(Vectors.fromHex(hex), address("10.77.0.2", 1))!
    const other = claimOf(Vectors.fromHex(hex), sourceOf("fe80::2%eth0"))!

    assert.deepStrictEqual(one.attributes, other.attributes)
    assert.notDeepEqual(one.addresses, other.addresses)
  })

  it("speaks by directed broadcast and to the group, or elsewhere", () => {
    const ends = ({ endpoints }: Protocol.Protocol<Syncthing.State>) => endpoints

    assert.deepStrictEqual(ends(protocol), [
      { _tag: "Broadcast", port: 21_027, isDirected: true },
      { _tag: "Multicast", group: NetAddress.ipFromStringUnsafe("ff12::8384"), port: 21_027, ttl: 1 }
    ] as never)
    // a Syncthing on this machine leaves IPv6 to be shared
    assert.isTrue(protocol.isPartial)
    assert.deepInclude(ends(Syncthing.protocol({ port: 4_000, group: "ff12::1" }))[0], { port: 4_000 })
  })

  it("tells of a program of an earlier format once for each source", () => {
    const old = Vectors.fromHex("7d79bc40000000200102")
    const sources = ["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.2", "10.0.0.3"]
    const inputs = sources.map((ip, at) => [at, received(old, address(ip, 1))] as const)

    assert.deepStrictEqual(
      Machine.replay(protocol, { seed: 1, inputs }).map(([at]) => at),
      [0, 1, 4]
    )
  })

  it("remembers a bounded number of those sources", () => {
    const old = Vectors.fromHex("7d79bc40")
    let { state } = protocol.init(1, 0)
    for (let at = 0; at < 2_000; at++) {
      state = protocol.step(state, received(old, address(`10.0.${at >> 8}.${at & 255}`, 1)), at).state
    }

    assert.strictEqual(state.told.size, 256)
    const again = (ip: string) => protocol.step(state, received(old, address(ip, 1)), 2_000).outputs.length
    assert.deepStrictEqual([again("10.0.7.207"), again("10.0.0.0")], [0, 1])
  })
})

describe("what is announced", () => {
  const told = (options: Omit<Announcement.Options, "name">, more?: Syncthing.Options) =>
    announced(Syncthing.protocol(more), Announcement.make({ name: id1, ...options })).map((payload) =>
      Result.getOrThrow(Syncthing.decode(payload)).addresses
    )
  const at = (ip: string, port = 22_000) => address(ip, port)

  it("is the port on all addresses, or the addresses, or the URLs", () => {
    assert.deepStrictEqual(told({ port: 22_000 }), [["tcp://0.0.0.0:22000"]])
    assert.deepStrictEqual(told({ port: 1, addresses: [at("10.0.0.1"), at("fd77::1", 1)] }), [[
      "tcp://10.0.0.1:22000",
      "tcp://[fd77::1]:1"
    ]])
    assert.deepStrictEqual(told({ port: 1, attributes: { urls: "quic://:2 tcp://10.0.0.1:3" } }), [[
      "quic://:2",
      "tcp://10.0.0.1:3"
    ]])
    assert.deepStrictEqual(told({ port: 22_000 }, { schemes: ["tcp", "quic"] }), [[
      "tcp://0.0.0.0:22000",
      "quic://0.0.0.0:22000"
    ]])
  })

  it("leaves out what means nothing to others", () => {
    assert.deepStrictEqual(
      told({ addresses: [at("127.0.0.1"), at("10.0.0.1"), at("10.0.0.1"), at("224.0.0.1"), at("10.0.0.1", 0)] }),
      [["tcp://10.0.0.1:22000"]]
    )
    assert.deepStrictEqual(told({ attributes: { urls: "junk relay://1.2.3.4:5/?token=s&id=A" } }), [[
      "relay://1.2.3.4:5/?id=A"
    ]])
  })

  it("is nothing where there is no address, though the node still knows itself", () => {
    const alone = Announcement.make({ name: id1 })
    const { state } = protocol.step(protocol.init(1, 0).state, advertise(alone), 0)

    assert.deepStrictEqual(told({}), [])
    assert.deepStrictEqual(told({ addresses: [at("127.0.0.1")] }), [])
    assert.isUndefined(protocol.validate(alone))
    assert.deepStrictEqual(protocol.step(state, received(Vectors.fromHex(described)), 1).outputs, [
      { _tag: "Rejected", reason: "selfSpoof" }
    ])
  })

  it("S-U7 an own id that others send is refused, and counted as what it is", () => {
    const { state } = protocol.step(protocol.init(1, 0).state, advertise(subject.announcements[0]), 0)

    assert.deepStrictEqual(protocol.step(state, received(Vectors.fromHex(described)), 1).outputs, [
      { _tag: "Rejected", reason: "selfSpoof" }
    ])
  })

  it("has the id however it is written, by identity before name", () => {
    const lower = Announcement.make({ name: "My laptop", identity: id1.toLowerCase().replaceAll("-", ""), port: 1 })
    const [payload] = announced(protocol, lower)

    assert.strictEqual(claimOf(payload!, address("10.0.0.2", 1))?.name, id1)
  })

  it.each([
    [{ name: "laptop", port: 1 }, "name"],
    [{ name: id1, identity: "laptop", port: 1 }, "identity"],
    [{ name: `B${id1.slice(1)}`, port: 1 }, "name"],
    [{ name: "A".repeat(52), port: 1 }, "name"],
    [{ name: id1, addresses: Array.from({ length: 33 }, (_, at) => address(`10.0.0.${at + 1}`, 1)) }, "addresses"],
    [{ name: id1, attributes: { urls: `tcp://${"a".repeat(250)}:22000` } }, "addresses"]
  ])("is refused where the format cannot carry it (case %#)", (options, field) => {
    assert.deepInclude(protocol.validate(Announcement.make(options)), { source: "syncthing", field })
  })

  it("is announced whenever it was not refused, however close to the longest datagram it comes", () => {
    const longest = Array.from({ length: 5 }, (_, at) => `tcp://${"a".repeat(244)}:1000${at}`).join(" ")
    const verdicts = Array.from({ length: 140 }, (_, at) => {
      const announcement = Announcement.make({
        name: id1,
        attributes: { urls: `${longest} tcp://${"b".repeat(at + 1)}:1` }
      })
      return [protocol.validate(announcement) === undefined, announced(protocol, announcement).length === 1] as const
    })

    assert.deepStrictEqual(verdicts.filter(([isAccepted, isAnnounced]) => isAccepted !== isAnnounced), [])
    assert.isTrue(verdicts[0]![0] && !verdicts.at(-1)![0])
  })

  it("has the same instance until the program starts anew, and never a negative one", () => {
    const instances = (seed: number) =>
      announced(protocol, subject.announcements[0], seed).map((payload) =>
        Result.getOrThrow(Syncthing.decode(payload)).instance
      )

    assert.deepStrictEqual(instances(1), instances(1))
    assert.notDeepEqual(instances(1), instances(2))
    for (let seed = 0; seed < 100; seed++) assert.isTrue(instances(seed).every((instance) => instance > 0n))
  })
})

describe("urls", () => {
  it("has the peer's own addresses where a URL names none, of its family and with its port", () => {
    const peer: Pick<Peer.Peer, "attributes" | "addresses"> = {
      attributes: Announcement.make({
        name: "x",
        attributes: { urls: "tcp://0.0.0.0:22000 quic4://:22000 tcp://10.0.0.9:1 tcp://:5" }
      }).attributes,
      addresses: [address("10.0.0.2", 22_000), sourceOf("fe80::2%2"), address("fd77::2", 22_000)]
    }

    assert.deepStrictEqual(Syncthing.urls(peer), [
      "tcp://10.0.0.2:22000",
      "tcp://[fd77::2]:22000",
      "quic4://10.0.0.2:22000",
      "tcp://10.0.0.9:1"
    ])
    assert.deepStrictEqual(Syncthing.urls({ ...peer, attributes: Announcement.make({ name: "x" }).attributes }), [])
  })
})
