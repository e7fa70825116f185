/**
 * Rules 77 to 81: ICMP and connected sockets.
 */
import * as Effect from "effect/Effect"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, onA, open, outcome, payloads } = Play

const local = "127.0.0.1"
const refused = "ECONNREFUSED ConnectionRefused"

const codes = (socket: Play.Socket) =>
  Effect.map(socket.errors, (errors) => errors.map(({ code, kind }) => `${code} ${kind}`))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(77, ["t1", "linux"], "An unconnected socket never hears that a port is closed", [
    test("three sends", [], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local })
        const port = yield* bed.port
        for (const text of ["one", "two", "three"]) {
          yield* same(text, yield* outcome(sender.send(text, at(local, port))), "ok")
          yield* bed.settle
        }

        yield* same("errors", yield* codes(sender), [])
      }))
  ]),

  rule(78, ["t1", "linux"], "A connected socket hears of a closed port once for each datagram", [
    test("one send, one error", [], (bed) =>
      Effect.gen(function*() {
        const sender = yield* open(bed.host("h1"), { address: local, connect: at(local, yield* bed.port) })
        yield* sender.send("one")
        const first = yield* codes(sender)
        yield* sender.send("two")

        yield* same("errors", [first, yield* codes(sender)], [[refused], [refused]])
      })),
    test("of another host", ["segments"], (bed) =>
      Effect.gen(function*() {
        const peer = at(onA(bed.host("h2")).ipv4, yield* bed.port)
        const sender = yield* open(bed.host("h1"), { connect: peer })
        yield* sender.send("one")

        yield* same("errors", yield* codes(sender), [refused])
      })),
    test("the socket goes on working", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const sender = yield* open(host, { address: local, connect: at(local, port) })
        yield* sender.send("lost")
        yield* same("errors", yield* codes(sender), [refused])
        const peer = yield* open(host, { address: local, port })
        yield* sender.send("found")
        yield* peer.send("answer", at(local, sender.port))

        yield* same("received", yield* payloads(peer, sender), [["found"], ["answer"]])
      }))
  ]),

  rule(79, ["t1", "any"], "A connected socket receives only from its peer", [
    test("of two senders", [], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h1")
        const [peer, other] = [yield* open(host, { address: local }), yield* open(host, { address: local })]
        const socket = yield* open(host, { address: local, connect: at(local, peer.port) })
        yield* other.send("other", at(local, socket.port))
        yield* peer.send("peer", at(local, socket.port))

        yield* same("received", yield* payloads(socket), [["peer"]])
      }))
  ]),

  rule(80, ["t1", "linux"], "Connecting gives a wildcard socket the address it reaches its peer from", [
    test("loopback", [], (bed) =>
      Effect.gen(function*() {
        const socket = yield* open(bed.host("h1"), { connect: at(local, yield* bed.port) })

        yield* same("address", socket.address, local)
      })),
    test("a segment", ["segments"], (bed) =>
      Effect.gen(function*() {
        const [h1, h2] = [bed.host("h1"), bed.host("h2")]
        const socket = yield* open(h1, { connect: at(onA(h2).ipv4, 9) })

        yield* same("address", socket.address, onA(h1).ipv4)
      }))
  ]),

  rule(81, ["t1", "node"], "A connected socket sends to nobody but its peer", [
    test("not even where the address is its peer's", [], (bed) =>
      Effect.gen(function*() {
        const [host, port] = [bed.host("h1"), yield* bed.port]
        const peer = yield* open(host, { address: local, port })
        const socket = yield* open(host, { address: local, connect: at(local, port) })

        yield* same("refused", (yield* outcome(socket.send("addressed", at(local, port)))) !== "ok", true)
        yield* socket.send("plain")
        yield* same("received", yield* payloads(peer), [["plain"]])
      }))
  ])
]
