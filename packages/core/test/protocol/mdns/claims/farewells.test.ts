import { assert, describe, it } from "@effect/vitest"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Bus from "./Bus.ts"

const pointer = Bus.ptr("_http._tcp.local", "Ada._http._tcp.local")

const withdraw = ({ bus, host }: ReturnType<typeof Bus.alone>) =>
  bus.do(host, (out) => Claims.deregister(host.claims, 1, bus.now, out))

describe("goodbyes", () => {
  it("M-10.1-1 M-6-21 are said again after a second, and then no more", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    withdraw(us)
    us.bus.run(3_600_000)
    const [first, ...rest] = us.bus.since(at)

    assert.isTrue(Bus.isGoodbye(first!))
    assert.deepStrictEqual(rest.map(({ at, payload }) => [at, payload]), [[at + 1_000, first!.payload]])
    assert.strictEqual(Claims.wakeAt(us.host.claims), Infinity)
  })

  it("are not said again of what is there again", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    withdraw(us)
    us.bus.register(us.host, 1, { port: 81, isVerified: true })
    us.bus.run(5_000)

    const again = us.bus.since(at + 1).filter(Bus.isGoodbye).flatMap(({ message }) => Bus.show(message.answers))
    assert.deepStrictEqual(again, [])
  })

  it("are not said again of what another has or shares by now, and are of all else", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    withdraw(us)
    const theirs = Bus.response([Bus.srv("Ada._http._tcp.local", "eve.local", 80), pointer])
    us.bus.at(500, () => us.bus.hear(us.host, "eth0", theirs))
    us.bus.run(5_000)

    const again = us.bus.since(at + 1).flatMap(({ message }) => Bus.show(message.answers))
    assert.sameMembers(again, [
      "1.0.0.10.in-addr.arpa 12 0 !",
      "_services._dns-sd._udp.local 12 0",
      "Ada._http._tcp.local 16 0 !",
      "ada.local 1 0 !"
    ])
  })

  it("are said again though another says goodbye to the same as well", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    withdraw(us)
    us.bus.at(500, () => us.bus.hear(us.host, "eth0", Bus.response([{ ...pointer, ttl: 0 }])))
    us.bus.run(5_000)

    const again = us.bus.since(at + 1).flatMap(({ message }) => Bus.show(message.answers))
    assert.include(again, "_http._tcp.local 12 0")
  })

  it("are said once when all ends, and before that is nothing more to come", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    withdraw(us)
    us.bus.run(500)
    us.bus.do(us.host, (out) => Claims.close(us.host.claims, out))
    us.bus.run(5_000)

    assert.deepStrictEqual(us.bus.since(at).map(({ at }) => at), [at])
    assert.strictEqual(Claims.wakeAt(us.host.claims), Infinity)
  })
})
