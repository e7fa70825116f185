import {
  Attributes,
  type Claim,
  type Diagnostic,
  Endpoint,
  Limits,
  type NetworkInterface,
  PeerRegistry,
  type Protocol
} from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import * as Intake from "../../../src/internal/runtime/Intake.ts"
import * as Given from "../Given.ts"

const networkInterface = (
  name: string,
  index: number,
  ...addresses: ReadonlyArray<string>
): NetworkInterface.NetworkInterface => ({
  name,
  index,
  isInternal: false,
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address))
})

const eth0 = networkInterface("eth0", 2, "10.0.0.1/24", "fe80::1/64")
const wlan0 = networkInterface("wlan0", 3, "192.168.7.1/24", "fe80::2/64")

const multicast = Endpoint.multicast("230.1.1.1", 4_000)
const broadcast = Endpoint.broadcast(4_000)

const utf8 = new TextEncoder()

/** `+ada -grace !why >`: ada announced, grace withdrawn, rejected because of why, something to send. */
const decode = (text: string): ReadonlyArray<Protocol.Output> =>
  text.split(" ").flatMap((word): ReadonlyArray<Protocol.Output> => {
    const rest = word.slice(1)
    const [identity = "", role] = rest.split("=")
    switch (word[0]) {
      case "+":
        return [{
          _tag: "Announced",
          claim: Given.claim(identity, role === undefined ? {} : { attributes: Attributes.make({ role }) })
        }]
      case "-":
        return [{ _tag: "Withdrawn", identity }]
      case "!":
        return [{ _tag: "Rejected", reason: rest }]
      case ">":
        return [{ _tag: "Transmit", payload: utf8.encode("hello"), to: multicast }]
      default:
        return []
    }
  })

const datagram = (text: string, from = "10.0.0.7:9"): DatagramSocket.Datagram => ({
  payload: utf8.encode(text),
  address: Given.address(from)
})

interface Setting {
  readonly limits?: Partial<Limits.Limits>
  readonly protocol?: Partial<Intake.Options["protocol"]>
  readonly step?: Intake.Options["step"]
  readonly networkInterface?: NetworkInterface.NetworkInterface
}

/** An intake on eth0 with a registry behind it that hears of a batch when the next one comes. */
const listen = (given: Setting = {}) => {
  const decoded: Array<string> = []
  const reports: Array<readonly [Diagnostic.Report, number | undefined]> = []
  const { state, tell } = Given.registry(given.limits)
  const intake = Intake.make({
    seed: 1,
    source: "test",
    protocol: { maxDatagram: 100, isIdempotent: true, ...given.protocol },
    limits: Limits.make(given.limits),
    networkInterface: () => (given.networkInterface ?? eth0),
    interfaces: () => [eth0, wlan0],
    isOwn: (_host, port) => port === 1,
    step: given.step ?? (({ payload }) => {
      const text = new TextDecoder().decode(payload)
      decoded.push(text)
      return decode(text)
    }),
    report: (report, count) => reports.push([report, count])
  }, 0)
  const take = (
    datagrams: ReadonlyArray<DatagramSocket.Datagram>,
    now = 0,
    endpoint: Endpoint.Endpoint = multicast
  ): Intake.Taken | undefined => {
    const taken = Intake.take(intake, datagrams, endpoint, now)
    for (const input of taken?.inputs ?? []) tell(input, now)
    return taken
  }
  const roles = () => PeerRegistry.peers(state).map(({ attributes, name }) => `${name}=${attributes.get("role")}`)
  return { intake, take, decoded, reports, state, roles }
}

const noCounts = { received: 0, repeated: 0, announced: 0, withdrawn: 0, rejected: 0, ignored: 0 }

const repeat = <A>(count: number, value: A): Array<A> => Array.from({ length: count }, () => value)

