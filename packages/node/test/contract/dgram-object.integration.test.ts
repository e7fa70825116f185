import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type * as Dgram from "node:dgram"
import * as Net from "node:net"
import * as Raw from "./Raw.ts"

const { attempt, bound, event, messages, send, socket, turns } = Raw

const notRunning = "ERR_SOCKET_DGRAM_NOT_RUNNING"

describe("the socket object of Node", () => {
  it.live("rule 99: options cannot be set before binding", () =>
    Effect.gen(function*() {
      const unbound = yield* socket()
      const calls = [
        () => unbound.setBroadcast(true),
        () => unbound.setTTL(1),
        () => unbound.setMulticastTTL(1),
        () => unbound.setMulticastLoopback(true),
        () => unbound.setMulticastInterface("127.0.0.1"),
        () => unbound.address()
      ]

      assert.deepStrictEqual(new Set(calls.map(attempt)), new Set(["EBADF"]))
      assert.strictEqual(attempt(() => unbound.setRecvBufferSize(5000)), "ERR_SOCKET_BUFFER_SIZE")
    }))

  it.live("rule 100: a failed bind is an error event, without the callback, and can be repeated", () =>
    Effect.gen(function*() {
      const holder = yield* bound()
      const { port } = holder.address()
      const second = yield* socket()
      let called = false
      second.bind(port, "127.0.0.1", () => (called = true))
      const early = called
      const [error] = yield* event(second, "error")
      holder.close()
      second.bind(port, "127.0.0.1")
      yield* event(second, "listening")

      assert.deepStrictEqual([early, Raw.codeOf(error)], [false, "EADDRINUSE"])
      // registered for the first "listening" event, of whichever attempt
      assert.strictEqual(second.address().port, port)
    }))

  it.live("rule 101: a second bind throws", () =>
    Effect.gen(function*() {
      const once = yield* bound()

      assert.strictEqual(attempt(() => once.bind(0)), "ERR_SOCKET_ALREADY_BOUND")
    }))

  it.live("rule 102: sending binds an unbound socket", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const sender = yield* socket()
      const sent = send(sender, "hello", receiver.address().port)
      const early = attempt(() => sender.address())
      yield* sent

      assert.strictEqual(early, "EBADF")
      assert.strictEqual(sender.address().address, "0.0.0.0")
    }))

  it.live("rule 103: the callback comes later than the call, and before the message", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const sender = yield* bound()
      const order: Array<string> = []
      receiver.on("message", () => order.push("message"))
      sender.send("hello", receiver.address().port, "127.0.0.1", (error, octets) => order.push(`${error} ${octets}`))
      order.push("after the call")
      yield* turns

      assert.deepStrictEqual(order, ["after the call", "null 5", "message"])
    }))

  it.live("rule 104: without a callback no error is told", () =>
    Effect.gen(function*() {
      const sender = yield* bound()
      const errors: Array<unknown> = []
      sender.on("error", (error) => errors.push(error))
      sender.send(new Uint8Array(65_508), 9, "127.0.0.1")
      yield* turns

      assert.deepStrictEqual(errors, [])
      assert.strictEqual(yield* send(sender, new Uint8Array(65_508), 9), "EMSGSIZE")
    }))

  it.live("rule 105: a change right after the send is sent, unless the lookup answers at once", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const got = messages(receiver)
      const lookup: NonNullable<Dgram.SocketOptions["lookup"]> = (hostname, _, answer) => answer(null, hostname, 4)
      for (const sender of [yield* bound(), yield* bound({}, { lookup })]) {
        const payload = Buffer.from("before")
        sender.send(payload, receiver.address().port, "127.0.0.1", () => {})
        payload.write("after!")
        yield* turns
      }

      assert.deepStrictEqual(got, ["after!", "before"])
    }))

  it.live("rule 106: closing in the same tick loses the datagram and its callback", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const got = messages(receiver)
      const called: Array<string> = []
      for (const name of ["same tick", "a turn later"]) {
        const sender = yield* bound()
        sender.send(name, receiver.address().port, "127.0.0.1", () => called.push(name))
        if (name === "a turn later") yield* turns
        sender.close()
        yield* turns
      }

      assert.deepStrictEqual([got, called], [["a turn later"], ["a turn later"]])
    }))

  it.live("rule 107: after closing every call throws, and the close event comes once, later", () =>
    Effect.gen(function*() {
      const closed = yield* bound()
      let closes = 0
      closed.on("close", () => closes++)
      closed.close()
      const early = closes
      const codes = (calls: ReadonlyArray<() => unknown>) => new Set(calls.map(attempt))

      assert.deepStrictEqual(
        codes([
          () => closed.send("x", 9, "127.0.0.1"),
          () => closed.address(),
          () => closed.bind(0),
          () => closed.close(),
          () => closed.addMembership("239.1.1.1", "127.0.0.1"),
          () => closed.setMulticastInterface("127.0.0.1")
        ]),
        new Set([notRunning])
      )
      assert.deepStrictEqual(
        codes([
          () => closed.setBroadcast(true),
          () => closed.setMulticastTTL(1),
          () => closed.connect(9, "127.0.0.1"),
          () => closed.getRecvBufferSize()
        ]),
        new Set(["TypeError"])
      )
      yield* turns
      assert.deepStrictEqual([early, closes], [0, 1])
    }))

  it.live("rule 108: no message comes after closing, not even the rest of a batch", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const sender = yield* bound()
      const got: Array<string> = []
      receiver.on("message", (message) => {
        got.push(message.toString())
        receiver.close()
      })
      for (const text of ["one", "two", "three"]) sender.send(text, receiver.address().port, "127.0.0.1", () => {})
      yield* turns

      assert.deepStrictEqual(got, ["one"])
    }))

  it.live("rule 109: closing while a bind is under way only closes", () =>
    Effect.gen(function*() {
      const early = yield* socket()
      const events: Array<string> = []
      for (const name of ["listening", "error", "close"]) early.on(name, () => void events.push(name))
      early.bind(0, "127.0.0.1", () => void events.push("callback"))
      early.close()
      yield* turns

      assert.deepStrictEqual(events, ["close"])
    }))

  it.live("rule 110: a turn of the event loop delivers 32 datagrams at most", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const sender = yield* bound()
      let turn = 0
      const perTurn = new Map<number, number>()
      receiver.on("message", () => perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1))
      for (let k = 0; k < 100; k++) sender.send("x", receiver.address().port, "127.0.0.1", () => {})
      const count = () => {
        turn++
        if (turn < 20) setImmediate(count)
      }
      setImmediate(count)
      yield* turns
      yield* turns
      yield* turns
      const counts = Array.from(perTurn.values())

      assert.strictEqual(counts.reduce((sum, each) => sum + each, 0), 100)
      assert.strictEqual(Math.max(...counts), 32)
    }))

  it.live("rule 111: each message has its own buffer, and the sender's record four fields", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const sender = yield* bound()
      const got: Array<readonly [Buffer, Dgram.RemoteInfo]> = []
      receiver.on("message", (message, from) => void got.push([message, from]))
      yield* send(sender, "one", receiver.address().port)
      yield* send(sender, "two", receiver.address().port)
      yield* turns
      got[1]![0].fill(0)

      assert.strictEqual(got[0]![0].toString(), "one")
      const from = { address: "127.0.0.1", family: "IPv4", port: sender.address().port, size: 3 }
      assert.deepStrictEqual({ ...got[0]![1] }, from as Dgram.RemoteInfo)
    }))

  it.live("rule 55: a message tells neither its group nor its interface", () =>
    Effect.gen(function*() {
      const receiver = yield* bound({ address: "0.0.0.0" })
      receiver.addMembership("239.77.1.2", "127.0.0.1")
      const sender = yield* bound()
      sender.setMulticastInterface("127.0.0.1")
      const message = event(receiver, "message")
      const [, from] = (yield* Effect.all([message, send(sender, "x", receiver.address().port, "239.77.1.2")], {
        concurrency: "unbounded"
      }))[0]

      assert.deepStrictEqual(Object.keys(from as object).toSorted(), ["address", "family", "port", "size"])
    }))

  it.live("rule 112: a destination port that is none throws, a numeric text is one", () =>
    Effect.gen(function*() {
      const sender = yield* bound()
      for (const port of [0, 65_536, -1, "x"]) {
        assert.strictEqual(attempt(() => sender.send("x", port as number, "127.0.0.1")), "ERR_SOCKET_BAD_PORT")
      }
      const receiver = yield* bound()

      assert.strictEqual(yield* send(sender, "x", String(receiver.address().port) as unknown as number), 1)
    }))

  it.live("rule 114: an array is one datagram", () =>
    Effect.gen(function*() {
      const receiver = yield* bound()
      const got = messages(receiver)
      yield* send(yield* bound(), [Buffer.from("one"), Buffer.from("two")], receiver.address().port)
      yield* turns

      assert.deepStrictEqual(got, ["onetwo"])
    }))

  it.live("rule 115: an abort closes without an error", () =>
    Effect.gen(function*() {
      const abort = new AbortController()
      const aborted = yield* bound({}, { signal: abort.signal })
      const events: Array<string> = []
      for (const name of ["error", "close"]) aborted.on(name, () => void events.push(name))
      abort.abort()
      yield* turns

      assert.deepStrictEqual(events, ["close"])
    }))

  it.live("rule 116: block lists refuse to send, and drop what comes", () =>
    Effect.gen(function*() {
      const blocked = new Net.BlockList()
      blocked.addAddress("127.0.0.1")
      const sender = yield* bound({}, { sendBlockList: blocked })
      const receiver = yield* bound({}, { receiveBlockList: blocked })
      const got = messages(receiver)
      yield* send(yield* bound(), "x", receiver.address().port)
      yield* turns

      assert.strictEqual(yield* send(sender, "x", receiver.address().port), "ERR_IP_BLOCKED")
      assert.deepStrictEqual(got, [])
    }))
})
