/**
 * A UDP program of one's own, which knows nothing of discovery, on a network that loses every other datagram: an echo server, and a client that
 * asks again until it is answered. The test of it is the last ten lines.
 */
import { Network } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { NetAddress } from "effect/net"

const port = 7000

const open = (port: number) =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({ family: "IPv4", bind: { port } })
    return { reader: yield* socket.reader, writer: yield* socket.writer }
  })

/** Sends back whatever comes. */
const echo = Effect.gen(function*() {
  const { reader, writer } = yield* open(port)
  return yield* Effect.forever(
    Effect.flatMap(reader.pull, (batch) => Effect.forEach(batch, (datagram) => writer.write(datagram)))
  )
})

/** Asks every 200 ms until the answer is there. */
const ask = (question: string, server: NetAddress.IpAddress) =>
  Effect.scoped(Effect.gen(function*() {
    const { reader, writer } = yield* open(0)
    const send = writer.write({ payload: question, address: NetAddress.inetAddressUnsafe(server, port) })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(send, Effect.sleep("200 millis"))))
    const [answer] = yield* reader.pull
    return new TextDecoder().decode(answer.payload)
  }))

const test = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "5 millis", loss: 0.5 })
  const server = lan.host("server")
  yield* server.start(echo)
  const answer = yield* lan.host("client").run(ask("hello?", server.address))
  return { answer, log: yield* lan.log }
})

const program = Effect.gen(function*() {
  const { answer, log } = yield* Simulation.run(test, { seed: 7 })
  yield* Console.log(`${log}\nthe answer: ${answer}`)
  if (answer !== "hello?" || !log.includes("loss")) return yield* Effect.fail("no answer, or nothing was lost")
})

NodeRuntime.runMain(program)
