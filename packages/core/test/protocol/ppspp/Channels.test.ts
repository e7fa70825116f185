import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Channels from "../../../src/protocol/ppspp/Channels.ts"
import type * as Output from "../../../src/protocol/ppspp/channels/Output.ts"
import * as Chunks from "../../../src/protocol/ppspp/Chunks.ts"
import * as Handshake from "../../../src/protocol/ppspp/Handshake.ts"
import * as Message from "../../../src/protocol/ppspp/Message.ts"
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Given from "./given.ts"
import * as Wire from "./wire.ts"

const ada = "10.0.0.1:6778"
const bob = "10.0.0.2:6778"
const eve = "10.0.0.9:6778"
const minute = 60_000

const pair = (options?: Wire.Options) => {
  const wire = Wire.make(options)
  const [a, b] = [wire.open(ada), wire.open(bob)]
  wire.connect(a, bob)
  wire.pass(1_000)
  return { wire, a, b }
}

const channelOf = (socket: Wire.Socket) => Channels.peers(socket.state)[0]!.channel
const request = (channel: number, swarm = Given.swarm) => Message.encode(0, [Handshake.request(channel, swarm)], swarm)

describe("a handshake", () => {
  it("opens a channel on both sides", () => {
    const { a, b, wire } = pair()

    assert.deepStrictEqual([Wire.peers(a), Wire.peers(b)], [[bob], [ada]])
    assert.deepStrictEqual([Wire.told(a, "Opened").length, Wire.told(b, "Opened").length], [1, 1])
    assert.strictEqual(wire.sent[0]!.payload.length, Given.request.length)
    assert.strictEqual(wire.sent[1]!.payload.length, Given.answer.length)
  })

  it("with another swarm gets silence", () => {
    const wire = Wire.make()
    const other = Swarm.make({ id: "00ff" })
    const [a, b] = [wire.open(ada, [other]), wire.open(bob)]
    wire.connect(a, bob, other)
    wire.pass(5 * minute)

    assert.isTrue(wire.sent.every(({ from }) => from === ada))
    assert.strictEqual(wire.sent.length, 5)
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), Array(5).fill("swarm"))
    assert.strictEqual(Wire.told(a, "Unanswered").length, 1)
    assert.strictEqual(a.state.channels.size, 0)
  })

  it("with other settings, without a swarm, or to a channel that is none gets silence", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    wire.inject(eve, bob, request(7, Swarm.make({ id: Given.id, hash: "sha-256" })))
    wire.inject(eve, bob, Message.encode(0, [Handshake.answer(7, Given.swarm)], Given.swarm))
    wire.inject(eve, bob, Message.encode(0, [Handshake.close], Given.swarm))
    wire.inject(eve, bob, Message.encode(77, [{ _tag: "PexReq" }], Given.swarm))
    wire.inject(eve, bob, Uint8Array.of(0, 0, 0))
    wire.inject(eve, bob, Uint8Array.of(0, 0, 0, 0))
    wire.pass(minute)

    assert.isTrue(wire.sent.every(({ from }) => from === eve))
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), [
      "options",
      "handshake",
      "handshake",
      "channel",
      "short",
      "handshake"
    ])
  })

  it("keeps the channels of several swarms on one socket apart", () => {
    const wire = Wire.make()
    const other = Swarm.make({ id: "00ff", addressing: "bins-32" })
    const [a, b] = [wire.open(ada, [Given.swarm, other]), wire.open(bob, [other, Given.swarm])]
    wire.connect(a, bob)
    wire.connect(a, bob, other)
    wire.pass(1_000)
    const [first, second] = Channels.peers(a.state) as [never, never] as ReadonlyArray<
      ReturnType<typeof Channels.peers>[0]
    >
    wire.put(a, { _tag: "Send", channel: first!.channel, messages: [{ _tag: "Have", chunks: Chunks.range(0, 15) }] })
    wire.put(a, { _tag: "Send", channel: second!.channel, messages: [{ _tag: "Have", chunks: Chunks.bin(1) }] })
    wire.pass(1_000)

    const heard = Wire.told(b, "Heard").filter(({ messages }) => messages.length > 0)
    assert.deepStrictEqual(heard.map(({ messages, peer }) => [Swarm.toHex(peer.swarm.id), messages]), [
      [Given.id, [{ _tag: "Have", chunks: Chunks.range(0, 15) }]],
      ["00ff", [{ _tag: "Have", chunks: Chunks.bin(1) }]]
    ])
  })

  it("of both sides at once leaves one channel, the same on both", () => {
    for (let seed = 0; seed < 50; seed++) {
      const wire = Wire.make({ seed, fate: (_, draw) => draw() < 0.2 ? [] : [draw() * 40] })
      const [a, b] = [wire.open(ada), wire.open(bob)]
      wire.connect(a, bob)
      wire.pass(seed % 5)
      wire.connect(b, ada)
      wire.pass(minute)
      wire.heal()
      wire.pass(20 * minute)

      assert.deepStrictEqual([Wire.peers(a), Wire.peers(b)], [[bob], [ada]], `seed ${seed}`)
      const [ours] = a.state.peers.values()
      assert.strictEqual(ours!.remote, channelOf(b), `seed ${seed}`)
      assert.strictEqual(a.state.channels.size, 1)
    }
  })

  it("S-U7 with ourselves is none, and is recognised by its channel", () => {
    const wire = Wire.make()
    const a = wire.open(ada)
    wire.connect(a, ada)
    wire.pass(5 * minute)

    assert.deepStrictEqual(Wire.told(a, "Opened"), [])
    assert.isTrue(Wire.told(a, "Rejected").every(({ reason }) => reason === "self"))
    assert.strictEqual(a.state.channels.size, 0)
  })

  it("is refused in silence when no channel id is left", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    const out: Array<never> = []
    Channels.take(b.state, { _tag: "Received", from: Wire.at(eve), payload: request(7) }, 0, out)

    assert.deepStrictEqual(out, [{ _tag: "Rejected", from: Wire.at(eve), reason: "ids" }] as never)
  })
})