describe("take", () => {
  it("hands on what was announced, with where and when it was heard", () => {
    const { intake, take } = listen()
    const taken = take([datagram("+ada")], 500)
    const provenance = { source: "test", interface: "eth0", address: "10.0.0.7" }
    const [input] = taken!.inputs
    const lease = input?._tag === "Announced" ? input.lease : undefined

    assert.deepStrictEqual(taken!.inputs, [{
      _tag: "Announced",
      provenance,
      claim: Given.claim("ada"),
      lease,
      networkInterface: eth0
    }])
    assert.deepInclude(lease, { ttl: 1_000, seenAt: 500, expiresAt: 1_500, heard: 1, isHeld: true })
    assert.deepStrictEqual(intake.counts, { ...noCounts, received: 1, announced: 1 })
  })

  it("hands on goodbyes and what the protocol wants sent", () => {
    const { intake, take } = listen()
    const taken = take([datagram("-ada"), datagram(">")])

    assert.deepStrictEqual(taken?.inputs, [Given.goodbye("ada", { address: "10.0.0.7" })])
    assert.deepStrictEqual(taken?.transmits.map(({ to }) => to), [multicast])
    assert.deepStrictEqual(intake.counts, { ...noCounts, received: 2, withdrawn: 1, ignored: 1 })
  })
})

describe("repeats", () => {
  it("renew what they announced without being decoded, and a batch of nothing else comes to nothing", () => {
    const { decoded, intake, state, take } = listen()
    take([datagram("+ada")])

    assert.isUndefined(take([datagram("+ada"), datagram("+ada")], 700))
    assert.deepStrictEqual(decoded, ["+ada"])
    assert.deepStrictEqual(intake.counts, { ...noCounts, received: 3, repeated: 2, announced: 1 })
    assert.strictEqual(Array.from(state.entries.values())[0]!.evidence!.lease.expiresAt, 1_700)
  })

  it("are decoded when the protocol is not idempotent, or when they say more than one thing", () => {
    const fickle = listen({ protocol: { isIdempotent: false } })
    fickle.take([datagram("+ada")])
    fickle.take([datagram("+ada")])
    assert.deepStrictEqual(fickle.decoded, ["+ada", "+ada"])

    const { decoded, take } = listen()
    for (const text of ["+ada +grace", "+ada >"]) for (let i = 0; i < 2; i++) take([datagram(text)])
    assert.deepStrictEqual(decoded, ["+ada +grace", "+ada +grace", "+ada >", "+ada >"])
  })

  it("are decoded when they come from elsewhere, or after the peer was lost", () => {
    const { decoded, take } = listen()
    take([datagram("+ada")])
    take([datagram("+ada", "10.0.0.8:9")])
    take([datagram("-ada")])
    take([datagram("+ada")])

    assert.deepStrictEqual(decoded, ["+ada", "+ada", "-ada", "+ada"])
  })

  it("of several peers on one host are known after the first batch", () => {
    const { take } = listen()
    const batch = ["+ada", "+grace", "+edsger"].map((text) => datagram(text))
    take(batch)

    assert.isUndefined(take(batch))
  })

  it("are decoded after a goodbye that the registry has not heard of yet", () => {
    const { roles, take } = listen()
    take([datagram("+ada=leader")])
    take([datagram("-ada"), datagram("+ada=leader")])

    assert.deepStrictEqual(roles(), ["ada=leader"])
  })

  it("are decoded after a change that the registry has not heard of yet", () => {
    const { roles, take } = listen()
    take([datagram("+ada=leader")])
    take([datagram("+ada=follower"), datagram("+ada=leader")])

    assert.deepStrictEqual(roles(), ["ada=leader"])
  })

  it("are decoded once more after what we advertise has changed", () => {
    const { decoded, intake, take } = listen()
    take([datagram("+ada")])
    Intake.forgetRepeats(intake)
    take([datagram("+ada")])

    assert.deepStrictEqual(decoded, ["+ada", "+ada"])
  })

  it("pass where everything else from that source is one too many (S-4.1)", () => {
    const { intake, take } = listen({ limits: { datagramsPerSource: { perSecond: 1, burst: 2 } } })
    take([datagram("+ada"), ...repeat(10, datagram("?"))])
    take(repeat(100, datagram("+ada")))

    assert.deepStrictEqual(intake.counts, {
      ...noCounts,
      received: 111,
      announced: 1,
      ignored: 1,
      rejected: 9,
      repeated: 100
    })
  })
})

