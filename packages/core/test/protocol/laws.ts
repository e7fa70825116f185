/** What holds of every protocol, whatever its format. */
import { type Announcement, Machine, type Protocol } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Fuzz from "../fuzz/Fuzz.ts"
import * as Mutation from "../fuzz/Mutation.ts"
import * as Target from "../fuzz/Target.ts"

import { fromHex, type Malformed } from "./vectors.ts"

export interface Subject<State> {
  readonly protocol: Protocol.Protocol<State>
  /** Two different ones that the protocol can carry. */
  readonly announcements: readonly [Announcement.Announcement, Announcement.Announcement]
  /** Every word that a datagram may be refused with. */
  readonly reasons: ReadonlyArray<string>
  /** Good datagrams. */
  readonly corpus: ReadonlyArray<Uint8Array>
  readonly malformed: ReadonlyArray<Malformed>
  /** What mutation splices in. */
  readonly words: ReadonlyArray<Uint8Array>
  /** False for a format that has nothing in its datagrams to recognise our own by. */
  readonly isSelfAware?: boolean | undefined
}

type Outputs = ReadonlyArray<Protocol.Output>

export const address = (ip: string, port: number): NetAddress.InetAddress =>
  NetAddress.inetAddressUnsafe(NetAddress.ipFromStringUnsafe(ip), port)

const elsewhere = address("10.77.0.9", 40_000)

export const received = (payload: Uint8Array, source: NetAddress.InetAddress = elsewhere): Protocol.Received => ({
  _tag: "Received",
  payload,
  source
})

export const advertise = (announcement: Announcement.Announcement, key = 0): Protocol.Advertise => ({
  _tag: "Advertise",
  key,
  announcement
})

export const withdraw = (key = 0): Protocol.Withdraw => ({ _tag: "Withdraw", key })

/** What a node that advertises nothing makes of one datagram. */
export const hear = <State>(
  protocol: Protocol.Protocol<State>,
  payload: Uint8Array,
  source?: NetAddress.InetAddress
): Outputs => protocol.step(protocol.init(1, 0).state, received(payload, source), 0).outputs

/** What is sent, with its time, once for all endpoints. */
export const sent = (
  outputs: ReadonlyArray<readonly [at: number, output: Protocol.Output]>
): ReadonlyArray<readonly [at: number, payload: Uint8Array]> =>
  outputs.flatMap(([at, output], index) => {
    const [earlier, before] = outputs[index - 1] ?? []
    if (output._tag !== "Transmit") return []
    const isAgain = earlier === at && before?._tag === "Transmit" && before.payload === output.payload &&
      before.to !== output.to
    return isAgain ? [] : [[at, output.payload] as const]
  })

/** The datagrams that announce something first, which is at once or soon. */
export const announced = <State>(
  protocol: Protocol.Protocol<State>,
  announcement: Announcement.Announcement,
  seed = 1
): ReadonlyArray<Uint8Array> =>
  sent(Machine.replay(protocol, { seed, inputs: [[0, advertise(announcement)]], until: 50 }))
    .map(([, payload]) => payload)

/** What a node says when it hears every datagram that it sends. */
const loopedBack = <State>(protocol: Protocol.Protocol<State>, inputs: ReadonlyArray<Protocol.Input>): Outputs => {
  const outputs: Array<Protocol.Output> = []
  let { state } = protocol.init(1, 0)
  const take = (input: Protocol.Input): void => {
    const step = protocol.step(state, input, 0)
    state = step.state
    outputs.push(...step.outputs)
    for (const output of step.outputs) if (output._tag === "Transmit") take(received(output.payload))
  }
  inputs.forEach(take)
  return outputs
}

// of the protocol; its decoder alone has its own target
const executions = 50_000