describe("a request of our own", () => {
  const reasons = (socket: Wire.Socket) => Wire.told(socket, "Unanswered").map(({ reason }) => reason)
  /** The channel id of the first request that was sent. */
  const asked = ({ sent }: { readonly sent: ReadonlyArray<Wire.Datagram> }) =>
    Message.decodeHandshake(sent[0]!.payload, 4)!.handshake.channel

  it("is not sent where there is no channel id or no room, which says so at once", () => {
    const wire = Wire.make()
    const a = wire.open(ada, [Given.swarm], { bounds: { channels: 0 } })
    wire.connect(a, bob)
    const b = wire.open(bob)
    const out: Array<Output.Output> = []
    Channels.take(b.state, { _tag: "Connect", swarm: Given.swarm, address: Wire.at(ada) }, 0, out)
    wire.pass(minute)

    assert.deepStrictEqual(reasons(a), ["full"])
    assert.deepStrictEqual(out, [{ _tag: "Unanswered", swarm: Given.swarm, address: Wire.at(ada), reason: "full" }])
    assert.deepStrictEqual(wire.sent, [])
  })

  it("that is answered when the last place is taken ends", () => {
    const wire = Wire.make()
    const a = wire.open(ada, [Given.swarm], { bounds: { channels: 1 } })
    for (const other of [bob, eve]) {
      wire.open(other)
      wire.connect(a, other)
    }
    wire.pass(minute)

    assert.deepStrictEqual([Wire.peers(a), reasons(a)], [[bob], ["full"]])
    assert.strictEqual(a.state.channels.size, 1)
  })

  it("is refused by a goodbye to its channel, from where it went", () => {
    const wire = Wire.make()
    const a = wire.open(ada)
    wire.connect(a, bob)
    wire.inject(bob, ada, Message.encode(asked(wire), [Handshake.close], Given.swarm))
    wire.pass(10)

    assert.deepStrictEqual(reasons(a), ["refused"])
  })

  it("is refused by nobody who does not name its channel, or is elsewhere", () => {
    const wire = Wire.make()
    const a = wire.open(ada)
    wire.connect(a, bob)
    const id = asked(wire)
    for (const [from, channel] of [[bob, 0], [bob, id ^ 1], [eve, id], [eve, 0]] as const) {
      for (const message of [Handshake.close, Handshake.answer(0, Given.swarm), Handshake.request(0, Given.swarm)]) {
        wire.inject(from, ada, Message.encode(channel, [message], Given.swarm))
      }
    }
    wire.pass(100)
    assert.deepStrictEqual(reasons(a), [])
    wire.open(bob)
    wire.pass(minute)

    assert.deepStrictEqual([Wire.peers(a), reasons(a)], [[bob], []])
  })
})