describe("what is not decoded", () => {
  /** The counts after these came in on `endpoint`, whatever they say. */
  const counts = (given: Setting, datagrams: ReadonlyArray<DatagramSocket.Datagram>, endpoint?: Endpoint.Endpoint) => {
    const { decoded, intake, reports, take } = listen(given)
    take(datagrams, 0, endpoint)
    const reasons = reports.map(([report, count]) => ("reason" in report ? `${report.reason} ${count}` : ""))
    return { decoded: decoded.length, ignored: intake.counts.ignored, reasons }
  }

  it("our own datagrams are ignored", () => {
    assert.deepStrictEqual(counts({}, [datagram("+ada", "10.0.0.1:1")]), { decoded: 0, ignored: 1, reasons: [] })
  })

  it("another interface's link is the other session's", () => {
    assert.deepStrictEqual(counts({}, [datagram("+ada", "192.168.7.9:9")]), { decoded: 0, ignored: 1, reasons: [] })
  })

  it("a link-local source is on the link that its zone names", () => {
    const datagrams = ["[fe80::9%2]:9", "[fe80::9%3]:9", "[fe80::9%4]:9"].map((from) => datagram("+ada", from))

    assert.deepStrictEqual(counts({}, datagrams), { decoded: 1, ignored: 2, reasons: [] })
  })

  it("an IPv6 source without a zone, or heard on an interface without an index, is judged by its prefix", () => {
    const unnumbered = { networkInterface: { ...eth0, index: 0 } }

    assert.deepStrictEqual(counts({}, [datagram("+ada", "[fe80::9]:9")]), { decoded: 1, ignored: 0, reasons: [] })
    assert.deepStrictEqual(counts(unnumbered, [datagram("+ada", "[fe80::9%3]:9")]), {
      decoded: 1,
      ignored: 0,
      reasons: []
    })
  })

  it("a zone that came up after the socket was opened is another link, and no defect (S-F1)", () => {
    const unknown: DatagramSocket.Datagram = {
      payload: utf8.encode("+ada"),
      get address(): never {
        throw new Error("unknown IPv6 interface: eth9")
      }
    }
    const received = Object.assign(unknown, { host: "fe80::9%eth9", port: 9 })

    assert.deepStrictEqual(counts({}, [received, datagram("+ada")]), { decoded: 1, ignored: 1, reasons: [] })
  })

  it("a source of no link at all is taken by multicast, and rejected by broadcast (S-A1)", () => {
    const datagrams = [datagram("+ada", "172.16.0.1:9")]

    assert.deepStrictEqual(counts({}, datagrams, multicast), { decoded: 1, ignored: 0, reasons: [] })
    assert.deepStrictEqual(counts({}, datagrams, broadcast), { decoded: 0, ignored: 0, reasons: ["off-link 1"] })
  })

  it("a source without a port, which nothing can be answered to, is rejected by it", () => {
    const datagrams = [datagram("+ada", "10.0.0.7:0"), datagram("+ada", "10.0.0.7:1000")]

    assert.deepStrictEqual(counts({}, datagrams), { decoded: 1, ignored: 0, reasons: ["port 1"] })
  })

  it("a datagram longer than the protocol allows is rejected by its size (S-P2)", () => {
    const datagrams = [datagram(`+${"x".repeat(99)}`), datagram(`+${"x".repeat(100)}`)]

    assert.deepStrictEqual(counts({}, datagrams), { decoded: 1, ignored: 0, reasons: ["size 1"] })
  })

  it("one source cannot use up what another may send", () => {
    const limits = { datagramsPerSource: { perSecond: 1, burst: 3 } }
    const datagrams = [...repeat(10, datagram("?")), ...repeat(2, datagram("?", "10.0.0.8:9"))]

    assert.deepStrictEqual(counts({ limits }, datagrams), { decoded: 5, ignored: 5, reasons: ["rate 7"] })
  })

  it("what is privileged passes where everything else from that source is one too many (S-4.1)", () => {
    const isPrivileged = (payload: Uint8Array) => payload[0] === "!".charCodeAt(0)
    const limits = { datagramsPerSource: { perSecond: 1, burst: 2 }, datagramsPerSession: { perSecond: 1, burst: 20 } }
    const datagrams = [...repeat(10, datagram("?")), ...repeat(10, datagram("!trusted"))]
    const { decoded, take } = listen({ limits, protocol: { isPrivileged } })
    take(datagrams)

    assert.deepStrictEqual(decoded, [...repeat(2, "?"), ...repeat(10, "!trusted")])
  })

  it("S-4.1 one /64 cannot use up more than one source may, while link-local neighbours are apart", () => {
    const { intake, take } = listen({ limits: { datagramsPerSource: { perSecond: 1, burst: 2 } } })
    const from = (host: (i: number) => string) =>
      take(Array.from({ length: 8 }, (_, i) => datagram(`+${i}`, `[${host(i)}]:9`)))?.inputs.length

    assert.strictEqual(from((i) => `2001:4860::${i + 1}`), 2)
    assert.strictEqual(from((i) => `fe80::${i + 1}%2`), 8)
    assert.strictEqual(intake.perSource.buckets.size, 9)
  })

  it("all sources together decode no more than the session may", () => {
    const limits = { datagramsPerSession: { perSecond: 1, burst: 5 } }
    const datagrams = Array.from({ length: 20 }, (_, i) => datagram("?", `10.0.0.${i}:9`))

    assert.deepStrictEqual(counts({ limits }, datagrams), { decoded: 5, ignored: 5, reasons: ["rate 15"] })
  })

  it("S-4.1 all sources together cannot use up what is privileged, which is bounded by itself", () => {
    const isPrivileged = (payload: Uint8Array) => payload[0] === "!".charCodeAt(0)
    const limits = { datagramsPerSession: { perSecond: 1, burst: 5 } }
    const flood = Array.from({ length: 20 }, (_, i) => datagram("?", `10.0.0.${i}:9`))
    const { decoded, take } = listen({ limits, protocol: { isPrivileged } })
    take([...flood, ...repeat(10, datagram("!trusted"))])

    assert.deepStrictEqual(decoded, [...repeat(5, "?"), ...repeat(5, "!trusted")])
  })
})

