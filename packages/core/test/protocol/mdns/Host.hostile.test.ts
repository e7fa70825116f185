import { describe, expect, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import { Seed } from "../../../src/index.ts"
import * as Engine from "../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../src/protocol/mdns/Host.ts"
import type * as Link from "../../../src/protocol/mdns/Link.ts"
import * as Captured from "./captured.ts"

const payloads = [...Captured.captured, ...Captured.malformed].map(({ hex }) => Captured.fromHex(hex))
const types = ["_http._tcp", "_ipp._tcp", "_airplay._tcp", "_hap._tcp", "_p2p._udp", "_ssh._tcp", "_workstation._tcp"]

const linkOf = (index: number, family: "IPv4" | "IPv6"): Link.Link => ({
  key: `eth${index}/${family}`,
  interface: `eth${index}`,
  index: 2 + index,
  family,
  addresses: [
    IpInterface.fromStringUnsafe(`10.77.${index}.1/24`),
    IpInterface.fromStringUnsafe(`fe80::${index + 1}/64`)
  ],
  maxPayload: 1_440,
  isPortOwned: true
})
const links = [linkOf(0, "IPv4"), linkOf(0, "IPv6"), linkOf(1, "IPv4")]

/** An engine that browses and announces among hosts that send it captured, malformed, mutated and its own datagrams. */
const abuse = (seed: number, steps: number) => {
  const machine = Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits })
  let random = Seed.derive(seed, "abuse")
  const below = (limit: number): number => {
    const [value, next] = Seed.between(random, 0, limit - 1)
    random = next
    return value
  }
  const any = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!
  const own: Array<Uint8Array> = []
  const longest = { received: 0, sent: 0 }
  let now = 0
  let current = machine.init(seed, now)
  const tell = (input: Engine.Input): void => {
    current = machine.step(current.state, input, now)
    for (const output of current.outputs) {
      if (output._tag !== "Transmit") continue
      longest.sent = Math.max(longest.sent, output.payload.length)
      own.push(output.payload)
    }
    own.splice(0, own.length - 500)
  }
  const wakeUntilNow = () => {
    for (let wakes = 0; current.wakeAt <= now; wakes++) {
      if (wakes > 1_000) expect.fail(`the engine asks to be woken at ${current.wakeAt} for ever`)
      tell({ _tag: "Woke" })
    }
  }
  const register = (key: number) =>
    tell({
      _tag: "Register",
      key,
      registration: {
        instance: `Web ${below(4)}`,
        type: any(types),
        subtypes: below(3) === 0 ? ["sub"] : [],
        port: below(65_536),
        priority: 0,
        weight: 0,
        text: Uint8Array.from([1, 97 + below(20)]),
        allowLarge: false,
        isVerified: false,
        isPlaceholder: false
      }
    })
  const mutated = (): Uint8Array => {
    const payload = Uint8Array.from(below(3) === 0 && own.length > 0 ? any(own) : any(payloads))
    for (let changes = below(4); changes > 0; changes--) payload[below(payload.length)] = below(256)
    return payload
  }
  const receive = () => {
    const { family, key } = any(links)
    const host = below(250) + 1
    const address = family === "IPv4" ? `10.77.0.${host}` : `fe80::${host.toString(16)}`
    const source = NetAddress.inetAddressFromInputUnsafe({ address, port: below(5) > 0 ? 5_353 : 40_000 + below(99) })
    const payload = mutated()
    longest.received = Math.max(longest.received, payload.length)
    tell({ _tag: "Received", link: key, payload, source, isMulticast: below(5) > 0 })
  }
  const misfortunes = [
    () => tell({ _tag: "LinkDown", link: links[2]!.key, canSend: below(2) === 0, unsaid: [] }),
    () => tell({ _tag: "LinkUp", link: links[2]! }),
    () => tell({ _tag: "Resumed" }),
    () => tell({ _tag: "Deregister", key: below(20) }),
    () => register(below(20))
  ]

  for (const link of links) tell({ _tag: "LinkUp", link })
  types.forEach((type, key) => {
    tell({ _tag: "Subscribe", key, subscription: { _tag: "Browse", type, follow: key % 2 === 0 } })
  })
  tell({ _tag: "Subscribe", key: types.length, subscription: { _tag: "Types" } })
  for (let key = 0; key < 20; key++) register(key)
  for (let step = 0; step < steps; step++) {
    now += below(20) === 0 ? below(3_000) : below(5)
    wakeUntilNow()
    receive()
    if (below(400) === 0) any(misfortunes)()
  }
  tell({ _tag: "Close" })
  return { wakeAt: current.wakeAt, longest }
}

describe("Host among hostile hosts", () => {
  it("throws at nothing, wakes in time, sends no long datagram, and stops when it is closed", () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { longest, wakeAt } = abuse(seed, 4_000)
      expect(wakeAt).toBe(Infinity)
      expect(longest.sent).toBeLessThanOrEqual(1_440)
      expect(longest.received).toBeGreaterThan(1_440)
    }
  }, 30_000)
})
