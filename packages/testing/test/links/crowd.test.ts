import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { open } from "../endpoint.ts"

const group = "239.1.1.1"
const [receivers, datagrams, loss] = [1000, 100, 0.1]

/** How many of a thousand receivers heard each datagram, and how many datagrams each of them heard. */
const heard = Effect.gen(function*() {
  const topology = Topology.lan(receivers + 1, { ipv4: "10.11.0.0/16" })
  const lan = yield* SimulatedNetwork.make({ topology, seed: 5, link: { loss }, history: 1000 })
  const [sender, ...others] = yield* Effect.forEach(
    yield* lan.hosts,
    (host) => open(host, { port: 9778, join: [group] })
  )
  const byDatagram = Array.from({ length: datagrams }, () => 0)
  const byReceiver: Array<number> = []
  for (let i = 0; i < datagrams; i++) {
    yield* sender!.send(`${i}`, `${group}:9778`)
    yield* Effect.sleep("10 millis")
  }
  for (const other of others) {
    const texts = yield* other.received
    byReceiver.push(texts.length)
    for (const text of texts) byDatagram[Number(text)]!++
  }
  return { byDatagram, byReceiver }
})

const moments = (values: ReadonlyArray<number>) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, variance }
}

it.effect("117: each of a thousand receivers loses by itself, and all of them alike", () =>
  Effect.gen(function*() {
    const { byDatagram, byReceiver } = yield* Simulation.run(heard)
    const [datagram, receiver] = [moments(byDatagram), moments(byReceiver)]

    // the share of 100,000 draws, within four standard deviations
    assert.closeTo(receiver.mean / datagrams, 1 - loss, 0.004)
    // binomial: draws that were shared among receivers, or among the datagrams of one, would spread them far more
    assert.closeTo(datagram.variance, receivers * loss * (1 - loss), 60)
    assert.closeTo(receiver.variance, datagrams * loss * (1 - loss), 2)
  }), 30_000)
