/**
 * Rules 99 to 116: the socket object of Node. What they say of `node:dgram` itself is tested on `node:dgram`; here are the promises that a
 * `Network` makes in its place.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as NetAddress from "effect/net/NetAddress"
import * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as ContractBed from "../../../ContractBed.ts"
import * as Play from "../Play.ts"
import { type Layer, type Rule, rule, same, test } from "../Rule.ts"
import * as Text from "../Text.ts"

const { at, inUse, open, opening, outcome, payloads } = Play

const local = "127.0.0.1"
const loopback = NetAddress.ipv4Loopback

const onlyRaw = (reason: string): { readonly [K in Layer]?: string } => ({ simulated: reason, t1: reason, t2: reason })

const networkOf = (bed: ContractBed.Bed): Network.Network["Service"] => bed.host("h1").network!

const bound = (bed: ContractBed.Bed, port: number): Effect.Effect<DatagramSocket.DatagramSocket> =>
  networkOf(bed).open({ family: "IPv4", bind: { address: loopback, port } })

const text = (payload: Uint8Array) => Text.decode(payload)

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(
    99,
    ["t1", "node"],
    "Options cannot be set before binding",
    [],
    onlyRaw("options of Network.open are applied after binding, before there is a reader or writer to use")
  ),

  rule(100, ["t1", "node"], "A socket that failed to open can be opened again", [
    test("once the port is free", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const holder = yield* open(bed.host("h1"), { address: local, port })
        const socket = yield* bound(bed, port)
        const first = yield* Effect.exit(Effect.scoped(socket.reader))
        yield* holder.close
        const reader = yield* socket.reader

        yield* same("the first opening", Exit.isFailure(first), true)
        yield* same("the second", reader.address.port, port)
      }))
  ]),

  rule(101, ["t1", "node"], "A socket has one reader at a time, and the next one waits", [
    test("until the first closes", ["network"], (bed) =>
      Effect.gen(function*() {
        const socket = yield* bound(bed, yield* bed.port)
        const scope = yield* Scope.make()
        yield* Scope.provide(socket.reader, scope)
        const second = yield* Effect.forkScoped(socket.reader)
        yield* bed.settle
        const waiting = second.pollUnsafe() === undefined
        yield* Scope.close(scope, Exit.void)
        const reader = yield* Fiber.join(second)

        yield* same("the second waits", waiting, true)
        yield* same("and gets its own", reader.address.port > 0, true)
      }))
  ]),

  rule(102, ["t1", "node"], "A write waits until the socket is open", [
    test("and then goes out", ["network"], (bed) =>
      Effect.gen(function*() {
        const receiver = yield* open(bed.host("h1"), { port: yield* bed.port })
        const socket = yield* bound(bed, 0)
        const writer = yield* socket.writer
        const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
        const write = yield* Effect.forkScoped(writer.write({ payload: "early", address }))
        yield* bed.settle
        const waiting = write.pollUnsafe() === undefined
        yield* socket.reader
        yield* Fiber.join(write)

        yield* same("waiting", waiting, true)
        yield* same("received", yield* payloads(receiver), [["early"]])
      }))
  ]),

  rule(103, ["t1", "node"], "A write that succeeds has been handed over", [
    test("to a port that is closed right after", [], (bed) =>
      Effect.gen(function*() {
        const receiver = yield* open(bed.host("h1"), { port: yield* bed.port })
        const sender = yield* open(bed.host("h1"), { address: local })
        yield* sender.send("last words", at(local, receiver.port))
        yield* sender.close

        yield* same("received", yield* payloads(receiver), [["last words"]])
      }))
  ]),

  rule(104, ["t1", "node"], "No error of a send is lost", [
    test("of one, and of one among many", [], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local })
        const to = at(local, yield* bed.port)
        const tooLarge = "EMSGSIZE MessageTooLarge"

        yield* same("one", yield* outcome(sender.send({ octets: 65_508 }, to)), tooLarge)
        yield* same("among many", yield* outcome(sender.sendAll(["a", { octets: 65_508 }, "b"], to)), tooLarge)
      }))
  ]),

  rule(105, ["t1", "node"], "The payload sent is the one at the moment of writing", [
    test("changed right after", ["network"], (bed) =>
      Effect.gen(function*() {
        const receiver = yield* open(bed.host("h1"), { port: yield* bed.port })
        const socket = yield* bound(bed, 0)
        yield* socket.reader
        const writer = yield* socket.writer
        const payload = Text.encode("hello")
        const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
        const write = yield* Effect.forkScoped(writer.write({ payload, address }), { startImmediately: true })
        payload.fill(0)
        yield* Fiber.join(write)

        yield* same("received", yield* payloads(receiver), [["hello"]])
      }))
  ]),

  rule(106, ["t1", "node"], "A farewell that was written leaves before the socket closes", [
    test("in a finalizer", ["network"], (bed) =>
      Effect.gen(function*() {
        const receiver = yield* open(bed.host("h1"), { port: yield* bed.port })
        const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
        yield* Effect.scoped(Effect.gen(function*() {
          const socket = yield* bound(bed, 0)
          yield* socket.reader
          const writer = yield* socket.writer
          yield* Effect.addFinalizer(() => Effect.orDie(writer.write({ payload: "goodbye", address })))
        }))

        yield* same("received", yield* payloads(receiver), [["goodbye"]])
      }))
  ]),

  rule(107, ["t1", "node"], "After closing, nothing is sent", [
    test("a write waits for the next reader", ["network"], (bed) =>
      Effect.gen(function*() {
        const receiver = yield* open(bed.host("h1"), { port: yield* bed.port })
        const socket = yield* bound(bed, 0)
        const writer = yield* socket.writer
        yield* Effect.scoped(socket.reader)
        const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
        const write = yield* Effect.forkScoped(writer.write({ payload: "too late", address }))
        yield* bed.settle

        yield* same("waiting", write.pollUnsafe() === undefined, true)
        yield* same("received", yield* payloads(receiver), [[]])
      }))
  ]),

  rule(108, ["t1", "node"], "After closing, nothing is received", [
    test("the pull that waited fails, and so do later ones", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const sender = yield* open(bed.host("h1"), { address: local })
        const socket = yield* bound(bed, port)
        const scope = yield* Scope.make()
        const reader = yield* Scope.provide(socket.reader, scope)
        const pull = yield* Effect.forkScoped(Effect.flip(reader.pull))
        yield* bed.settle
        yield* Scope.close(scope, Exit.void)
        yield* sender.send("too late", at(local, port))
        yield* bed.settle
        const ends = [yield* Fiber.join(pull), yield* Effect.flip(reader.pull)]

        yield* same("ends", ends.map(({ reason }) => reason._tag), [
          "DatagramSocketClosedError",
          "DatagramSocketClosedError"
        ])
      }))
  ]),

  rule(109, ["t1", "node"], "An opening that is interrupted leaves no socket behind", [
    test("the port is free", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const socket = yield* bound(bed, port)
        const opening_ = yield* Effect.forkScoped(Effect.scoped(Effect.andThen(socket.reader, Effect.never)), {
          startImmediately: true
        })
        yield* Fiber.interrupt(opening_)

        yield* same("open", yield* opening(bed.host("h1"), { address: local, port }), "ok")
      }))
  ]),

  rule(
    110,
    ["t1", "node"],
    "Up to 32 datagrams are delivered in one turn of the event loop",
    [],
    onlyRaw("turns of the event loop cannot be seen through Network: pull gives all that has come")
  ),

  rule(111, ["t1", "node"], "Each datagram has a payload of its own, safe to keep", [
    test("two of the same length", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const reader = yield* (yield* bound(bed, port)).reader
        const sender = yield* open(bed.host("h1"), { address: local })
        yield* sender.send("one", at(local, port))
        const [first] = yield* reader.pull
        yield* sender.send("two", at(local, port))
        const [second] = yield* reader.pull
        const kept = text(first.payload)
        second.payload.fill(0)

        yield* same("the first", [kept, text(first.payload)], ["one", "one"])
        yield* same("its sender", NetAddress.formatInet(first.address), at(local, sender.port))
      }))
  ]),

  rule(112, ["t1", "node"], "A destination port that is none is refused", [
    test("0", [], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local })

        yield* same("send", yield* outcome(sender.send("hello", at(local, 0))), "ERR_SOCKET_BAD_PORT Unknown")
      }))
  ]),

  rule(113, ["t1", "node"], "A defect of who reads does not harm the socket", [
    test("the next one goes on", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const reader = yield* (yield* bound(bed, port)).reader
        const sender = yield* open(bed.host("h1"), { address: local })
        yield* sender.send("one", at(local, port))
        const defect = yield* Effect.exit(Effect.andThen(reader.pull, Effect.die("a bug")))
        yield* sender.send("two", at(local, port))
        const [second] = yield* reader.pull

        yield* same("the first reader", Exit.isFailure(defect), true)
        yield* same("the second", text(second.payload), "two")
      }))
  ]),

  rule(
    114,
    ["t1", "node"],
    "An array of buffers is sent as one datagram",
    [],
    onlyRaw("a write takes one payload")
  ),

  rule(115, ["t1", "node"], "Interruption closes the socket", [
    test("and frees its port", ["network"], (bed) =>
      Effect.gen(function*() {
        const port = yield* bed.port
        const socket = yield* bound(bed, port)
        const user = yield* Effect.forkScoped(
          Effect.scoped(Effect.flatMap(socket.reader, (reader) => Effect.forever(reader.pull)))
        )
        yield* bed.settle
        const before = yield* opening(bed.host("h1"), { address: local, port })
        yield* Fiber.interrupt(user)

        yield* same("while it runs", before, inUse)
        yield* same("afterwards", yield* opening(bed.host("h1"), { address: local, port }), "ok")
      }))
  ]),

  rule(
    116,
    ["t1", "node"],
    "Block lists refuse to send and drop what comes",
    [],
    onlyRaw("Network.open has no block lists")
  )
]
