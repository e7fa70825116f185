import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Chance from "../../../src/protocol/mdns/Chance.ts"
import * as Libp2p from "../../../src/protocol/mdns/Libp2p.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Registration from "../../../src/protocol/mdns/Registration.ts"
import * as Services from "../../../src/protocol/mdns/Services.ts"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"
import * as Given from "../../internal/Given.ts"
import { Bench, pointer } from "./browsing/Bench.ts"

const id = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"
const data = (...strings: ReadonlyArray<string>): Uint8Array =>
  Uint8Array.from(strings.flatMap((string) => [string.length, ...new TextEncoder().encode(string)]))

describe("decode", () => {
  it("has the addresses of every string that names a peer", () =>
    assert.deepStrictEqual(
      Libp2p.decode(
        data(`dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/${id}`, `dnsaddr=/ip6/fd77::1/udp/4001/quic-v1/p2p/${id}`)
      ),
      [
        { peer: id, multiaddr: "/ip4/10.0.0.1/tcp/4001" },
        { peer: id, multiaddr: "/ip6/fd77::1/udp/4001/quic-v1" }
      ]
    ))

  it("of a relayed address the last id counts", () =>
    assert.deepStrictEqual(Libp2p.decode(data(`dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/Qm1/p2p-circuit/p2p/${id}`)), [
      { peer: id, multiaddr: "/ip4/10.0.0.1/tcp/1/p2p/Qm1/p2p-circuit" }
    ]))

  it.each([
    "",
    "dnsaddr",
    "dnsaddr=",
    `dnsaddr=/p2p/${id}`,
    `dnsaddr=x/p2p/${id}`,
    "dnsaddr=/ip4/10.0.0.1/tcp/4001",
    "dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/",
    "dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/a/b",
    "dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/a b",
    `DNSADDR=/ip4/10.0.0.1/tcp/4001/p2p/${id}`,
    `addr=/ip4/10.0.0.1/tcp/4001/p2p/${id}`
  ])("skips %j", (string) => assert.deepStrictEqual(Libp2p.decode(data(string)), []))

  it("takes any octets", () => {
    const dice = Given.dice(2)
    const whole = data(`dnsaddr=/ip4/10.0.0.1/tcp/4001/p2p/${id}`)
    for (let i = 0; i < 5_000; i++) {
      const octets = whole.map((octet) => dice.oneIn(20) ? dice.between(0, 255) : octet)
      for (const { peer } of Libp2p.decode(octets)) assert.isTrue(Libp2p.isPeerId(peer))
    }
  })
})

describe("encode", () => {
  const many = Array.from({ length: 60 }, (_, i) => `/ip4/10.0.0.${i}/tcp/4001`)

  it("what is encoded is decoded, by as many records as it needs", () => {
    const records = Result.getOrThrow(Libp2p.encode(id, many))

    assert.isAbove(records.length, 1)
    assert.isTrue(records.every((record) => record.length <= 1_300 && Txt.isSound(record)))
    assert.deepStrictEqual(
      records.flatMap(Libp2p.decode),
      many.map((multiaddr) => ({ peer: id, multiaddr }))
    )
  })

  it("refuses what no receiver would take", () => {
    const fieldOf = (peer: string, multiaddrs: ReadonlyArray<string>) =>
      Result.match(Libp2p.encode(peer, multiaddrs), { onFailure: ({ field }) => field, onSuccess: () => "none" })

    assert.strictEqual(fieldOf("a/b", many), "identity")
    assert.strictEqual(fieldOf(id, []), "addresses")
    assert.strictEqual(fieldOf(id, ["10.0.0.1"]), "addresses")
    assert.strictEqual(fieldOf(id, [`/dns4/${"a".repeat(200)}/tcp/1`]), "addresses")
    assert.strictEqual(fieldOf(id, [""]), "addresses")
    assert.strictEqual(fieldOf(id, [`/ip4/10.0.0.1/tcp/4001/p2p/${id}`]), "addresses")
    assert.strictEqual(fieldOf(id, ["/ip4/10.0.0.1/tcp/4001/p2p/Qm1/p2p-circuit"]), "none")
  })
})

describe("endpointOf", () => {
  it.each([
    ["/ip4/10.0.0.1/tcp/4001", "10.0.0.1:4001"],
    ["/ip4/10.0.0.1/udp/4001/quic-v1", "10.0.0.1:4001"],
    ["/ip6/fd77::1/tcp/1", "[fd77::1]:1"],
    ["/ip6/fe80::1/tcp/1", "[fe80::1%7]:1"],
    ["/ip6zone/eth0/ip6/fe80::1/tcp/1", "[fe80::1%7]:1"],
    ["/ip4/10.0.0.1/tcp/4001/p2p/Qm1/p2p-circuit", undefined],
    ["/ip4/10.0.0.1/tcp/70000", undefined],
    ["/ip4/10.0.0.1/tcp/", undefined],
    ["/ip4/10.0.0.1", undefined],
    ["/ip4/::1/tcp/1", undefined],
    ["/ip6/10.0.0.1/tcp/1", undefined],
    ["/dns4/host/tcp/1", undefined],
    ["", undefined]
  ])(
    "%s leads to %s",
    (multiaddr, expected) => assert.strictEqual(Libp2p.endpointOf(multiaddr, 7)?.toString(), expected)
  )
})

describe("instanceName", () => {
  it("is 32 to 63 lower-case letters and digits, another one from every seed", () => {
    const names = Array.from({ length: 200 }, (_, seed) => Libp2p.instanceName(Chance.make(seed, "libp2p")))

    for (const name of names) assert.match(name, /^[a-z0-9]{32,63}$/)
    assert.strictEqual(new Set(names).size, 200)
  })
})

describe("an instance that has only a TXT record", () => {
  const registration: Registration.Registration = {
    type: Libp2p.serviceType("0123456789abcdef"),
    subtypes: [],
    port: 0,
    priority: 0,
    weight: 0,
    text: data(`dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/${id}`),
    allowLarge: false,
    isVerified: false,
    isPlaceholder: false,
    isTextOnly: true
  }

  it("is announced without SRV, under a type of any length", () => {
    const { shared, unique } = Services.serviceRecords(registration, {
      instance: "abc",
      host: Services.hostName("host")
    })

    assert.isUndefined(Registration.validate(registration))
    assert.deepStrictEqual(unique.map(({ type }) => type), [Record.Type.TXT])
    assert.deepStrictEqual(shared.map(({ type }) => type), [Record.Type.PTR, Record.Type.PTR])
  })

  it("is seen as soon as that is known, in answers or additionals, and asks for nothing else", () => {
    const bench = new Bench().subscribe(1, { _tag: "Browse", type: "_p2p._udp", follow: false, isTextOnly: true })
    const [, ...records] = [
      pointer("x._p2p._udp.local"),
      ...Services.serviceRecords({ ...registration, type: "_p2p._udp" }, {
        instance: "x",
        host: Services.hostName("host")
      }).unique
    ]
    bench.until(500).hear([pointer("x._p2p._udp.local")]).until(700)
    assert.deepStrictEqual(bench.questions(), ["PTR _p2p._udp.local", "TXT x._p2p._udp.local"])

    bench.hear(records)
    const [told] = bench.told
    assert.deepStrictEqual(
      told?._tag === "ServiceSeen" && Libp2p.decode(told.service.text),
      [{ peer: id, multiaddr: "/ip4/10.0.0.1/tcp/1" }]
    )
  })
})