describe("rereading", () => {
  it("decodes a repeat once more after the time that the protocol gives, and is told of it as of any other", () => {
    const { decoded, intake, take } = listen({ protocol: { rereadAfter: (ttl) => ttl / 4 } })
    take([datagram("+ada")])
    take([datagram("+ada")], 249)
    assert.strictEqual(decoded.length, 1)
    take([datagram("+ada")], 250)
    take([datagram("+ada")], 251)

    assert.strictEqual(decoded.length, 2)
    assert.deepInclude(intake.counts, { received: 4, repeated: 2, announced: 2 })
  })

  it("S-4.1 renews what comes too often to be decoded", () => {
    const limits = { datagramsPerSource: { perSecond: 1, burst: 1 } }
    const { state, take } = listen({ limits, protocol: { rereadAfter: () => 0 } })
    take([datagram("+ada")])
    take([datagram("+ada")], 300)

    assert.strictEqual(Array.from(state.entries.values())[0]!.evidence!.lease.expiresAt, 1_300)
  })
})

describe("hearsay", () => {
  const tellOf = (at: string, from = "10.0.0.7:9") => {
    const { take } = listen({
      step: () => [{ _tag: "Announced", claim: Given.claim("ada"), hearsay: Given.address(at) }]
    })
    return take([datagram("?", from)])?.inputs.map((input) =>
      input._tag === "Announced" && [input.provenance.address, input.isHearsay]
    )
  }

  it("is of the address that the peer is said to have", () => {
    assert.deepStrictEqual(tellOf("10.0.0.9:80"), [["10.0.0.9", true]])
    assert.deepStrictEqual(tellOf("[fe80::9%2]:80", "[fe80::7%2]:9"), [["fe80::9%2", true]])
  })

  it("S-U6 is of this link or none", () => {
    for (const at of ["192.168.7.9:80", "8.8.8.8:80", "127.0.0.1:80"]) assert.deepStrictEqual(tellOf(at), [])
  })

  it("is read each time it comes", () => {
    let count = 0
    const { take } = listen({
      step: () => [{ _tag: "Announced", claim: Given.claim(`ada ${count++}`), hearsay: Given.address("10.0.0.9:80") }]
    })
    take([datagram("?"), datagram("?")])

    assert.strictEqual(count, 2)
  })
})

