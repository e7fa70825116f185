import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import * as Engine from "../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../src/protocol/mdns/Host.ts"
import type * as Link from "../../../src/protocol/mdns/Link.ts"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import type * as Registration from "../../../src/protocol/mdns/Registration.ts"
import * as Bus from "./claims/Bus.ts"

const machine = Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits })

const linkOf = (host: number): Link.Link => ({
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [IpInterface.fromStringUnsafe(`10.77.0.${host}/24`)],
  maxPayload: 1_440,
  isPortOwned: true
})

const web: Registration.Registration = {
  instance: "Web One",
  type: "_http._tcp",
  subtypes: ["printer"],
  port: 8_080,
  priority: 0,
  weight: 0,
  text: Uint8Array.from([4, 97, 61, 49, 50]),
  allowLarge: false,
  isVerified: false,
  isPlaceholder: false
}

/** Engines on one wire that delivers at once, to the sender as well. */
const wire = (count: number) => {
  let now = 0
  let isCut = false
  const heard: Array<{ readonly at: number; readonly host: number; readonly output: Engine.Output }> = []
  const hosts = Array.from({ length: count }, (_, index) => machine.init(1_000 + index, 0))
  const tell = (host: number, input: Engine.Input): void => {
    const step = machine.step(hosts[host]!.state, input, now)
    hosts[host] = step
    for (const output of step.outputs) {
      heard.push({ at: now, host, output })
      if (output._tag === "Transmit") deliver(host, output)
    }
  }
  const deliver = (from: number, { link, payload, to }: Engine.Transmit) => {
    const source = NetAddress.inetAddressFromStringUnsafe(`10.77.0.${from + 1}:5353`)
    for (let host = 0; host < count; host++) {
      if (to !== "group" && NetAddress.formatIp(to.address) !== `10.77.0.${host + 1}`) continue
      if (isCut && host !== from) continue
      tell(host, { _tag: "Received", link, payload, source, isMulticast: to === "group" })
    }
  }
  const run = (until: number): void => {
    while (true) {
      const next = hosts.reduce((first, host, index) => host.wakeAt < hosts[first]!.wakeAt ? index : first, 0)
      if (hosts[next]!.wakeAt > until) break
      now = Math.max(now, hosts[next]!.wakeAt)
      tell(next, { _tag: "Woke" })
    }
    now = until
  }
  for (let host = 0; host < count; host++) tell(host, { _tag: "LinkUp", link: linkOf(host + 1) })
  const of = <Tag extends Engine.Output["_tag"]>(host: number, tag: Tag) =>
    heard.flatMap(({ at, host: where, output }) =>
      where === host && output._tag === tag ? [{ at, output: output as Extract<Engine.Output, { _tag: Tag }> }] : []
    )
  const cut = (is: boolean) => {
    isCut = is
  }
  return { tell, run, of, cut }
}