describe("a sender that has not shown that it hears us", () => {
  it("S-A2 gets no more octets than it sent, however often it asks", () => {
    for (
      const swarm of [
        Given.swarm,
        Swarm.make({ id: "00" }),
        Swarm.make({ id: "00", chunkSize: "variable", addressing: "bins-64" })
      ]
    ) {
      const wire = Wire.make()
      wire.open(bob, [swarm])
      const { chunkSize: _, ...short } = Handshake.request(7, swarm)
      for (let i = 0; i < 100; i++) {
        wire.inject(eve, bob, Message.encode(0, [short], swarm))
        wire.inject(eve, bob, Message.encode(0, [{ ...short, channel: 100 + i }, { _tag: "PexReq" }], swarm))
        wire.pass(i * 100)
      }
      wire.pass(10 * minute)

      const octets = (from: string) =>
        wire.sent.filter((datagram) => datagram.from === from)
          .reduce((sum, { payload }) => sum + payload.length, 0)
      assert.isAbove(octets(bob), 0)
      assert.isAtMost(octets(bob), octets(eve))
    }
  })

  it("is not told of, has no part in the exchange of peers, and is forgotten", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    wire.inject(eve, bob, request(7))
    wire.pass(29_000)
    assert.strictEqual(b.state.halfOpen.size, 1)
    wire.pass(2_000)

    assert.deepStrictEqual(b.told, [])
    assert.strictEqual(b.state.channels.size, 0)
    assert.strictEqual(b.state.nextAt, Infinity)
  })

  it("S-A2 cannot answer for the address that it lent", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    wire.inject(eve, bob, request(7))
    wire.pass(1)
    wire.pass(10)
    const [channel] = b.state.channels.keys()
    wire.inject("10.0.0.66:1", bob, Message.encode(channel!, [], Given.swarm))
    wire.pass(100)

    assert.deepStrictEqual(Wire.told(b, "Opened"), [])
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), ["moved"])
  })

  it("S-A2 cannot answer for the address that was asked", () => {
    const wire = Wire.make()
    const a = wire.open(ada)
    wire.connect(a, bob)
    const [channel] = a.state.channels.keys()
    const answer = Message.encode(channel!, [Handshake.answer(7, Given.swarm)], Given.swarm)
    for (const from of [eve, "10.0.0.2:9"]) wire.inject(from, ada, answer)
    wire.pass(100)
    assert.deepStrictEqual([Wire.told(a, "Opened"), a.state.openings.size], [[], 1])
    wire.inject(bob, ada, answer)
    wire.pass(100)

    assert.deepStrictEqual(Wire.peers(a), [bob])
  })

  it("may take its request back, and is not told of", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    wire.inject(eve, bob, request(7))
    wire.pass(100)
    const [channel] = b.state.channels.keys()
    wire.inject(eve, bob, Message.encode(channel!, [Handshake.close], Given.swarm))
    wire.pass(100)

    assert.deepStrictEqual([b.told, b.state.channels.size, b.state.halfOpen.size], [[], 0, 0])
  })

  it("finds room however often it restarts", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    for (let i = 0; i < 40; i++) {
      const a = wire.open(ada)
      wire.connect(a, bob)
      wire.pass(minute)
      assert.deepStrictEqual(Wire.peers(a), [bob])
    }

    assert.deepStrictEqual([b.state.peers.size, b.state.channels.size], [1, 1])
  })

  it("displaces neither peers nor what waits of others", () => {
    const { a, b, wire } = pair()
    for (let i = 0; i < 5_000; i++) {
      wire.inject(`10.${1 + (i >> 8)}.${i & 255}.1:6778`, bob, request(i + 1))
      wire.inject(ada, bob, request(i + 1))
      if (i % 20 === 0) wire.pass(10)
    }
    wire.pass(1_000)

    assert.strictEqual(b.state.halfOpen.size, 256)
    assert.isAtMost(Array.from(b.state.halfOpen.values()).filter(({ key }) => key.includes(ada)).length, 8)
    wire.pass(10 * minute)
    assert.deepStrictEqual([Wire.peers(a), Wire.peers(b)], [[bob], [ada]])
    assert.strictEqual(Wire.told(b, "Opened").length, 1)
    assert.strictEqual(b.state.channels.size, 1)
  })

  it("finds no room beyond the channels of one source", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    for (let port = 1; port <= 60; port++) {
      wire.connect(wire.open(`10.0.0.7:${port}`, [Given.swarm], { asks: false }), bob)
      wire.pass(50)
    }
    wire.pass(minute)

    assert.strictEqual(b.state.peers.size, 32)
    assert.isTrue(Wire.told(b, "Rejected").every(({ reason }) => reason === "full"))
  })

  it("finds no room beyond the channels of one source by asking for the last one many times", () => {
    const wire = Wire.make()
    const b = wire.open(bob, [Given.swarm], { bounds: { channelsPerSource: 4 } })
    for (let port = 1; port <= 8; port++) {
      wire.connect(wire.open(`10.0.0.7:${port}`, [Given.swarm], { asks: false }), bob)
    }
    wire.pass(minute)

    assert.strictEqual(b.state.peers.size, 4)
  })

  it("finds no room beyond all channels", () => {
    const wire = Wire.make()
    const b = wire.open(bob, [Given.swarm], { bounds: { channels: 4 } })
    for (let host = 10; host < 20; host++) wire.connect(wire.open(`10.0.0.${host}:1`), bob)
    wire.pass(minute)

    assert.strictEqual(b.state.peers.size, 4)
  })
})