export const laws = <State>(subject: Subject<State>): void => {
  const { announcements: [first, second], protocol } = subject
  const reasons = new Set(["size", ...subject.reasons])

  /** The one verdict on a datagram, which is a claim, an identity or a known reason. */
  const judge = (payload: Uint8Array): "accepted" | "rejected" => {
    const [verdict, ...rest] = hear(protocol, payload)
    if (verdict === undefined || rest.length > 0) throw new Error("not one output")
    if (verdict._tag === "Announced" || verdict._tag === "Withdrawn") return "accepted"
    if (verdict._tag === "Rejected" && reasons.has(verdict.reason)) return "rejected"
    throw new Error(`unexpected output ${JSON.stringify(verdict)}`)
  }

  describe(`${protocol.name}, as every protocol,`, () => {
    it("says nothing before it is told to", () => {
      const { outputs, wakeAt } = protocol.init(1, 0)

      assert.deepStrictEqual(outputs, [])
      assert.strictEqual(wakeAt, Infinity)
    })

    it("carries its announcements to other nodes", () => {
      for (const announcement of subject.announcements) {
        assert.isUndefined(protocol.validate(announcement))
        const outputs = announced(protocol, announcement).flatMap((payload) => hear(protocol, payload))
        assert.deepStrictEqual(
          outputs.map((output) => output._tag === "Announced" && output.claim.name),
          [announcement.name]
        )
      }
    })

    it(`${subject.isSelfAware === false ? "cannot tell that it does" : "does not"} discover the node it runs on`, () => {
      const outputs = loopedBack(protocol, [
        advertise(first),
        advertise(second, 1),
        advertise(second),
        advertise(first)
      ])

      assert.isFalse(outputs.some(({ _tag }) => _tag === "Rejected"))
      assert.strictEqual(outputs.some(({ _tag }) => _tag === "Announced"), subject.isSelfAware === false)
    })

    it("is silent once it has withdrawn", () => {
      const inputs = [[0, advertise(first)], [1_000, withdraw()]] as const
      const late = sent(Machine.replay(protocol, { seed: 1, inputs, until: 86_400_000 })).filter(([at]) => at > 1_000)

      assert.deepStrictEqual(late, [])
    })

    it("gives the same outputs for the same seed and inputs", () => {
      const play = () =>
        Machine.replay(protocol, {
          seed: 7,
          inputs: [[0, advertise(first)], [50, advertise(second, 1)], [60, received(subject.corpus[0]!)], [
            70,
            withdraw()
          ]],
          until: 600_000
        })

      assert.deepStrictEqual(play(), play())
    })

    it("accepts its good datagrams, whatever surrounds them in memory, and leaves them as they are", () => {
      for (const payload of subject.corpus) {
        const memory = new Uint8Array(payload.length + 64).fill(0x7d)
        memory.set(payload, 32)
        const view = memory.subarray(32, 32 + payload.length)

        assert.strictEqual(judge(payload), "accepted")
        assert.deepStrictEqual(hear(protocol, view), hear(protocol, payload))
        assert.deepStrictEqual(Array.from(view), Array.from(payload))
      }
    })

    it("S-P1 decides on every truncation of its good datagrams", () => {
      for (const payload of subject.corpus) {
        for (let length = 0; length < payload.length; length++) judge(payload.subarray(0, length))
      }
    })

    it("S-P2 refuses what is longer than its limit", () => {
      const payload = new Uint8Array(protocol.maxDatagram + 1).fill(0x20)
      payload.set(subject.corpus[0]!)

      assert.deepStrictEqual(hear(protocol, payload), [{ _tag: "Rejected", reason: "size" }])
    })

    for (const { expected, hex, id, wrong } of subject.malformed) {
      it(`survives malformed/${id}: ${wrong}`, () => {
        const verdict = judge(fromHex(hex))

        if (expected.decode !== "either") {
          assert.strictEqual(verdict, expected.decode === "ok" ? "accepted" : "rejected")
        }
      })
    }

    it(
      `S-P1 S-P8 survives ${executions.toLocaleString("en")} arbitrary and mutated datagrams`,
      { timeout: 60_000 },
      () => {
        const target = Target.make({
          name: protocol.name,
          inputs: (seed) => Mutation.make({ seed, maxLength: protocol.maxDatagram, ...subject }),
          decode: judge,
          judge: (verdict) => verdict,
          outcomes: [],
          milliseconds: 5,
          allocation: { fixed: 65_536, each: 256 },
          again: () => "this test"
        })
        const prototype = Reflect.ownKeys(Object.prototype)
        const { outcomes } = Fuzz.run(target, { executions, seed: 20_260_101 })

        for (const verdict of ["accepted", "rejected"]) assert.isAbove(outcomes.get(verdict) ?? 0, executions / 100)
        assert.deepStrictEqual(Reflect.ownKeys(Object.prototype), prototype)
      }
    )
  })
}
