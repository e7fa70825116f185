import { assert, describe, it } from "@effect/vitest"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Bus from "./Bus.ts"

const link = (addresses: ReadonlyArray<string>) =>
  Bus.link("eth0/IPv6", addresses, { interface: "eth0", family: "IPv6" })
const local = "fe80::1/64"
const home = link([local, "2001:db8:1::1/64"])

/** One host with a service. */
const known = () => {
  const bus = new Bus.Bus()
  const host = bus.host("us", { host: "ada" })
  bus.attach(host, home)
  bus.register(host, 1)
  bus.run(5_000)
  return { bus, host }
}

/** The same, and its link is gone without a goodbye. */
const away = () => {
  const us = known()
  gone(us.bus, us.host, home)
  return us
}

const end = (bus: Bus.Bus, host: Bus.Host) => bus.do(host, (out) => Claims.deregister(host.claims, 1, bus.now, out))

const gone = (bus: Bus.Bus, host: Bus.Host, { key }: Link.Link) =>
  bus.do(host, (out) => Claims.linkDown(host.claims, key, false, bus.now, out))

const goodbyes = (bus: Bus.Bus, at: number) => bus.since(at).filter(Bus.isGoodbye).map(({ at }) => at)

describe("what was said on a link that was gone", () => {
  it("is spelled as it is now", () => {
    const { bus, host } = away()
    bus.register(host, 1, { instance: "ADA" })
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    const answers = bus.since(at).filter(Bus.isSaid).flatMap(({ message }) => message.answers)
    const names = answers.map(({ name }) => Name.format(name)).filter((name) => name.endsWith("._http._tcp.local"))
    assert.deepStrictEqual(Array.from(new Set(names)), ["ADA._http._tcp.local"])
  })

  it("is taken back when it is known to be there, and not before", () => {
    const { bus, host } = away()
    end(bus, host)
    bus.attach(host, link([local]))
    bus.run(2_000)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyes(bus, 0), [at, at + 1_000])
  })

  it("is taken back again when it was taken back just before, which may not have arrived", () => {
    const { bus, host } = known()
    end(bus, host)
    bus.run(100)
    gone(bus, host, home)
    bus.run(5_000)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyes(bus, at), [at, at + 1_000])
  })

  it("is not taken back elsewhere, though addresses that are everywhere come first", () => {
    const { bus, host } = away()
    end(bus, host)
    bus.attach(host, link([local]))
    bus.attach(host, link([local, "2001:db8:2::1/64"]))
    bus.run(5_000)

    assert.deepStrictEqual(goodbyes(bus, 0), [])
  })

  it("is not taken back elsewhere, though it lost the addresses that tell where it is before", () => {
    const { bus, host } = known()
    bus.attach(host, link([local]))
    bus.run(2_000)
    const at = bus.now
    bus.attach(host, link([local, "2001:db8:2::1/64"]))
    end(bus, host)
    bus.run(5_000)
    assert.deepStrictEqual(goodbyes(bus, at), [])

    const back = bus.now
    bus.attach(host, home)
    bus.run(5_000)
    assert.deepStrictEqual(goodbyes(bus, back), [back, back + 1_000])
  })

  it("is taken back at home though the link was elsewhere in between", () => {
    const { bus, host } = away()
    end(bus, host)
    const office = link([local, "2001:db8:2::1/64"])
    bus.register(host, 2, { instance: "Bob" })
    bus.attach(host, office)
    bus.run(5_000)
    gone(bus, host, office)
    bus.run(5_000)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyes(bus, 0), [at, at + 1_000])
  })

  it("is left to another that has the name by now", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    const other = Bus.link("eth0/IPv4", ["10.0.0.1/24", "2001:db8:1::1/64"], { interface: "eth0" })
    bus.attach(host, home)
    bus.attach(host, other)
    bus.register(host, 1)
    bus.run(5_000)
    gone(bus, host, home)
    const theirs = Bus.response([Bus.srv("Ada._http._tcp.local", "eve.local", 81)])
    for (let i = 0; i < 10; i++) bus.at(i * 100, () => bus.hear(host, other.key, theirs))
    bus.run(5_000)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyes(bus, at), [])
  })
})

