import { Diagnostic, Discovery, type Limits, type Machine, Peer, type Protocol, Seed } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { NetAddress } from "effect/net"
import * as FakeNetwork from "./support/FakeNetwork.ts"

/** Good datagrams of the three formats, as captured; what hostile ones are made from. */
const captured = [
  "7b22757365726e616d65223a226861636b65726d616e31333337227d",
  "7b22757365726e616d65223a225a6fc3ab227d",
  "506565723a616c6963654031302e302e302e35",
  "0012102555f000054e4f44453100000000",
  "7b22757365726e616d65223a22616461222c226964223a223031222c22706f7274223a383038307d"
].map((hex) => Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16)))

/** Datagram number `index`: as captured, mutated, cut, grown, or arbitrary. */
const make = (seed: Seed.Seed): Uint8Array => {
  const draw = (max: number) => {
    const [value, next] = Seed.between(seed, 0, max)
    seed = next
    return value
  }
  const kind = draw(9)
  if (kind === 0) return Uint8Array.from({ length: draw(64) }, () => draw(255))
  const payload = captured[draw(captured.length - 1)]!.slice()
  if (kind === 1) return payload.subarray(0, draw(payload.length))
  if (kind === 2) return Uint8Array.of(...payload, ...Uint8Array.from({ length: draw(2_000) }, () => draw(255)))
  if (kind < 8) { for (let flips = draw(3); flips >= 0; flips--) payload[draw(payload.length - 1)] = draw(255) }
  return payload
}

const endpoints = [
  { protocol: JsonBeacon.protocol(), to: "224.0.0.1:9778" },
  { protocol: Peerage.protocol(), to: "230.1.1.1:45900" },
  { protocol: SyncthingV0.protocol(), to: "0.0.0.0:21025" }
]

const source = (index: number) => `10.0.0.${2 + (index % 250)}:5000`

describe("a hundred thousand hostile datagrams", () => {
  it.effect(
    "S-P1 S-F1 go through the whole stack: every one is counted as the decoder alone would, and nothing grows",
    () =>
      Simulation.run(
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          const unlimited = { perSecond: 1e9, burst: 1e9 }
          const limits: Partial<Limits.Limits> = {
            datagramsPerSource: unlimited,
            datagramsPerSession: unlimited,
            unverifiedPeers: 500
          }
          const layer = Discovery.layer({
            sources: [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()],
            limits
          }).pipe(Layer.provide(network.layer))
          yield* Effect.gen(function*() {
            const seen = new Map<string, Diagnostic.Diagnostic>()
            yield* Stream.runForEach(
              Discovery.diagnostics,
              (each) => Effect.sync(() => seen.set(Diagnostic.kind(each), each))
            )
              .pipe(Effect.forkScoped({ startImmediately: true }))
            const expected = new Map<string, number>()
            const states = endpoints.map(({ protocol }) => (protocol as Protocol.Protocol<unknown>).init(0, 0).state)
            for (let index = 0; index < 100_000; index++) {
              const payload = make(Seed.derive(index, "datagram"))
              const which = index % 3
              const { protocol, to } = endpoints[which]!
              network.deliver(to, source(index), payload)
              const reason = judge(protocol as Protocol.Protocol<unknown>, states[which], payload, source(index))
              if (reason !== undefined) {
                const key = `${protocol.name} ${reason}`
                expected.set(key, (expected.get(key) ?? 0) + 1)
              }
              // each session reads what waits before the next burst
              if (index % 500 === 0) yield* Effect.sleep(1)
            }
            yield* Effect.sleep("30 seconds")

            const rejected = new Map<string, number>()
            for (const each of seen.values()) {
              assert.notStrictEqual(each._tag, "DatagramsDropped")
              if (each._tag === "DatagramRejected") rejected.set(`${each.source} ${each.reason}`, each.total)
            }
            assert.deepStrictEqual(sorted(rejected), sorted(expected))
            assert.isAbove(rejected.size, 10)
            assert.isAtMost((yield* Discovery.peers).length, 500)
            assert.isUndefined(({} as Record<string, unknown>)["isAdmin"])
          }).pipe(Effect.provide(layer))
        }),
        { duration: "1 hour", eventLimit: 50_000_000 }
      ),
    60_000
  )
})

/** Why the stack should refuse a datagram: the session's checks, then the decoder's. */
const judge = (
  protocol: Protocol.Protocol<unknown>,
  state: unknown,
  payload: Uint8Array,
  from: string
): string | undefined => {
  if (payload.length > protocol.maxDatagram) return "size"
  const received: Protocol.Received = {
    _tag: "Received",
    payload,
    source: NetAddress.inetAddressFromStringUnsafe(from)
  }
  const { outputs }: Machine.Step<unknown, Protocol.Output> = protocol.step(state, received, 0)
  const [output] = outputs
  assert.isAtMost(outputs.length, 1)
  return output?._tag === "Rejected" ? output.reason : undefined
}

const sorted = (map: ReadonlyMap<string, number>) => Array.from(map).toSorted(([a], [b]) => a < b ? -1 : 1)

describe("names from the wire", () => {
  it.effect("S-P8 become ids and attributes, never properties", () =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const body =
          "{\"username\":\"__proto__\",\"id\":\"constructor\",\"attributes\":{\"__proto__\":\"x\",\"toString\":\"y\"}}"
        network.deliver("224.0.0.1:9778", "10.0.0.9:5000", body)
        yield* Effect.sleep(1)
        const [peer] = yield* Discovery.peers

        assert.deepStrictEqual(Peer.toJson(peer!).id, "json:constructor")
        assert.deepStrictEqual(Array.from(peer!.attributes), [["__proto__", "x"], ["toString", "y"]])
        assert.strictEqual(String({}), "[object Object]")
      }).pipe(Effect.provide(Discovery.layer({ sources: [JsonBeacon.source()] }).pipe(Layer.provide(network.layer))))
    })))
})
