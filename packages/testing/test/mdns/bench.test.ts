import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Judge from "./support/Judge.ts"
import type * as Peer from "./support/Peer.ts"
import { forSeeds, row, within } from "./support/Row.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const name = "Ada's \\. printer._http._tcp.local"
const announcement = Wire.response({
  id: 7,
  answers: [Wire.ptr("_http._tcp.local", name), Wire.srv(name, "ada.local", 80), Wire.txt(name, ["a=1"])],
  additionals: [Wire.a("ada.local", "10.0.0.9"), Wire.aaaa("ada.local", "fe80::9"), Wire.nsec("ada.local", [1, 28])]
})

describe("the bench", () => {
  row("a peer's octets go where they are told to, and the tap decodes them", (bench) =>
    Effect.gen(function*() {
      const peer = bench.peer()
      yield* peer.send(announcement)
      yield* peer.send(Wire.query({ questions: [Wire.question("ada.local", "A", { unicast: true })] }), {
        interface: "eth1",
        from: "203.0.113.9",
        fromPort: 40_000
      })
      yield* peer.send(announcement, { family: "IPv6" })
      yield* peer.send(announcement, { to: "10.0.0.1", fromPort: 9 })
      const sent = yield* bench.sent({ host: "peer" })

      assert.deepStrictEqual(
        sent.map(({ destination, interface: local, isMulticast, source }) =>
          [local, source.address, source.port, destination.address, destination.port, isMulticast].join(" ")
        ),
        [
          "eth0 10.0.0.2 5353 224.0.0.251 5353 true",
          "eth1 203.0.113.9 40000 224.0.0.251 5353 true",
          "eth0 fe80::2 5353 ff02::fb 5353 true",
          "eth0 10.0.0.2 9 10.0.0.1 5353 false"
        ]
      )
      assert.deepStrictEqual(sent.map(({ ttl }) => ttl).slice(0, 3), [255, 255, 255])
      assert.strictEqual(
        Tap.line(sent[0]!),
        "0 peer/eth0 > 224.0.0.251:5353 R _http._tcp.local PTR Ada's . printer._http._tcp.local 4500s, " +
          "Ada's . printer._http._tcp.local SRV ada.local:80 120s flush, " +
          "Ada's . printer._http._tcp.local TXT a=1 4500s flush, add ada.local A 10.0.0.9 120s flush, " +
          "add ada.local AAAA fe80::9 120s flush, add ada.local NSEC A AAAA 120s flush"
      )
      assert.isTrue(Tap.asks("ADA.local", "A")(sent[1]!))
      assert.isTrue(sent[1]!.message.questions[0]!.unicast)
      assert.isTrue(Tap.tells("ada.local", "NSEC")(sent[0]!))
      assert.isFalse(Tap.answers("ada.local")(sent[0]!))
    }), { ipv6: true, segments: 2 })

  const breaking: ReadonlyArray<readonly [rule: string, message: Wire.Message, options?: Peer.Options]> = [
    ["id 0", { qr: 1, aa: 1, id: 9, answers: [Wire.a("a.local", "10.0.0.1")] }],
    ["AA in responses alone", { qr: 1, answers: [Wire.a("b.local", "10.0.0.1")] }],
    ["no TC in responses", { qr: 1, aa: 1, tc: 1, answers: [Wire.a("c.local", "10.0.0.1")] }],
    ["no other flag", { ad: 1, questions: [Wire.question("a.local", "A")] }],
    ["a response answers", { qr: 1, aa: 1 }],
    ["no questions", {
      qr: 1,
      aa: 1,
      questions: [Wire.question("d.local", "A")],
      answers: [Wire.a("d.local", "10.0.0.1")]
    }],
    ["come from 5353", { qr: 1, aa: 1, answers: [Wire.a("e.local", "10.0.0.1")] }, { fromPort: 9 }],
    ["one who has not asked", { qr: 1, aa: 1, answers: [Wire.a("f.local", "10.0.0.1")] }, { to: "10.0.0.1" }],
    ["10 s for legacy", { qr: 1, aa: 1, answers: [Wire.a("g.local", "10.0.0.1")] }, { to: "10.0.0.1", toPort: 9 }],
    ["8 flush", { qr: 1, aa: 1, answers: [Wire.ptr("x.local", "y.local", { flush: true })] }],
    ["no flush:", { qr: 1, aa: 1, answers: [Wire.a("h.local", "10.0.0.1", { flush: false })] }],
    ["no flush bit in queries", {
      questions: [Wire.question("i.local", "A")],
      answers: [Wire.a("i.local", "10.0.0.1")]
    }],
    ["probes ask for ANY", {
      questions: [Wire.question("j.local", "A")],
      authorities: [Wire.a("j.local", "10.0.0.1", { flush: false })]
    }],
    ["has the rest follow", { tc: 1, questions: [Wire.question("k.local", "A")] }],
    ["the rest follows", { answers: [Wire.a("l.local", "10.0.0.1", { flush: false })] }],
    ["NSEC is not in itself", { qr: 1, aa: 1, answers: [Wire.nsec("m.local", [1, 47])] }],
    ["next is the name itself", { qr: 1, aa: 1, answers: [Wire.nsec("n.local", [1], { next: "other.local" })] }],
    ["denied and told", {
      qr: 1,
      aa: 1,
      answers: [Wire.aaaa("o.local", "fe80::1")],
      additionals: [Wire.nsec("o.local", [1])]
    }],
    ["a record twice", { qr: 1, aa: 1, answers: [Wire.a("p.local", "10.0.0.1"), Wire.a("P.local", "10.0.0.1")] }],
    ["again after", { qr: 1, aa: 1, answers: [Wire.a("a.local", "10.0.0.1")] }],
    ["names of the link", { qr: 1, aa: 1, answers: [Wire.a("a.example", "10.0.0.1")] }],
    ["one record alone", {
      qr: 1,
      aa: 1,
      answers: ["q", "r"].map((name) => Wire.txt(`${name}.local`, Array(4).fill("x".repeat(200))))
    }],
    ["questions go to the group", { questions: [Wire.question("s.local", "A")] }, { to: "10.0.0.1" }]
  ]

  row("each rule that all datagrams are judged by can be broken", (bench) =>
    Effect.gen(function*() {
      for (const [rule, message, options] of breaking) {
        yield* bench.peer().send(Wire.encode(message), options)
        const sent = yield* bench.everything
        const found = Judge.breaches(sent, new Set(["peer"])).filter((line) => line.endsWith(Tap.line(sent.at(-1)!)))
        yield* Effect.sleep("10 millis")

        assert.isTrue(found.some((line) => line.includes(rule)), `${rule}, not ${found.join()}`)
      }
    }))

  forSeeds(
    "delays are judged over many seeds",
    (bench) => Effect.succeed(20 + bench.lan.seed % 100 + 0.5),
    (delays) => {
      within(delays, 20, 120)
      assert.throws(() => within(delays.map((delay) => delay + 40), 20, 120), "outside of 20 to 120")
      assert.throws(() => within(delays.map((delay) => 20 + (delay - 20) / 2), 20, 120), "quarters")
    }
  )
})
