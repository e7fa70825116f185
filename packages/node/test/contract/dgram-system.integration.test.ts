import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import * as Raw from "./Raw.ts"

const { attempt, bound, messages, send, socket, turns } = Raw

const isLinux = process.platform === "linux"

/** What binding ends in: the port, or the error's code and system call. */
const binding = (port: number, address: string, type: "udp4" | "udp6" = "udp4") =>
  Effect.flatMap(socket({ type }), (made) =>
    Effect.callback<number | string>((resume) => {
      made.once("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(`${error.code} ${error.syscall}`)))
      made.once("listening", () => resume(Effect.succeed(made.address().port)))
      made.bind(port, address)
    }))

describe("what Node makes of the system", () => {
  // a name that no server is asked for, since it is none
  it.live("rule 13: a bind address that is a name is looked up", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* binding(0, "no..such.host"), "ENOTFOUND getaddrinfo")
    }))

  it.live("rule 12: an address of the other family cannot be bound", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* binding(0, "::1"), "EINVAL bind")
      assert.strictEqual(yield* binding(0, "127.0.0.1", "udp6"), "EINVAL bind")
    }))

  it.live("rule 16: ports that are none are some port", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* binding(-1, "127.0.0.1"), 65_535)
      for (const port of [65_536, "abc"]) {
        const got = yield* binding(port as number, "127.0.0.1")
        assert.isTrue(typeof got === "number" && got > 1023 && got < 65_536, String(got))
      }
    }))

  // as somebody who may not, where these tests run as root
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const tryPort = `require("node:dgram").createSocket("udp4")
    .on("error", (error) => console.log(error.code)).bind(1001, "127.0.0.9", function() { this.close() })`
  const unprivileged = spawnSync(process.execPath, ["-e", tryPort], { cwd: "/", encoding: "utf8", ...asNobody })
  it.skipIf(!isLinux || unprivileged.status !== 0)("rule 6: a port below 1024 takes a privilege", () => {
    assert.strictEqual(unprivileged.stdout, "EACCES\n")
  })

  it.live("rule 41: a full receive buffer drops the newest, and the sender sees success", () =>
    Effect.gen(function*() {
      const receiver = yield* bound({}, { recvBufferSize: 10_000 })
      const got = messages(receiver)
      const sender = yield* bound()
      const results: Array<unknown> = []
      // all of them before the receiver gets to read
      for (let k = 0; k < 100; k++) {
        sender.send(`${k}`, receiver.address().port, "127.0.0.1", (error) => results.push(error))
      }
      yield* turns
      yield* turns

      assert.deepStrictEqual(results, Array.from({ length: 100 }, () => null))
      assert.isBelow(got.length, 100)
      assert.deepStrictEqual(got, Array.from({ length: got.length }, (_, k) => `${k}`))
    }))

  it.live.skipIf(!isLinux)("rule 43: a receive buffer is doubled, and 2,304 at least", () =>
    Effect.gen(function*() {
      const made = yield* bound()
      const sizes = [10_000, 1].map((size) => {
        made.setRecvBufferSize(size)
        return made.getRecvBufferSize()
      })
      made.setRecvBufferSize(2 ** 30)

      assert.deepStrictEqual(sizes, [20_000, 2304])
      assert.isBelow(made.getRecvBufferSize(), 2 ** 30)
    }))

  it.live("rule 57: joining throws at once", () =>
    Effect.gen(function*() {
      const made = yield* bound({ address: "0.0.0.0" })

      assert.strictEqual(attempt(() => made.addMembership("239.1.1.1", "198.51.100.1")), "ENODEV")
      assert.strictEqual(attempt(() => made.addMembership("239.1.1.1", "lo")), "EINVAL")
      assert.strictEqual(attempt(() => made.addMembership("10.1.1.1", "127.0.0.1")), "EINVAL")
    }))

  it.live("rule 59: what was not joined cannot be left", () =>
    Effect.gen(function*() {
      const made = yield* bound({ address: "0.0.0.0" })
      made.addMembership("239.1.1.1", "127.0.0.1")

      assert.strictEqual(attempt(() => made.addMembership("239.1.1.1", "127.0.0.1")), "EADDRINUSE")
      assert.strictEqual(attempt(() => made.dropMembership("239.1.1.2", "127.0.0.1")), "EADDRNOTAVAIL")
      made.dropMembership("239.1.1.1", "127.0.0.1")
      assert.strictEqual(attempt(() => made.dropMembership("239.1.1.1", "127.0.0.1")), "EADDRNOTAVAIL")
    }))

  it.live("rule 62: joining and leaving bind an unbound socket", () =>
    Effect.gen(function*() {
      const [joining, leaving, choosing] = [yield* socket(), yield* socket(), yield* socket()]
      joining.addMembership("239.1.1.1", "127.0.0.1")
      attempt(() => leaving.dropMembership("239.1.1.1", "127.0.0.1"))
      choosing.addSourceSpecificMembership("127.0.0.2", "239.1.1.1", "127.0.0.1")
      yield* turns

      for (const made of [joining, leaving, choosing]) assert.strictEqual(made.address().address, "0.0.0.0")
    }))

  it.live("rule 69: the interface to send by is checked", () =>
    Effect.gen(function*() {
      const made = yield* bound()
      const set = (address: string) => attempt(() => made.setMulticastInterface(address))

      assert.strictEqual(set("198.51.100.1"), "EADDRNOTAVAIL")
      assert.strictEqual(set("lo"), "EINVAL")
      assert.strictEqual(set("0.0.0.0"), undefined)
      const unbound = yield* socket()
      assert.strictEqual(attempt(() => unbound.setMulticastInterface("127.0.0.1")), "EBADF")
    }))

  it.live("rule 74: a multicast ttl is 0 to 255, another one 1 to 255", () =>
    Effect.gen(function*() {
      const made = yield* bound()
      const results = [
        ...[0, 255, 256].map((ttl) => attempt(() => made.setMulticastTTL(ttl))),
        ...[0, 1, 255, 256].map((ttl) => attempt(() => made.setTTL(ttl)))
      ]

      assert.deepStrictEqual(results, [undefined, undefined, "EINVAL", "EINVAL", undefined, undefined, "EINVAL"])
    }))

  it.live("rule 78: an unheard ICMP error fails the next send, which is not transmitted", () =>
    Effect.gen(function*() {
      const closed = yield* bound()
      const { port } = closed.address()
      const sender = yield* bound()
      yield* connected(sender, port)
      closed.close()
      yield* turns
      const results: Array<unknown> = []
      const errors: Array<string> = []
      sender.on("error", (error: NodeJS.ErrnoException) => void errors.push(`${error.code} ${error.syscall}`))
      for (const text of ["one", "two"]) sender.send(text, (error) => results.push(error && Raw.codeOf(error)))
      yield* turns

      assert.deepStrictEqual(results, [null, "ECONNREFUSED"])
      assert.deepStrictEqual(errors, [])
      sender.send("three", () => {})
      yield* turns
      assert.deepStrictEqual(errors, ["ECONNREFUSED recvmsg"])
    }))

  it.live.skipIf(!isLinux)("rule 80: disconnecting loses the port that the system chose", () =>
    Effect.gen(function*() {
      const peer = yield* bound()
      const made = yield* bound({ address: "0.0.0.0" })
      yield* connected(made, peer.address().port)
      const during = made.address().address
      made.disconnect()

      assert.strictEqual(during, "127.0.0.1")
      assert.deepInclude(made.address(), { address: "0.0.0.0", port: 0 })
    }))

  it.live("rule 81: connecting or disconnecting twice throws, and an address is taken for offsets", () =>
    Effect.gen(function*() {
      const peer = yield* bound()
      const made = yield* bound()
      const { port } = peer.address()
      yield* connected(made, port)
      const got = messages(peer)

      assert.strictEqual(attempt(() => made.connect(port, "127.0.0.1")), "ERR_SOCKET_DGRAM_IS_CONNECTED")
      // offset 1, length 2
      made.send(Buffer.from("hello"), 1, 2)
      yield* turns
      assert.deepStrictEqual(got, ["el"])
      made.disconnect()
      assert.strictEqual(attempt(() => made.disconnect()), "ERR_SOCKET_DGRAM_NOT_CONNECTED")
    }))

  it.live("rule 82: broadcast takes the option, which takes a bound socket", () =>
    Effect.gen(function*() {
      const made = yield* bound()
      const unbound = yield* socket()

      assert.strictEqual(yield* send(made, "x", 9, "127.255.255.255"), "EACCES")
      assert.strictEqual(attempt(() => unbound.setBroadcast(true)), "EBADF")
    }))

  it("rule 113: a listener that throws is an uncaught exception, and the socket stays open", () => {
    const program = `
      const dgram = require("node:dgram")
      const socket = dgram.createSocket("udp4")
      const got = []
      process.on("uncaughtException", (error) => got.push(error.message))
      socket.on("message", (message) => {
        if (String(message) === "two") { got.push("two"); socket.close(); console.log(got.join()) }
        else { socket.send("two", socket.address().port, "127.0.0.1"); throw new Error("thrown") }
      })
      socket.bind(0, "127.0.0.1", () => socket.send("one", socket.address().port, "127.0.0.1"))`
    const { stdout } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8", timeout: 10_000 })

    assert.strictEqual(stdout, "thrown,two\n")
  })
})

const connected = (made: Parameters<typeof messages>[0], port: number) =>
  Effect.callback<void>((resume) => {
    made.connect(port, "127.0.0.1", () => resume(Effect.void))
  })
