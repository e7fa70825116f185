/** Many who browse and many who offer, on a network that loses datagrams: nobody who lives may be lost for long (RFC 6762, section 10.5). */
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Timers from "../../../src/internal/Timers.ts"
import * as Engine from "../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../src/protocol/mdns/Host.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Seed from "../../../src/Seed.ts"

const machine = Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits })
const browsers = 20
const responders = 20
const minute = 60_000

interface Event extends Timers.Timer {
  readonly host: number
  readonly input: Engine.Input
}

/** How long each service was missed by whom it had been told to, every time; they come up within a minute. */
const play = (options: { readonly seed: number; readonly loss: number; readonly until: number }) => {
  let seed = options.seed
  const draw = (max: number) => {
    const [value, next] = Seed.between(seed, 0, max)
    seed = next
    return value
  }
  const hosts = Array.from({ length: browsers + responders }, (_, host) => machine.init(1_000 * options.seed + host, 0))
  const events = Timers.make<Event>()
  const lostAt = new Map<string, number>()
  const found = new Set<string>()
  const missed: Array<number> = []
  let queries = 0
  const at = (time: number, host: number, input: Engine.Input) => Timers.set(events, { slot: -1, host, input }, time)
  const wakes = hosts.map((_, host): Event => ({ slot: -1, host, input: { _tag: "Woke" } }))

  const tell = ({ host, input }: Event, now: number) => {
    const step = machine.step(hosts[host]!.state, input, now)
    hosts[host] = step
    for (const output of step.outputs) {
      if (output._tag === "Transmit") send(host, output, now)
      else if (output._tag === "ServiceLost") lostAt.set(`${host} ${Name.format(output.name)}`, now)
      else if (output._tag === "ServiceSeen") {
        const key = `${host} ${Name.format(output.service.name)}`
        found.add(key)
        if (lostAt.has(key)) missed.push(now - lostAt.get(key)!)
        lostAt.delete(key)
      }
    }
    Timers.set(events, wakes[host]!, step.wakeAt)
  }
  const send = (from: number, { link, payload, to }: Engine.Transmit, now: number) => {
    const source = NetAddress.inetAddressFromStringUnsafe(`10.77.0.${from + 1}:5353`)
    const isMulticast = to === "group"
    if ((payload[2]! & 0x80) === 0) queries += 1
    for (let host = 0; host < hosts.length; host++) {
      if (!isMulticast && NetAddress.formatIp(to.address) !== `10.77.0.${host + 1}`) continue
      if (host !== from && draw(999) < 1_000 * options.loss) continue
      at(now + draw(4), host, { _tag: "Received", link, payload, source, isMulticast })
    }
  }
  for (let host = 0; host < hosts.length; host++) {
    const start = draw(minute)
    at(start, host, {
      _tag: "LinkUp",
      link: {
        key: "eth0/IPv4",
        interface: "eth0",
        index: 2,
        family: "IPv4",
        addresses: [IpInterface.fromStringUnsafe(`10.77.0.${host + 1}/24`)],
        maxPayload: 1_440,
        isPortOwned: true
      }
    })
    const input: Engine.Input = host < browsers
      ? { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }
      : {
        _tag: "Register",
        key: 1,
        registration: {
          instance: `service ${host}`,
          type: "_http._tcp",
          subtypes: [],
          port: 80,
          priority: 0,
          weight: 0,
          text: Uint8Array.of(0),
          allowLarge: false,
          isVerified: false,
          isPlaceholder: false
        }
      }
    at(start + 1, host, input)
  }
  for (let now = Timers.next(events); now <= options.until; now = Timers.next(events)) {
    tell(Timers.takeDue(events, now)!, now)
  }
  for (const time of lostAt.values()) missed.push(options.until - time)
  return { found: found.size, missed, queries }
}

describe("a busy network", () => {
  it("M-10.5-1 loses no service that lives, when it loses one datagram of twenty", { timeout: 60_000 }, () => {
    for (const seed of [1, 2]) {
      const { found, missed, queries } = play({ seed, loss: 0.05, until: 240 * minute })

      assert.strictEqual(found, browsers * responders)
      assert.deepStrictEqual(missed, [])
      assert.isBelow(queries, 250)
    }
  })

  it("M-10.5-1 loses one for some minutes, when it loses almost every third datagram", { timeout: 60_000 }, () => {
    for (const seed of [1, 2]) {
      const { found, missed, queries } = play({ seed, loss: 0.3, until: 240 * minute })

      assert.strictEqual(found, browsers * responders)
      assert.isBelow(missed.length, 200)
      const sum = missed.reduce((all, each) => all + each, 0)
      assert.isBelow(sum / (browsers * responders * 240 * minute), 0.003)
      assert.isBelow(Math.max(...missed), 60 * minute)
      assert.isBelow(queries, 700)
    }
  })
})
