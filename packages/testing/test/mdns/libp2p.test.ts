/** The profile of libp2p: peers in TXT records, without host or port. */
import type { PeerRegistry } from "@effect-discovery/core"
import { Libp2p, Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Scope, Stream } from "effect"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const id = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"
const own = "12D3KooWOwn"
const domain = "_p2p._udp.local"
const dnsaddr = (peer: string, address = "10.0.0.2") => `dnsaddr=/ip4/${address}/tcp/4001/p2p/${peer}`

/** What the source says, in short. */
const heard = Effect.fnUntraced(function*(us: Subject.Subject, options: Libp2p.Options = {}) {
  const lines: Array<string> = []
  const note = (input: PeerRegistry.Input) =>
    Effect.sync(() => {
      if (input._tag === "Announced") lines.push(`${input.claim.identity} ${input.claim.addresses.map(String).join()}`)
      if (input._tag === "Withdrawn") lines.push(`${input.identity} ${input.reason}`)
    })
  const opened = yield* Libp2p.source(options).open.pipe(Effect.provideService(Mdns.Mdns, us.mdns))
  yield* Effect.forkScoped(Stream.runForEach(opened.inputs, note), { startImmediately: true })
  yield* Effect.sleep("500 millis")
  return lines
})

describe("libp2p", () => {
  row(
    "peers are taken from TXT records alone, wherever these stand, and lost with their pointer",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const lines = yield* heard(us, { peer: own })
        const [one, two] = ["abc", "def"].map((label) => `${label}.${domain}`) as [string, string]
        const peer = bench.peer()
        yield* peer.send(Wire.response({
          answers: [Wire.ptr(domain, one)],
          additionals: [Wire.txt(one, [dnsaddr("QmOne"), "other=1", "dnsaddr=nothing"])]
        }))
        yield* peer.send(
          Wire.response({ answers: [Wire.ptr(domain, two), Wire.txt(two, [dnsaddr(own), dnsaddr(id)])] })
        )
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(lines.splice(0), ["QmOne 10.0.0.2:4001", `${id} 10.0.0.2:4001`])

        yield* peer.send(Wire.response({ answers: [Wire.ptr(domain, one, { ttl: 0 })] }))
        yield* Effect.sleep("2 seconds")
        assert.deepStrictEqual(lines, ["QmOne Goodbye"])
      })
  )

  row(
    "more addresses than fit into a record are announced under several names, and found as one peer",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { on: "us" })
        const them = yield* Subject.start(bench, { on: "them" })
        const lines = yield* heard(us)
        const multiaddrs = Array.from({ length: 60 }, (_, i) => `/ip4/10.0.1.${i + 1}/tcp/4001`)
        const scope = yield* Scope.make()
        yield* Libp2p.advertise({ peer: id, multiaddrs }).pipe(
          Effect.provideService(Mdns.Mdns, them.mdns),
          Scope.provide(scope)
        )
        yield* Effect.sleep("10 seconds")
        assert.strictEqual(lines.at(-1)!.split(",").length, 60)
        const sent = yield* bench.sent({ host: "them" })
        assert.isAbove(new Set(Tap.recordsOf(sent, domain, "PTR").map(({ data }) => data)).size, 3)
        assert.deepStrictEqual(Tap.recordsOf(sent, undefined, "SRV"), [])
        assert.isTrue(sent.every(({ payload }) => payload.length <= 1_472))

        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep("3 seconds")
        assert.strictEqual(lines.at(-1), `${id} Goodbye`)
      }),
    { hosts: ["us", "them"] }
  )

  row("a private network has a type of its own", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const lines = yield* heard(us, { network: "0123456789abcdef" })
      const type = "_p2p-0123456789abcdef._udp.local"
      yield* bench.peer().send(Wire.response({
        answers: [Wire.ptr(type, `x.${type}`), Wire.txt(`x.${type}`, [dnsaddr(id)])]
      }))
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(lines, [`${id} 10.0.0.2:4001`])
    }))

  row("what cannot be announced is refused before anything is sent", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const error = yield* Libp2p.advertise({ peer: id, multiaddrs: ["not one"] }).pipe(
        Effect.provideService(Mdns.Mdns, us.mdns),
        Effect.flip
      )

      assert.strictEqual(Subject.reasonOf(error), "DiscoveryError InvalidAnnouncement")
      yield* bench.silence(5_000)
    }))
})