describe("what is under a name that may be another's by now", () => {
  const goodbyesTo = (bus: Bus.Bus, at: number, name: string) =>
    bus.since(at).filter(Bus.isGoodbye).map(({ message }) =>
      Bus.show(message.answers).filter((record) => record.startsWith(name))
    )
  const alone = ["Ada._http._tcp.local 33 0", "Ada._http._tcp.local 16 0"]

  it("M-10.2-1 goes alone when it was withdrawn in our absence", () => {
    const { bus, host } = away()
    end(bus, host)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyesTo(bus, at, "Ada"), [alone, alone])
  })

  it("M-10.2-1 goes alone while the name is probed for again, and with its set once that is over", () => {
    for (const [duration, ttls] of [[500, alone], [1_500, alone.map((record) => `${record} !`)]] as const) {
      const { bus, host } = known()
      bus.do(host, (out) => Claims.resume(host.claims, home.key, bus.now, out))
      bus.run(duration)
      const at = bus.now
      end(bus, host)
      bus.run(5_000)

      assert.deepStrictEqual(goodbyesTo(bus, at, "Ada"), [ttls, ttls])
    }
  })

  it("M-10.2-1 goes alone with what others may have kept of its set", () => {
    const { bus, host } = known()
    bus.register(host, 1, { text: Uint8Array.of(1, 65) })
    bus.run(1)
    bus.register(host, 1, { text: Uint8Array.of(1, 66) })
    bus.run(1_000)
    bus.do(host, (out) => Claims.resume(host.claims, home.key, bus.now, out))
    const at = bus.now
    end(bus, host)

    const texts = goodbyesTo(bus, at, "Ada").flat().filter((record) => record.startsWith("Ada._http._tcp.local 16"))
    assert.deepStrictEqual(texts, ["Ada._http._tcp.local 16 0", "Ada._http._tcp.local 16 0"])
  })

  it.each([
    ["in another network", link([local, "2001:db8:2::1/64"])],
    ["on another interface", Bus.link("wlan0", ["2001:db8:1::2/64"])]
  ])("M-10.2-1 goes alone where it was said, though another has it %s", (_, elsewhere) => {
    const { bus, host } = away()
    const theirs = Bus.response([Bus.srv("Ada._http._tcp.local", "eve.local", 81)])
    bus.attach(host, elsewhere)
    for (let i = 0; i < 10; i++) bus.at(i * 100, () => bus.hear(host, elsewhere.key, theirs))
    bus.run(5_000)
    gone(bus, host, elsewhere)
    const at = bus.now
    bus.attach(host, home)
    bus.run(5_000)

    assert.deepStrictEqual(goodbyesTo(bus, at, "Ada."), [alone, alone])
  })
})

describe("what could not be taken back on a link", () => {
  const unsaidOf = (host: Bus.Host) =>
    Array.from(Claims.zone(host.claims, home.key)!.names.values()).flatMap(({ records }) =>
      records.map(({ record }) => record)
    )

  it("is taken back later though it was offered again in between", () => {
    const { bus, host } = known()
    const unsaid = unsaidOf(host)
    end(bus, host)
    bus.run(5_000)
    bus.register(host, 1, { port: 81 })
    bus.do(host, (out) => Claims.linkUp(host.claims, home, bus.now, out, unsaid))
    bus.run(100)
    const at = bus.now
    end(bus, host)

    const gone = bus.since(at).filter(Bus.isGoodbye).flatMap(({ message }) => message.answers)
    assert.deepStrictEqual(gone.length, unsaid.length)
  })

  for (const [where, prefix, times] of [["there", 1, 2], ["nowhere else", 2, 0]] as const) {
    it(`is taken back ${where}, though addresses that are everywhere come first`, () => {
      const { bus, host } = known()
      const unsaid = unsaidOf(host)
      end(bus, host)
      bus.run(5_000)
      const at = bus.now
      bus.do(host, (out) => Claims.linkUp(host.claims, link([local]), bus.now, out, unsaid))
      bus.run(5_000)
      assert.deepStrictEqual(goodbyes(bus, at), [])
      bus.attach(host, link([local, `2001:db8:${prefix}::1/64`]))
      bus.run(5_000)

      assert.strictEqual(goodbyes(bus, at).length, times)
    })
  }
})
