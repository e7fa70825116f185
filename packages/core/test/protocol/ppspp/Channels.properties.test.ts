import { Seed } from "@effect-discovery/core"
import { assert, it } from "@effect/vitest"
import * as Message from "../../../src/protocol/ppspp/Message.ts"
import * as Given from "./given.ts"
import * as Wire from "./wire.ts"

const addresses = ["10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"]

/** An hour or so of sockets that come, go, ask, close and crash, on a network that loses, doubles and reorders. */
const live = (seed: number) => {
  const wire = Wire.make({
    seed,
    fate: (_, draw) => draw() < 0.1 ? [] : draw() < 0.1 ? [draw() * 50, draw() * 500] : [draw() * 50]
  })
  let state = Seed.derive(seed, "life")
  const draw = (limit: number) => {
    const [value, advanced] = Seed.next(state)
    state = advanced
    return Math.floor(value * limit)
  }
  for (const address of addresses) wire.open(address)
  for (let i = 0; i < 120; i++) {
    const address = addresses[draw(addresses.length)]!
    const socket = wire.sockets.get(address)
    const [peer] = socket === undefined ? [] : socket.state.peers.values()
    switch (draw(6)) {
      case 0:
        if (socket !== undefined) wire.shut(socket)
        break
      case 1:
        wire.open(address)
        break
      case 2:
        if (peer !== undefined) wire.put(socket!, { _tag: "Close", channel: peer.id })
        break
      case 3:
        wire.inject(
          address,
          addresses[draw(addresses.length)]!,
          wire.sent[draw(wire.sent.length)]?.payload ?? Given.close
        )
        break
      default:
        if (socket !== undefined) wire.connect(socket, addresses[draw(addresses.length)]!)
    }
    wire.pass(draw(60_000))
  }
  return wire
}

it("after any life, sockets that stay and ask each other have one channel between them, the same on both sides", () => {
  for (let seed = 0; seed < 60; seed++) {
    const wire = live(seed)
    for (const address of addresses) if (!wire.sockets.has(address)) wire.open(address)
    wire.heal()
    // what is left of former lives dies of silence
    wire.pass(8 * 60_000)
    for (let round = 0; round < 3; round++) {
      for (const socket of wire.sockets.values()) for (const to of addresses) wire.connect(socket, to)
      wire.pass(60_000)
    }
    wire.pass(8 * 60_000)
    for (const socket of wire.sockets.values()) {
      for (const to of addresses) {
        const other = wire.sockets.get(to)!
        const channel = Array.from(socket.state.peers.values()).find(({ key }) => key.endsWith(`@${to}`))
        if (channel === undefined || to === socket.address) continue
        assert.strictEqual(other.state.channels.get(channel.remote)?.remote, channel.id, `seed ${seed}`)
      }
    }
    const channels = Array.from(wire.sockets.values(), ({ state }) => state.peers.size)
    assert.deepStrictEqual(channels, Array(addresses.length).fill(addresses.length - 1), `seed ${seed}`)
  }
})

it("S-P1 whatever comes to a socket, it keeps its bounds, and what it did not ask for gets no more than it sent", () => {
  let state = 11
  const draw = (limit: number) => {
    const [value, advanced] = Seed.next(state)
    state = advanced
    return Math.floor(value * limit)
  }
  const wire = Wire.make()
  const b = wire.open("10.0.0.2:1")
  const received = new Map<string, number>()
  const requests = [Given.request, Given.answer, Given.keepAlive, Given.close, Given.packed]
  for (let i = 0; i < 20_000; i++) {
    const from = `10.9.${draw(4)}.${draw(64)}:${1 + draw(3)}`
    const payload = Uint8Array.from(requests[draw(requests.length)]!)
    if (draw(2) === 0) payload[draw(payload.length)]! ^= 1 << draw(8)
    if (payload.length > 9 && draw(2) === 0) payload[8] = draw(256)
    received.set(from, (received.get(from) ?? 0) + payload.length)
    wire.inject(from, b.address, payload)
    wire.pass(draw(3))
  }
  wire.pass(60_000)

  for (const { from, payload, to } of wire.sent) {
    if (from === b.address) received.set(to, received.get(to)! - payload.length)
  }
  assert.isAtLeast(Math.min(...received.values()), 0)
  assert.isTrue(wire.sent.some(({ from }) => from === b.address))
  assert.strictEqual(b.state.channels.size, 0)
  assert.isAtMost(Message.maxMessages, 512)
})