describe("what is rejected", () => {
  it("is reported once a batch for each reason, with the latest of them", () => {
    const { reports, take } = listen()
    take([datagram("!magic"), datagram("!version"), datagram("!magic", "10.0.0.8:99")])
    const common = { _tag: "DatagramRejected", source: "test", interface: "eth0" } as const

    assert.deepStrictEqual(reports, [
      [{ ...common, reason: "magic", from: "10.0.0.8:99", sample: "216d61676963" }, 2],
      [{ ...common, reason: "version", from: "10.0.0.7:9", sample: "2176657273696f6e" }, 1]
    ])
  })

  it("shows no more than 64 octets of a datagram (S-D2)", () => {
    const { reports, take } = listen()
    take([datagram(`!\n${"x".repeat(98)}`)])
    const [[report] = []] = reports

    assert.strictEqual(report?._tag === "DatagramRejected" && report.sample, `210a${"78".repeat(62)}`)
  })

  it("names what of a claim is beyond its limit, and keeps nothing of it", () => {
    const { intake, reports, take } = listen({ limits: { nameBytes: 3, attributesBytes: 10 } })
    const taken = take([datagram("+ada"), datagram("+grace"), datagram("+eve=everywhere")])

    assert.strictEqual(taken?.inputs.length, 1)
    assert.deepStrictEqual(reports.map(([report]) => "reason" in report && report.reason), ["name", "attributes"])
    assert.deepStrictEqual(intake.counts, { ...noCounts, received: 3, announced: 1, rejected: 2 })
  })
})

describe("counts", () => {
  const words = ["+ada", "+grace=leader", "-ada", "!magic", ">", "?", `+${"x".repeat(120)}`]
  const sources = ["10.0.0.7:9", "10.0.0.8:9", "10.0.0.1:1", "192.168.7.9:9", "172.16.0.1:9", "[fe80::9%3]:9"]

  it("add up, whatever comes in", () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const dice = Given.dice(seed)
      const { intake, take } = listen({ limits: { datagramsPerSource: { perSecond: 20, burst: 20 }, nameBytes: 50 } })
      for (let now = 0; now < 3_000; now += dice.between(0, 200)) {
        const text = () => Array.from({ length: dice.between(0, 3) }, () => dice.pick(words)).join(" ")
        const batch = Array.from({ length: dice.between(1, 30) }, () => datagram(text(), dice.pick(sources)))
        take(batch, now, dice.pick([multicast, broadcast]))
      }
      const { received, ...others } = intake.counts

      assert.strictEqual(Object.values(others).reduce((sum, count) => sum + count), received, `seed ${seed}`)
      for (const [name, count] of Object.entries(others)) if (count > 0) seen.add(name)
    }
    assert.sameMembers([...seen], Object.keys(noCounts).slice(1))
  })

  it("of rejected datagrams are told in full", () => {
    const { intake, reports, take } = listen()
    for (let i = 0; i < 10; i++) take([datagram("!magic"), datagram("?"), datagram("!version")])

    assert.strictEqual(reports.reduce((sum, [, count = 1]) => sum + count, 0), intake.counts.rejected)
    assert.strictEqual(intake.counts.rejected, 20)
  })
})

describe("hostile names", () => {
  const hostile = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]

  it("stay data from the wire to the registry: no prototype changes (S-P8)", () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const claim = (name: string): Claim.Claim =>
      Given.claim(name, { attributes: Attributes.make(JSON.parse(`{"__proto__":"polluted","${name}":"mine"}`)) })
    const { state, take } = listen({
      step: ({ payload }) => [{ _tag: "Announced", claim: claim(new TextDecoder().decode(payload)) }]
    })
    for (let i = 0; i < 2; i++) take(hostile.map((name) => datagram(name)))
    const peers = PeerRegistry.peers(state)

    assert.deepStrictEqual(peers.map(({ name }) => name), hostile)
    assert.deepStrictEqual(peers.map(({ attributes, name }) => attributes.get(name)), repeat(6, "mine"))
    assert.deepStrictEqual(Object.getOwnPropertyNames(Object.prototype), before)
    assert.isUndefined(({} as Record<string, unknown>)["polluted"])
  })
})
