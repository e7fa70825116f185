/**
 * Random traffic is heard both ways: every datagram decoded, and those that only renew what is known noted in their place. What is told has to
 * be the same, and so has for how long it holds.
 */
import { Lease } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Engine from "../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../src/protocol/mdns/Host.ts"
import type * as Link from "../../../src/protocol/mdns/Link.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import type * as Registration from "../../../src/protocol/mdns/Registration.ts"
import * as Renewal from "../../../src/protocol/mdns/Renewal.ts"
import * as Writer from "../../../src/protocol/mdns/Writer.ts"
import * as Given from "../../internal/Given.ts"
import { address, denial, goodbye, name, pointer, service, text } from "./browsing/Bench.ts"

const link: Link.Link = {
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [IpInterface.fromStringUnsafe("10.77.0.99/24")],
  maxPayload: 1_440,
  isPortOwned: false
}

const own: Registration.Registration = {
  instance: "ours",
  type: "_http._tcp",
  subtypes: [],
  port: 8_080,
  priority: 0,
  weight: 0,
  text: Uint8Array.of(0),
  allowLarge: false,
  isVerified: false,
  isPlaceholder: false
}

interface Known {
  readonly content: string
  readonly lease: Lease.Lease
}

const held = (ttl: number, now: number): Lease.Lease =>
  Object.assign(Lease.make(ttl, now), { isHeld: true, isPending: false })

/** An engine, and whoever keeps what it tells of. */
class Side {
  readonly machine = Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits })
  readonly known = new Map<string, Known>()
  readonly lost: Array<string> = []
  readonly types: Array<string> = []
  readonly remembered = new Map<string, Renewal.Renewal>()
  readonly isRemembering: boolean
  step = this.machine.init(7, 0)
  repeats = 0

  constructor(isRemembering: boolean) {
    this.isRemembering = isRemembering
  }

  tell(input: Engine.Input, now: number): ReadonlyArray<Engine.Output> {
    this.step = this.machine.step(this.step.state, input, now)
    const { outputs } = this.step
    const last = outputs.at(-1)
    for (const output of outputs) this.note(output, last?._tag === "Renewed" ? last.renewal : undefined, now)
    return outputs
  }

  note(output: Engine.Output, renewal: Renewal.Renewal | undefined, now: number): void {
    if (output._tag === "ServiceSeen") {
      const { addresses, host, port, text } = output.service
      const key = `${output.key} ${output.service.instance}`
      const lease = renewal === undefined ? held(output.ttl, now) : this.renewed(key, output.ttl, now)
      if (renewal !== undefined) Renewal.hold(renewal, lease)
      const content = `${host.key} ${port} ${addresses.join()} ${String(text)} ${output.where.origin}`
      this.replace(key, { content, lease })
    } else if (output._tag === "ServiceLost") {
      this.lost.push(`${now} ${output.key} ${Name.format(output.name)} ${output.reason}`)
      this.replace(`${output.key} ${Name.formatLabel(Name.labels(output.name)[0]!)}`, undefined)
    } else if (output._tag === "TypeSeen" || output._tag === "TypeLost") this.types.push(`${now} ${output._tag}`)
  }

  /** The lease that it has, whatever datagram it came by. */
  renewed(key: string, ttl: number, now: number): Lease.Lease {
    const lease = this.known.get(key)?.lease
    if (lease?.ttl !== ttl) return held(ttl, now)
    Lease.renew(lease, now)
    return lease
  }

  replace(key: string, known: Known | undefined): void {
    const before = this.known.get(key)
    if (before !== undefined && before.lease !== known?.lease) before.lease.isHeld = false
    if (known === undefined) this.known.delete(key)
    else this.known.set(key, known)
  }

  hear(payload: Uint8Array, from: string, now: number): void {
    const key = `${from} ${String(payload)}`
    const renewal = this.remembered.get(key)
    if (renewal !== undefined && Renewal.isCurrent(renewal)) {
      this.repeats++
      return Renewal.hear(renewal, now)
    }
    const source = NetAddress.inetAddressFromStringUnsafe(`${from}:5353`)
    const last = this.tell({ _tag: "Received", link: link.key, payload, source, isMulticast: true }, now).at(-1)
    if (this.isRemembering && last?._tag === "Renewed") this.remembered.set(key, last.renewal)
  }

  pass(until: number): void {
    while (this.step.wakeAt <= until) this.tell({ _tag: "Woke" }, this.step.wakeAt)
  }

  get all(): ReadonlyMap<string, readonly [string, number]> {
    return new Map(
      Array.from(this.known, ([key, { content, lease }]) => [key, [content, lease.expiresAt] as const] as const)
        .toSorted(([a], [b]) => a < b ? -1 : 1)
    )
  }
}

