/**
 * A `discover watch --json` on the loopback interface that the tests of a file share.
 */
import { Context, Effect, Layer } from "effect"
import { createSocket } from "node:dgram"
import * as Child from "./Child.ts"

/** The running command. */
export class Watch extends Context.Service<Watch, Child.Child>()("test/Watch") {}

/** Starts it and waits until it listens, since some protocols announce only twice a minute. */
export const layer = Layer.effect(
  Watch,
  Effect.gen(function*() {
    const watch = yield* Child.discover("watch", "--interface", "lo", "--json")
    yield* Effect.raceFirst(isListening(watch), sayHello)
    return watch
  })
)

const name = Child.uniqueName()

const isListening = (watch: Child.Child) => Effect.asVoid(watch.tells("discovered", `json:${name}@127.0.0.1`))

// again and again, since nothing tells when the command is there to hear it
const sayHello: Effect.Effect<never> = Effect.callback((_resume, signal) => {
  const socket = createSocket("udp4")
  signal.addEventListener("abort", () => socket.close())
  socket.bind(0, "127.0.0.1", () => {
    socket.setMulticastInterface("127.0.0.1")
    const send = () => socket.send(JSON.stringify({ username: name }), 9_778, "224.0.0.1", () => {})
    const timer = setInterval(send, 50)
    signal.addEventListener("abort", () => clearInterval(timer))
  })
})
