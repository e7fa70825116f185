/**
 * A property that finds a bug: a bank is paid by datagrams, which are sent again until it confirms them, and must book none of them twice. Random
 * faults find a run in which it does, the run is shrunk to what it takes and replayed from its token, and `examples/out` has its picture and capture.
 */
import { Network } from "@effect-discovery/core"
import { Property, type PropertyState, Swarm, Topology } from "@effect-discovery/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { NetAddress } from "effect/net"

const lan = Topology.segment("lan", { ipv4: "10.11.0.0/24" })
const eth0 = { on: lan }
const topology = Topology.make({
  segments: [lan],
  hosts: [
    { name: "bank", interfaces: { eth0: { on: lan, addresses: ["10.11.0.1"] } } },
    { name: "ann", interfaces: { eth0 } },
    { name: "ben", interfaces: { eth0 } }
  ]
})
const bank = NetAddress.inetAddressFromStringUnsafe("10.11.0.1:7200")

const open = Effect.gen(function*() {
  const network = yield* Network.Network
  const socket = yield* network.open({ family: "IPv4", bind: { port: 7200 } })
  return { reader: yield* socket.reader, writer: yield* socket.writer }
})

/** Books payments and confirms each. Shows how many it has booked. */
const receive = ({ changed }: PropertyState.Participant) =>
  Effect.gen(function*() {
    const { reader, writer } = yield* open
    let [booked, latest] = [0, ""]
    yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
      for (const { address, payload } of yield* reader.pull) {
        const payment = new TextDecoder().decode(payload)
        // the bug: that it was not the latest does not make it a new one
        if (payment !== latest) booked++
        latest = payment
        yield* Effect.ignore(writer.write({ payload, address }))
      }
      yield* changed
    })))
    return Effect.sync(() => booked)
  })

/** Makes five payments, each sent every 300 ms until it is confirmed. Shows how many it has made. */
const pay = ({ name }: PropertyState.Participant) =>
  Effect.gen(function*() {
    const { reader, writer } = yield* open
    const confirmed = new Set<string>()
    let made = 0
    yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
      for (const { payload } of yield* reader.pull) confirmed.add(new TextDecoder().decode(payload))
    })))
    yield* Effect.forkScoped(Effect.gen(function*() {
      while (made < 5) {
        yield* Effect.sleep("2 seconds")
        const payment = `${name} ${++made}`
        while (!confirmed.has(payment)) {
          yield* Effect.ignore(writer.write({ payload: payment, address: bank }))
          yield* Effect.sleep("300 millis")
        }
      }
    }))
    return Effect.sync(() => made)
  })

// by name: a shrunk run has fewer hosts
const viewOf = (hosts: PropertyState.State<number>["hosts"], host: string) =>
  hosts.find(({ name }) => name === host)?.view ?? 0

const check = (replay?: string) =>
  Property.check({
    name: "payments",
    topology,
    faults: Swarm.make({ kinds: ["Loss", "Cut", "Partition", "Reorder", "Hold"] }),
    workload: (participant) => participant.name === "bank" ? receive(participant) : pay(participant),
    always: {
      nothingTwice: ({ hosts }) => {
        const booked = viewOf(hosts, "bank")
        const made = viewOf(hosts, "ann") + viewOf(hosts, "ben")
        return booked <= made || `${booked} payments were booked, and only ${made} made`
      }
    },
    runs: 200,
    reports: new URL("../out", import.meta.url).pathname,
    replay
  })

const program = Effect.gen(function*() {
  const { reason } = yield* Effect.flip(check())
  yield* Console.log(reason.message)
  if (reason._tag !== "Counterexample") return yield* Effect.fail("the planted bug was not found")

  const replayed = yield* Effect.flip(check(reason.token))
  if (replayed.reason._tag !== "Counterexample" || replayed.reason.failure.why !== reason.failure.why) {
    return yield* Effect.fail("the token did not replay it")
  }
})

NodeRuntime.runMain(Effect.provide(program, NodeServices.layer))