const http = "_http._tcp.local"
const ipp = "_ipp._tcp.local"
// of two types, which are not always wanted, and several of one host
const nodes = ([["a", http, 1], ["b", http, 2], ["c", http, 3], ["d", http, 1], ["e", ipp, 2], ["f", ipp, 4]] as const)
  .map(([label, type, host]) => ({
    instance: `${label}.${type}`,
    host: `host-${host}.local`,
    ip: `10.77.0.${host}`
  }))

const write = (kind: "query" | "response", records: ReadonlyArray<Record.Record>): Uint8Array => {
  const writer = Writer.make({ limit: 1_440, kind })
  if (kind === "query") {
    Writer.question(writer, { name: name(http), type: Record.Type.PTR, class: Record.IN, unicast: false })
  }
  for (const record of records) Writer.record(writer, "answers", record)
  return Writer.finish(writer)
}

const recordsOf = ({ host, instance, ip }: typeof nodes[number], says = "a=1"): ReadonlyArray<Record.Record> => [
  pointer(instance),
  service(instance, { host, port: 80 }),
  text(instance, says),
  address(ip, host),
  denial(host, Record.Type.A)
]

interface Said {
  readonly payload: Uint8Array
  readonly from: string
}

/** What a host says that has no service as yet, or one that nobody wants: its addresses, or that it has one no longer. */
const sayAddresses = (dice: Given.Dice): Said => {
  const host = dice.between(1, 9)
  const [first, second] = [address(`10.77.0.${host}`, `host-${host}.local`), address("fd00::1", `host-${host}.local`)]
  const records = dice.oneIn(15) ? [goodbye(dice.pick([first, second]))] : dice.oneIn(4) ? [second] : [first, second]
  return { payload: write("response", records), from: `10.77.0.${dice.oneIn(30) ? 50 : host}` }
}

/** What a node says: all of it most of the time, or a part, or something else than before; its service may be on another host. */
const say = (dice: Given.Dice): Said => {
  const { host, instance, ip } = dice.pick(nodes)
  const records = [
    pointer(instance),
    service(instance, {
      host: dice.oneIn(30) ? `host-${dice.between(1, 9)}.local` : host,
      port: dice.oneIn(40) ? 81 : 80
    }),
    text(instance, dice.oneIn(40) ? "a=2" : "a=1"),
    address(dice.oneIn(40) ? "10.77.0.9" : ip, host),
    denial(dice.oneIn(40) ? instance : host, Record.Type.A)
  ]
  const part = dice.oneIn(10) ? records.filter(() => dice.oneIn(2)) : records
  const isOver = dice.oneIn(60)
  const from = dice.oneIn(40) ? "10.77.0.50" : ip
  return { payload: write("response", isOver ? part.map(goodbye) : part), from }
}

const other = (dice: Given.Dice): Engine.Input => {
  const key = dice.between(1, 3)
  switch (dice.between(0, 8)) {
    case 0:
      return { _tag: "Register", key: 9, registration: own }
    case 1:
      return { _tag: "Deregister", key: 9 }
    case 2:
      return { _tag: "Unsubscribe", key }
    case 3:
      return { _tag: "Reconfirm", name: name(dice.pick(nodes).instance) }
    case 4:
      return { _tag: "Resumed" }
    case 5:
      return { _tag: "Subscribe", key: 4, subscription: { _tag: "Browse", type: "_ipp._tcp", follow: false } }
    case 6:
      return { _tag: "Unsubscribe", key: 4 }
    default:
      return { _tag: "Subscribe", key, subscription: { _tag: "Browse", type: "_http._tcp", follow: key === 3 } }
  }
}

const run = (seed: number): number => {
  const dice = Given.dice(seed)
  const sides = [new Side(false), new Side(true)] as const
  const both = (act: (side: Side) => void) => sides.forEach(act)
  both((side) => {
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
  })
  for (let now = 1, steps = 0; steps < 300; steps++) {
    if (dice.oneIn(60)) {
      const input = other(dice)
      both((side) => side.tell(input, now))
    } else if (dice.oneIn(20)) {
      const payload = write("query", nodes.filter(() => dice.oneIn(2)).map(({ instance }) => pointer(instance)))
      both((side) => side.hear(payload, "10.77.0.60", now))
    } else {
      const { from, payload } = dice.oneIn(8) ? sayAddresses(dice) : say(dice)
      both((side) => side.hear(payload, from, now))
    }
    now += dice.pick([0, 0, 1, 30, 700, 1_100, 5_000, 20_000, ...(dice.oneIn(15) ? [130_000, 3_700_000] : [])])
    both((side) => side.pass(now))

    const [decoded, noted] = sides
    assert.deepStrictEqual(noted.all, decoded.all, `seed ${seed}, step ${steps}, at ${now}`)
    // what ends at one instant ends in any order
    assert.deepStrictEqual(noted.lost.toSorted(), decoded.lost.toSorted(), `seed ${seed}, step ${steps}, at ${now}`)
  }
  return sides[1].repeats
}