describe("a channel", () => {
  it("is kept alive for an hour, with a datagram a minute at least and never in step", () => {
    const { a, b, wire } = pair()
    const from = wire.sent.length
    wire.pass(60 * minute)

    assert.deepStrictEqual([Wire.peers(a), Wire.peers(b)], [[bob], [ada]])
    const times = wire.sent.slice(from).filter((datagram) => datagram.from === ada).map(({ at }) => at)
    const pauses = times.slice(1).map((time, index) => time - times[index]!)
    assert.isAtMost(Math.max(...pauses), 60_000)
    assert.isAbove(new Set(pauses).size, 20)
    assert.isBelow(times.length, 140)
  })

  it("is over after three minutes of silence, with three datagrams in vain", () => {
    const { a, b, wire } = pair()
    wire.shut(b)
    const from = wire.now()
    wire.pass(10 * minute)

    const [[at, closed]] = a.told.filter(([, { _tag }]) => _tag === "Closed") as [typeof a.told[0]]
    assert.strictEqual(closed._tag === "Closed" && closed.reason, "silence")
    assert.isAtLeast(at - from, 3 * minute - 1_000)
    assert.isAtMost(at - from, 3 * minute + 1_000)
    assert.isAtLeast(wire.sent.filter((datagram) => datagram.from === ada && datagram.at > from).length, 3)
    assert.strictEqual(a.state.channels.size, 0)
  })

  it("S-F2 is not over because we slept", () => {
    const { a, wire } = pair()
    const out: Array<never> = []
    Channels.take(a.state, { _tag: "Woke" }, wire.now() + 60 * minute, out)

    assert.deepStrictEqual(Wire.peers(a), [bob])
    assert.deepStrictEqual(out.map(({ _tag }: { readonly _tag: string }) => _tag), ["Transmit"])
  })

  it("is not over after three minutes with but two datagrams in vain", () => {
    const { a, wire } = pair()
    const wakeAt = (seconds: number) => {
      const out: Array<Output.Output> = []
      Channels.take(a.state, { _tag: "Woke" }, wire.now() + seconds * 1_000, out)
      return out.map(({ _tag }) => _tag)
    }

    assert.deepStrictEqual(wakeAt(100), ["Transmit"])
    assert.deepStrictEqual(wakeAt(200), ["Transmit"])
    assert.deepStrictEqual(wakeAt(235), [])
    assert.deepStrictEqual(wakeAt(300), ["Transmit"])
    assert.deepStrictEqual(wakeAt(300.9), [])
    assert.deepStrictEqual(wakeAt(301), ["Closed"])
  })

  it("ends with a goodbye", () => {
    const { a, b, wire } = pair()
    const [channel] = b.state.channels.keys()
    wire.put(a, { _tag: "Close" })
    wire.pass(100)

    assert.deepStrictEqual(wire.sent.at(-1)!.payload, Message.encode(channel!, [Handshake.close], Given.swarm))
    assert.deepStrictEqual(Wire.told(a, "Closed").map(({ reason }) => reason), ["local"])
    assert.deepStrictEqual(Wire.told(b, "Closed").map(({ reason }) => reason), ["goodbye"])
    assert.deepStrictEqual([a.state.channels.size, b.state.channels.size], [0, 0])
  })

  it("is not ended by who does not know it, nor from elsewhere", () => {
    const { b, wire } = pair()
    const [channel] = b.state.channels.keys()
    const close = (id: number) => Message.encode(id, [Handshake.close], Given.swarm)
    wire.inject(ada, bob, close(channel! ^ 1))
    wire.inject(eve, bob, close(channel!))
    wire.inject("10.0.0.1:9", bob, close(channel!))
    wire.pass(100)

    assert.deepStrictEqual(Wire.told(b, "Closed"), [])
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), ["channel", "moved", "moved"])
  })

  it("gives way to that of a peer that restarted, once that one is heard", () => {
    const { a, b, wire } = pair()
    wire.shut(a)
    wire.pass(minute)
    wire.inject(ada, bob, request(12_345))
    wire.pass(100)
    assert.deepStrictEqual(Wire.told(b, "Opened").length, 1)
    wire.connect(wire.open(ada), bob)
    wire.pass(10 * minute)

    assert.deepStrictEqual(Wire.told(b, "Opened").map(({ isRestart }) => isRestart), [false, true])
    assert.deepStrictEqual([b.state.channels.size, Wire.told(b, "Closed").length], [1, 0])
  })

  it("goes on from another port of its host, which gets no more than came from there", () => {
    const { a, b, wire } = pair()
    const moved = "10.0.0.1:40000"
    const [channel] = b.state.channels.keys()
    wire.inject(moved, bob, Message.encode(channel!, [{ _tag: "PexReq" }], Given.swarm))
    wire.pass(100)

    assert.deepStrictEqual(Wire.told(b, "Moved").map(({ from, peer }) => [from, peer.address]), [
      [Wire.at(ada), Wire.at(moved)]
    ])
    assert.deepStrictEqual(Wire.peers(b), [moved])
    wire.shut(a)
    wire.put(b, { _tag: "Send", channel: channel!, messages: [{ _tag: "Have", chunks: Chunks.range(0, 1) }] })
    wire.pass(10 * minute)
    const octets = wire.sent.filter(({ to }) => to === moved).reduce((sum, { payload }) => sum + payload.length, 0)
    assert.isAtMost(octets, 5)
    assert.deepStrictEqual(Wire.told(b, "Closed").map(({ reason }) => reason), ["silence"])
  })

  it("does not go on from another host", () => {
    const { b, wire } = pair()
    const [channel] = b.state.channels.keys()
    wire.inject(eve, bob, Message.encode(channel!, [], Given.swarm))
    wire.pass(100)

    assert.deepStrictEqual(Wire.peers(b), [ada])
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), ["moved"])
  })

  it("hands on what was read before an unknown message, and says that there was one", () => {
    const { b, wire } = pair()
    const [channel] = b.state.channels.keys()
    const good = Message.encode(channel!, [{ _tag: "Have", chunks: Chunks.range(0, 1) }], Given.swarm)
    wire.inject(ada, bob, Uint8Array.of(...good, 200, 1, 2, 3))
    wire.pass(100)

    assert.deepStrictEqual(Wire.told(b, "Heard").at(-1)!.messages, [{ _tag: "Have", chunks: Chunks.range(0, 1) }])
    assert.deepStrictEqual(Wire.told(b, "Rejected").map(({ reason }) => reason), ["unknown"])
  })
})