describe("Host", () => {
  it("shows a service to a browser on another host, with its updates and its end", () => {
    const { of, run, tell } = wire(2)
    tell(1, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(5_000)
    expect(of(0, "Registered").map(({ output }) => output.name)).toEqual(["Web One"])
    const seen = of(1, "ServiceSeen")
    expect(seen[0]?.output.service).toMatchObject({
      instance: "Web One",
      type: "_http._tcp",
      port: 8_080,
      text: web.text
    })
    expect(seen[0]?.output.service.addresses.map(NetAddress.formatInet)).toEqual(["10.77.0.1:8080"])

    tell(0, { _tag: "Register", key: 1, registration: { ...web, port: 8_081 } })
    run(8_000)
    expect(of(1, "ServiceSeen").at(-1)?.output.service.port).toBe(8_081)
    expect(of(1, "ServiceLost")).toEqual([])

    tell(0, { _tag: "Deregister", key: 1 })
    run(8_900)
    expect(of(1, "ServiceLost")).toEqual([])
    run(9_100)
    expect(of(1, "ServiceLost").map(({ at, output }) => [at, output.reason])).toEqual([[9_000, "Goodbye"]])
  })

  it("tells a browser that starts late, and only once of what it knows", () => {
    const { of, run, tell } = wire(2)
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(20_000)
    tell(1, { _tag: "Subscribe", key: 7, subscription: { _tag: "Browse", type: "_HTTP._tcp", follow: false } })
    run(21_000)
    expect(of(1, "ServiceSeen")).toHaveLength(1)
  })

  it("M-2-1 lets one of two hosts that claim one name keep it", () => {
    const { of, run, tell } = wire(2)
    tell(0, { _tag: "Register", key: 1, registration: web })
    tell(1, { _tag: "Register", key: 1, registration: { ...web, port: 9_000 } })
    run(30_000)
    const names = [0, 1].map((host) => of(host, "Registered").at(-1)?.output.name)
    expect(names.toSorted()).toEqual(["Web One", "Web One (2)"])
    expect([...of(0, "Renamed"), ...of(1, "Renamed")]).toHaveLength(1)
  })

  it("M-9-1 finds two owners of one name, who both browse, when their networks are joined", () => {
    const { cut, of, run, tell } = wire(2)
    cut(true)
    for (const [host, port] of [[0, 8_080], [1, 9_000]] as const) {
      tell(host, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
      tell(host, { _tag: "Register", key: 1, registration: { ...web, port } })
    }
    run(60_000)
    cut(false)
    run(600_000)

    const names = [0, 1].map((host) => of(host, "Registered").at(-1)?.output.name)
    expect(names.toSorted()).toEqual(["Web One", "Web One (2)"])
    expect([...of(0, "Renamed"), ...of(1, "Renamed")]).toHaveLength(1)
    for (const host of [0, 1]) expect(of(host, "ServiceSeen").at(-1)?.output.service.instance).toBe(names[1 - host])
  })

  it("begins anew on an interface that has gone to another network", () => {
    const { cut, of, run, tell } = wire(2)
    tell(1, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(60_000)
    cut(true)
    for (const [host, address] of [[0, "192.168.7.1/24"], [1, "192.168.8.1/24"]] as const) {
      tell(host, { _tag: "LinkUp", link: { ...linkOf(1 + host), addresses: [] } })
      tell(host, {
        _tag: "LinkUp",
        link: { ...linkOf(1 + host), addresses: [IpInterface.fromStringUnsafe(address)] }
      })
    }
    run(71_000)
    const said = of(0, "Transmit").filter(({ at }) => at > 60_000).map(({ output: { payload } }) =>
      Result.getOrThrow(Message.decode(payload))
    )

    expect(of(1, "ServiceLost").map(({ output }) => output.reason)).toEqual(["Expired"])
    const isGoodbye = ({ answers }: Message.Message) => answers.length > 0 && answers.every(({ ttl }) => ttl === 0)
    expect(said.filter((message) => !isGoodbye(message)).map(({ isResponse }) => isResponse)).toEqual([
      false,
      false,
      false,
      true,
      true
    ])
    expect(said.at(-1)!.answers.some(({ type }) => type === Record.Type.SRV)).toBe(true)
  })

  it("lists nobody by a name that it has won back", () => {
    const { of, run, tell } = wire(1)
    tell(0, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(60_000)
    const name = "Web One._http._tcp.local"
    const payload = Bus.response([
      Bus.ptr("_http._tcp.local", name),
      Bus.srv(name, "eve.local", 9_000),
      Bus.txt(name, "\0"),
      Bus.a("eve.local", "10.77.0.9")
    ])
    const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:5353")
    tell(0, { _tag: "Received", link: "eth0/IPv4", payload, source, isMulticast: true })
    run(600_000)

    expect(of(0, "Renamed")).toEqual([])
    expect(of(0, "ServiceSeen")).toHaveLength(1)
    expect(of(0, "ServiceLost").map(({ at }) => at)).toEqual([of(0, "Registered").at(-1)!.at])
  })

  it("lists who has had a name for long that is left to them after it was won back", () => {
    const { of, run, tell } = wire(1)
    tell(0, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(60_000)
    const name = "Web One._http._tcp.local"
    const defense = [Bus.srv(name, "eve.local", 9_000), Bus.txt(name, "\0"), Bus.a("eve.local", "10.77.0.9")]
    const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:5353")
    const say = (payload: Uint8Array) =>
      tell(0, { _tag: "Received", link: "eth0/IPv4", payload, source, isMulticast: true })
    say(Bus.response([Bus.ptr("_http._tcp.local", name), ...defense]))
    run(600_000)
    for (const at of [600_300, 610_000]) {
      say(Bus.response(defense))
      run(at)
    }

    expect(of(0, "Renamed").map(({ output }) => output.previous)).toEqual(["Web One"])
    expect(of(0, "ServiceLost")).toHaveLength(1)
    expect(of(0, "ServiceSeen").map(({ output }) => output.service.port)).toEqual([9_000, 9_000])
  })

  it("lists nobody by a name of its own that another says while it is probed for again", () => {
    const { of, run, tell } = wire(1)
    tell(0, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(60_000)
    const said = of(0, "Transmit").flatMap(({ output: { payload } }) =>
      Result.getOrThrow(Message.decode(payload)).answers
    )
    const reflected = Bus.response(said.toReversed())
    const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:5353")
    tell(0, { _tag: "Resumed" })
    tell(0, { _tag: "Received", link: "eth0/IPv4", payload: reflected, source, isMulticast: true })
    run(70_000)

    expect(of(0, "Renamed")).toEqual([])
    expect([of(0, "ServiceSeen").length, of(0, "ServiceLost").length]).toEqual([1, 1])
  })

  it("M-8.1-1 M-8.3-2 starts fifty hosts of five services each at once, with five datagrams for each host", () => {
    const { of, run, tell } = wire(50)
    const types = ["_http._tcp", "_ipp._tcp", "_ssh._tcp", "_smb._tcp", "_p2p._udp"]
    for (let host = 0; host < 50; host++) {
      run(20 * host)
      for (const [key, type] of types.entries()) {
        tell(host, { _tag: "Register", key, registration: { ...web, instance: `Web ${host}`, type } })
      }
    }
    run(20_000)
    for (let host = 0; host < 50; host++) {
      expect(of(host, "Registered")).toHaveLength(5)
      expect([...of(host, "Renamed"), ...of(host, "HostRenamed")]).toEqual([])
      expect(of(host, "Transmit")).toHaveLength(5)
      const startedAt = of(host, "Probing")[0]!.at
      for (const { at } of of(host, "Registered")) expect(at - startedAt).toBeLessThanOrEqual(1_000)
    }
  })

  it("has room for as many instances as a type may have, with six records each", () => {
    const browser = machine.init(1, 0)
    const tell = (input: Engine.Input) => machine.step(browser.state, input, 0).outputs
    tell({ _tag: "LinkUp", link: linkOf(1) })
    tell({ _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    const heard = Array.from({ length: Engine.limits.pointersPerName }, (_, i) => {
      const [instance, host, ip] = [`Web ${i}._http._tcp.local`, `web-${i}.local`, `10.77.${1 + (i >> 8)}.${i & 255}`]
      const payload = Bus.response([
        Bus.ptr("_http._tcp.local", instance),
        Bus.srv(instance, host, 80),
        Bus.txt(instance, "\u0001a"),
        Bus.a(host, ip),
        Bus.opaque(host, Record.Type.AAAA, [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i >> 8, i & 255]),
        Bus.opaque(host, Record.Type.HINFO, [1, 65, 1, 66])
      ])
      const source = NetAddress.inetAddressFromStringUnsafe(`${ip}:5353`)
      return tell({ _tag: "Received", link: "eth0/IPv4", payload, source, isMulticast: true })
    })

    expect(heard.map((outputs) => outputs.map(({ _tag }) => _tag).filter((tag) => tag !== "Transmit"))).toEqual(
      heard.map(() => ["ServiceSeen"])
    )
    const all = heard.flatMap((outputs) => outputs.flatMap((output) => output._tag === "ServiceSeen" ? [output] : []))
    expect(new Set(all.map(({ service }) => Name.format(service.name))).size).toBe(Engine.limits.pointersPerName)
  })

  it("closes with a goodbye and nothing left to do", () => {
    const { of, run, tell } = wire(2)
    tell(1, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } })
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(5_000)
    tell(0, { _tag: "Close" })
    const sent = of(0, "Transmit").length
    run(6_100)
    expect(of(1, "ServiceLost").map(({ output }) => output.reason)).toEqual(["Goodbye"])
    expect(of(0, "Transmit")).toHaveLength(sent)
  })

  it("X-25 takes back what was said, though it changes while its name is probed for again", () => {
    const { of, run, tell } = wire(1)
    tell(0, { _tag: "Register", key: 1, registration: web })
    run(5_000)
    tell(0, { _tag: "Resumed" })
    tell(0, { _tag: "Register", key: 1, registration: { ...web, port: 9_000 } })
    tell(0, { _tag: "Close" })
    const { payload } = of(0, "Transmit").at(-1)!.output
    const { answers } = Result.getOrThrow(Message.decode(payload))
    const ended = answers.flatMap(({ data, ttl }) => data._tag === "Service" ? [[data.port, ttl]] : [])

    expect(ended).toEqual([[8_080, 0]])
  })

  it("X-1 M-9-4 sets right what an old datagram of ours tells others, without a conflict", () => {
    const { of, run, tell } = wire(1)
    const register = (text: number) =>
      tell(0, { _tag: "Register", key: 1, registration: { ...web, text: Uint8Array.of(1, text) } })
    register(64)
    run(5_000)
    register(65)
    run(6_100)
    const old = of(0, "Transmit").at(-1)!.output.payload
    register(66)
    // its last announcement is out, and the old datagram is remembered still
    run(8_500)
    const before = of(0, "Transmit").length
    const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:5353")
    for (let i = 0; i < 20; i++) {
      tell(0, { _tag: "Received", link: "eth0/IPv4", payload: old, source, isMulticast: true })
      run(8_500 + i)
    }
    run(20_000)

    const said = of(0, "Transmit").slice(before).map(({ output }) => Result.getOrThrow(Message.decode(output.payload)))
    const texts = said.map(({ answers }) => answers.map(({ data }) => data._tag === "Text" && Array.from(data.octets)))
    expect(texts).toEqual([[[1, 66]]])
    expect(of(0, "Probing")).toHaveLength(1)
  })

  it("M-6-15 takes no response from another port than 5353", () => {
    const { of, tell } = wire(1)
    const payload = Uint8Array.from([0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:40000")
    tell(0, { _tag: "Received", link: "eth0/IPv4", payload, source, isMulticast: true })
    expect(of(0, "Rejected").map(({ output }) => output.reason)).toEqual(["port"])
  })
})