/** Addresses of a few hosts, said over and over before anybody wants them, until a service names the host of each. */
const runEarly = (seed: number): ReadonlyArray<number> => {
  const dice = Given.dice(seed)
  const sides = [new Side(false), new Side(true)] as const
  const both = (act: (side: Side) => void) => sides.forEach(act)
  both((side) => {
    side.tell({ _tag: "LinkUp", link }, 0)
    // then what is found holds no longer than its address
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: true } }, 0)
  })
  // at times more of one source than is remembered, of which one millisecond has no order
  const { goodbyes, least, variety } = dice.pick([
    { variety: 1, goodbyes: 5, least: 0 },
    { variety: 2, goodbyes: 5, least: 0 },
    { variety: 12, goodbyes: 60, least: 1 }
  ])
  let now = 2_000
  for (let steps = dice.between(4, 60); steps > 0; steps--) {
    const host = dice.between(1, 2)
    const said = [
      address(`10.77.${host}.${dice.between(1, variety)}`, `host-${host}.local`),
      address("fd00::1", "host-3.local")
    ].slice(0, dice.between(1, 2))
    const payload = write("response", dice.oneIn(goodbyes) ? said.map(goodbye) : said)
    const from = `10.77.0.${host}`
    both((side) => side.hear(payload, from, now))
    now += dice.pick([least, least, 1, 5, 30, 90, ...(dice.oneIn(20) ? [500, 999, 1_000] : [])])
    both((side) => side.pass(now))
  }
  for (const host of [1, 2, 3]) {
    const instance = `${host}.${http}`
    const bare = [pointer(instance), service(instance, { host: `host-${host}.local` }), text(instance)]
    both((side) => side.hear(write("response", bare), "10.77.0.60", now))
  }

  const [decoded, noted] = sides
  assert.deepStrictEqual(noted.all, decoded.all, `seed ${seed}, at ${now}`)
  return [decoded.all.size, noted.repeats]
}