describe("the exchange of peers", () => {
  const hosts = ["10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1"]
  const named = (socket: Wire.Socket) =>
    new Set(Wire.told(socket, "Named").flatMap(({ addresses }) => addresses.map(NetAddress.formatInet)))

  it("names the peers of the same swarm, and nobody else", () => {
    const wire = Wire.make()
    const other = Swarm.make({ id: "00ff" })
    wire.open(bob, [Given.swarm, other])
    for (const host of hosts) wire.connect(wire.open(host), bob)
    wire.connect(wire.open("10.0.0.6:1", [other]), bob, other)
    wire.pass(5_000)
    const a = wire.open(ada)
    wire.connect(a, bob)
    wire.pass(1_000)

    assert.deepStrictEqual(named(a), new Set(hosts))
  })

  it("names nobody that was not heard for a minute", () => {
    const wire = Wire.make()
    wire.open(bob)
    const silent = wire.open(hosts[0]!)
    wire.connect(silent, bob)
    wire.pass(1_000)
    wire.shut(silent)
    wire.pass(55_000)
    const early = wire.open("10.0.0.8:7")
    wire.connect(early, bob)
    wire.pass(1_000)
    assert.deepStrictEqual(named(early), new Set([hosts[0]]))
    wire.shut(early)
    wire.pass(61_000)
    const a = wire.open(ada)
    wire.connect(a, bob)
    wire.pass(1_000)

    assert.deepStrictEqual(named(a), new Set())
  })

  it("S-V5 keeps addresses of a host, a link and a site to those that they mean something to", () => {
    const wire = Wire.make()
    wire.open(bob)
    for (
      const host of [
        "127.0.0.1:7",
        "169.254.1.1:7",
        "10.0.0.3:7",
        "9.9.9.9:7",
        "[fe80::1]:7",
        "[fd11::1]:7",
        "[2600::1]:7"
      ]
    ) {
      wire.connect(wire.open(host, [Given.swarm], { asks: false }), bob)
    }
    wire.pass(5_000)
    const [near, far] = [wire.open(ada), wire.open("8.8.8.8:7")]
    for (const socket of [near, far]) wire.connect(socket, bob)
    wire.pass(1_000)

    const asking = new Set([ada, "8.8.8.8:7"])
    const namedTo = (socket: Wire.Socket) =>
      Array.from(named(socket)).filter((address) => !asking.has(address)).toSorted()
    assert.deepStrictEqual(namedTo(near), ["10.0.0.3:7", "9.9.9.9:7", "[2600::1]:7", "[fd11::1]:7"])
    assert.deepStrictEqual(namedTo(far), ["9.9.9.9:7", "[2600::1]:7"])
  })

  it("answers nobody more than every ten seconds, nor with more than sixteen peers", () => {
    const wire = Wire.make()
    const b = wire.open(bob)
    for (let host = 10; host < 50; host++) {
      wire.connect(wire.open(`10.0.0.${host}:1`, [Given.swarm], { asks: false }), bob)
    }
    wire.pass(5_000)
    const a = wire.open(ada)
    wire.connect(a, bob)
    wire.pass(100)
    for (let i = 0; i < 20; i++) wire.put(a, { _tag: "Send", channel: channelOf(a), messages: [{ _tag: "PexReq" }] })
    wire.pass(100)

    assert.deepStrictEqual(Wire.told(a, "Named").map(({ addresses }) => addresses.length), [16])
    assert.strictEqual(Wire.told(b, "Rejected").filter(({ reason }) => reason === "rate").length, 20)
  })

  it("S-U6 believes nothing of hosts of our site, our link or our host that comes from elsewhere", () => {
    const wire = Wire.make()
    const a = wire.open(ada)
    const far = wire.open("8.8.8.8:7")
    wire.connect(a, "8.8.8.8:7")
    wire.pass(100)
    const addresses = ["10.0.0.3:1", "192.168.1.1:80", "169.254.1.1:1", "127.0.0.1:1", "9.9.9.9:1"]
    const messages = addresses.map((address) => ({ _tag: "PexResV4", address: Wire.at(address) }) as const)
    const inner = ["fd00::1", "fe80::1", "::1", "::ffff:10.0.0.3", "2600::1"].map((host) =>
      ({ _tag: "PexResV6", address: Wire.at(`[${host}]:1`) }) as const
    )
    wire.put(far, { _tag: "Send", channel: channelOf(far), messages: [...messages, ...inner] })
    wire.pass(100)

    assert.deepStrictEqual(named(a), new Set(["9.9.9.9:1", "[2600::1]:1"]))
  })

  it("believes no more than so many of one answer, in however many datagrams it comes", () => {
    const { a, b, wire } = pair()
    for (let i = 0; i < 100; i++) {
      const address = Wire.at(`10.3.0.${i}:1`)
      wire.put(b, { _tag: "Send", channel: channelOf(b), messages: [{ _tag: "PexResV4", address }] })
    }
    wire.pass(100)

    assert.strictEqual(named(a).size, 32)
    assert.strictEqual(Wire.told(a, "Rejected").length, 68)
  })

  it("S-U6 believes nothing of what nobody could dial, and nothing that was not asked for", () => {
    const { a, b, wire } = pair()
    const addresses = [
      "0.0.0.0:1",
      "10.0.0.3:0",
      "224.0.0.1:1",
      "255.255.255.255:1",
      "127.0.0.1:1",
      "192.0.2.1:1",
      "10.0.0.3:1"
    ]
    const messages = addresses.map((address) => ({ _tag: "PexResV4", address: Wire.at(address) }) as const)
    wire.put(b, { _tag: "Send", channel: channelOf(b), messages })
    wire.pass(100)
    assert.deepStrictEqual(named(a), new Set(["10.0.0.3:1"]))
    wire.pass(31_000)
    wire.put(b, { _tag: "Send", channel: channelOf(b), messages })
    wire.pass(100)

    assert.strictEqual(Wire.told(a, "Named").length, 1)
    assert.deepStrictEqual(Wire.told(a, "Rejected").map(({ reason }) => reason), ["unsolicited"])
  })
})
