/** Whole plays of real programs, heard by the engine as it browses. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import * as Engine from "../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../src/protocol/mdns/Host.ts"
import type * as Link from "../../../src/protocol/mdns/Link.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import type * as Subscription from "../../../src/protocol/mdns/Subscription.ts"
import * as Vectors from "../vectors.ts"

interface Sequence {
  readonly id: string
  readonly datagrams: ReadonlyArray<
    readonly [at: number, source: string, sourcePort: number, destination: string, destinationPort: number, hex: string]
  >
  readonly browse: ReadonlyArray<string>
  readonly expected: {
    readonly up: ReadonlyArray<{
      readonly instance: string
      readonly host: string
      readonly port: number
      readonly txt: { readonly strings: ReadonlyArray<string> }
      readonly someAddresses: ReadonlyArray<string>
      readonly resolvableAtMs: number
    }>
    readonly down: ReadonlyArray<{ readonly instance: string; readonly goodbyeAtMs: number }>
  }
}

const sequences = Vectors.read<Sequence>("mdns/sequences")

const link = (family: NetAddress.IpFamily): Link.Link => ({
  key: `eth0/${family}`,
  interface: "eth0",
  index: 2,
  family,
  addresses: ["10.77.0.99/24", "fd77::99/64", "fe80::99/64"].map((text) => IpInterface.fromStringUnsafe(text)),
  maxPayload: 1_440,
  isPortOwned: true
})

type Seen = Extract<Subscription.Notice, { readonly _tag: "ServiceSeen" }>

/** What became of each instance: when it was first seen, when the last link lost it, and who has it. */
interface Fate {
  readonly seenAt: number
  readonly first: Seen
  lostAt: number | undefined
  readonly links: Map<string, Seen>
  readonly addresses: Set<string>
}

const play = ({ browse, datagrams }: Sequence, seed: number): ReadonlyMap<string, Fate> => {
  const engine = Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits })
  let step = engine.init(seed, 0)
  const fates = new Map<string, Fate>()
  const tell = (input: Parameters<typeof engine.step>[1], now: number) => {
    step = engine.step(step.state, input, now)
    for (const output of step.outputs) {
      if (output._tag === "ServiceSeen") seen(output, now)
      if (output._tag === "ServiceLost") lost(Name.format(output.name), output.where.link, now)
    }
  }
  const seen = (notice: Seen, now: number) => {
    const id = Name.format(notice.service.name)
    const fate = fates.get(id) ??
      { seenAt: now, first: notice, lostAt: undefined, links: new Map(), addresses: new Set() }
    fates.set(id, fate)
    fate.lostAt = undefined
    fate.links.set(notice.where.link, notice)
    for (const { address } of notice.service.addresses) fate.addresses.add(NetAddress.formatIp(address))
  }
  const lost = (id: string, link: string, now: number) => {
    const fate = fates.get(id)!
    fate.links.delete(link)
    if (fate.links.size === 0) fate.lostAt = now
  }
  const until = (then: number) => {
    while (step.wakeAt <= then) tell({ _tag: "Woke" }, step.wakeAt)
  }
  for (const family of ["IPv4", "IPv6"] as const) tell({ _tag: "LinkUp", link: link(family) }, 0)
  for (const [key, type] of browse.entries()) {
    const subscription = { _tag: "Browse", type: type.replace(/\.local$/, ""), follow: false } as const
    tell({ _tag: "Subscribe", key, subscription }, 0)
  }
  for (const [at, address, port, destination, destinationPort, hex] of datagrams) {
    until(at)
    if (destinationPort !== 5_353) continue
    const source = NetAddress.inetAddressFromInputUnsafe({ address, port })
    const isMulticast = NetAddress.isMulticast(NetAddress.ipFromStringUnsafe(destination))
    const payload = Vectors.fromHex(hex)
    tell({ _tag: "Received", link: `eth0/${NetAddress.familyOf(source)}`, payload, source, isMulticast }, at)
  }
  until(datagrams.at(-1)![0] + 10_000)
  return fates
}

const key = (text: string): string => Name.format(Result.getOrThrow(Name.fromString(text)))

const strings = (octets: Uint8Array): ReadonlyArray<string> => {
  const strings: Array<string> = []
  for (let i = 0; i < octets.length; i += octets[i]! + 1) {
    strings.push(new TextDecoder().decode(octets.subarray(i + 1, i + 1 + octets[i]!)))
  }
  return strings
}

describe("play", () => {
  it.each(sequences.map((sequence) => [sequence.id, sequence] as const))(
    "D-4-1 D-12-2 M-10.1-2 %s: whoever announces is seen, and lost a second after the goodbye",
    (_id, sequence) => {
      const { down, up } = sequence.expected
      for (const seed of [1, 2, 3, 4, 5]) {
        const fates = play(sequence, seed)

        assert.deepStrictEqual(Array.from(fates.keys()).toSorted(), up.map(({ instance }) => key(instance)).toSorted())
        for (const { instance, resolvableAtMs, someAddresses } of up) {
          const fate = fates.get(key(instance))!
          assert.isAtLeast(fate.seenAt, resolvableAtMs)
          assert.includeMembers(Array.from(fate.addresses), [...someAddresses])
        }
        for (const { goodbyeAtMs, instance } of down) {
          assert.approximately(fates.get(key(instance))!.lostAt ?? Infinity, goodbyeAtMs + 1_000, 1_000)
        }
        const alive = up.filter(({ instance }) => !down.some((gone) => gone.instance === instance))
        assert.isTrue(alive.every(({ instance }) => fates.get(key(instance))!.lostAt === undefined))
      }
    }
  )

  it.each(sequences.map((sequence) => [sequence.id, sequence] as const))(
    "D-6.4-7 %s: host, port and text are what was said",
    (_id, sequence) => {
      const fates = play(sequence, 1)
      for (const { host, instance, port, txt } of sequence.expected.up) {
        const { service } = fates.get(key(instance))!.first

        assert.deepStrictEqual([Name.format(service.host), service.port], [host, port])
        assert.deepStrictEqual(strings(service.text), txt.strings)
      }
    }
  )
})