describe("a renewal", () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`is as good as the datagram that it stands for, seed ${seed}`, () => void run(seed))
  }

  it("is as good as the datagram that it stands for, which says addresses that nobody wants as yet", () => {
    const runs = Array.from({ length: 200 }, (_, seed) => runEarly(seed))
    const found = new Set(runs.map(([size]) => size))

    assert.deepStrictEqual([found, runs.some(([, repeats = 0]) => repeats > 30)], [new Set([0, 1, 2, 3]), true])
  })

  it("goes on being one while others say something else", () => {
    const side = new Side(true)
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
    const [a, b, c] = nodes
    for (let now = 2_000; now <= 6_000; now += 1_000) {
      for (const node of [a!, b!]) side.hear(write("response", recordsOf(node)), node.ip, now)
    }
    const before = side.repeats
    side.hear(write("response", recordsOf(b!, "a=2")), b!.ip, 7_000)
    side.hear(write("response", recordsOf(c!)), c!.ip, 7_000)
    side.hear(write("response", recordsOf(a!)), a!.ip, 7_100)
    side.pass(8_500)
    side.hear(write("response", recordsOf(c!).map(goodbye)), c!.ip, 8_500)
    side.pass(10_000)
    side.hear(write("response", recordsOf(a!)), a!.ip, 10_000)

    assert.deepStrictEqual([before > 0, side.repeats - before, side.lost.length], [true, 2, 1])
  })

  it("is no datagram that says goodbye, though it be to what is ending", () => {
    const side = new Side(true)
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
    const [a] = nodes
    const said = write("response", recordsOf(a!))
    const mixed = write("response", [goodbye(address(a!.ip, a!.host)), pointer(a!.instance)])
    for (
      const [at, payload] of [[2_000, said], [5_000, mixed], [5_200, mixed], [5_400, said], [5_600, mixed]] as const
    ) {
      side.pass(at)
      side.hear(payload, a!.ip, at)
    }
    side.pass(10_000)

    assert.deepStrictEqual(side.lost, [`9600 1 ${a!.instance} Goodbye`])
  })

  it("is no datagram whose records were said otherwise since", () => {
    const [a] = nodes
    const said = recordsOf(a!)
    const otherwise = [
      said.map((record) => ({ ...record, ttl: 10 })),
      said.map((record) => ({ ...record, flush: false })),
      recordsOf({ ...a!, instance: a!.instance.toUpperCase(), host: a!.host.toUpperCase() })
    ]

    for (const other of otherwise) {
      const side = new Side(true)
      side.tell({ _tag: "LinkUp", link }, 0)
      side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
      const say = (records: ReadonlyArray<Record.Record>, at: number) => {
        side.pass(at)
        side.hear(write("response", records), a!.ip, at)
        return side.repeats
      }
      for (const at of [2_000, 4_000]) say(said, at)

      assert.deepStrictEqual([say(said, 5_000), say(other, 6_000), say(said, 7_000), say(said, 8_000)], [1, 1, 1, 1])
      assert.deepStrictEqual(say(said, 9_000), 2)
    }
  })

  it("is no datagram whose unique pointer has got a shared one beside it", () => {
    const [a, b] = nodes
    const reverse = "1.1.254.169.in-addr.arpa"
    const shared = pointer(a!.host, reverse)
    const unique = { ...shared, flush: true }
    for (const first of [unique, shared]) {
      const side = new Side(true)
      side.tell({ _tag: "LinkUp", link }, 0)
      side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
      const said = [[2_000, a, first], [4_000, a, unique], [6_000, a, unique], [
        7_000,
        b,
        pointer(b!.host, reverse)
      ]] as const
      for (const [at, from, record] of said) {
        side.pass(at)
        side.hear(write("response", [pointer(from!.instance), record]), from!.ip, at)
      }
      const before = side.repeats
      side.pass(9_000)
      side.hear(write("response", [pointer(a!.instance), unique]), a!.ip, 9_000)

      assert.deepStrictEqual(side.repeats, before)
    }
  })

  it("is no datagram whose shared pointer has gone since", () => {
    const side = new Side(true)
    const [a] = nodes
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Types" } }, 0)
    const type = pointer(http, "_services._dns-sd._udp.local")
    const [said, gone] = [write("response", [type]), write("response", [goodbye(type)])]
    for (const [at, payload] of [[2_000, said], [4_000, said], [5_000, said], [6_000, gone], [9_000, said]] as const) {
      side.pass(at)
      side.hear(payload, a!.ip, at)
    }

    assert.deepStrictEqual([side.repeats, side.types], [1, ["2000 TypeSeen", "7000 TypeLost", "9000 TypeSeen"]])
  })

  it("is no datagram of an instance that is followed, once another source has made it complete", () => {
    const [a, b] = nodes
    const { host, instance, ip } = a!
    const [leading, addressed] = [[pointer(instance)], [address(ip, host)]]
    const serving = [service(instance, { host, port: 80 }), text(instance)]
    const side = new Side(true)
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: true } }, 0)
    const said = [[2, b, leading], [3, a, serving], [5, a, serving], [6, b, addressed], [50, b, addressed], [
      60,
      a,
      serving
    ]] as const
    for (const [seconds, from, records] of said) {
      side.pass(seconds * 1_000)
      side.hear(write("response", records), from!.ip, seconds * 1_000)
    }

    assert.deepStrictEqual(Array.from(side.all.values(), ([, endsAt]) => endsAt), [170_000])
  })

  it("is no datagram by which something else is told, though it only renews", () => {
    const [a] = nodes
    const { host, instance, ip } = a!
    const side = new Side(true)
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
    const lasting = address(ip, host)
    const passing = { ...address("10.77.0.9", host), ttl: 5 }
    const whole = [pointer(instance), service(instance, { host }), text(instance), lasting, passing]
    for (const [at, records] of [[2_000, whole], [20_000, [lasting]], [30_000, [lasting]]] as const) {
      side.pass(at)
      side.hear(write("response", records), ip, at)
    }

    assert.deepStrictEqual(Array.from(side.all.values(), ([, endsAt]) => endsAt), [4_502_000])
  })

  it("is no datagram of a link that is gone", () => {
    const side = new Side(true)
    side.tell({ _tag: "LinkUp", link }, 0)
    side.tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
    const [a] = nodes
    const source = NetAddress.inetAddressFromStringUnsafe(`${a!.ip}:5353`)
    const payload = write("response", recordsOf(a!))
    const hear = (now: number) =>
      side.tell({ _tag: "Received", link: link.key, payload, source, isMulticast: true }, now).at(-1)?._tag

    assert.deepStrictEqual([hear(2_000), hear(4_000)], ["ServiceSeen", "Renewed"])
    side.tell({ _tag: "LinkDown", link: link.key, canSend: false, unsaid: [] }, 5_000)
    assert.isUndefined(hear(6_000))
  })

  it("is what datagrams are that say the same again", () => {
    assert.isAbove(run(1) + run(2) + run(3), 100)
  })
})
