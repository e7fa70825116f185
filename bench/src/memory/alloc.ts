/**
 * Child: what an unchanged datagram leaves for the garbage collector, over an EventEmitter that only counts.
 *
 * Runs with `--expose-gc` and a young generation that holds all of it, so that no collection falls into a measurement.
 */
import * as Effect from "effect/Effect"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import { EventEmitter } from "node:events"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"
import * as Workload from "../Workload.ts"
import * as World from "./World.ts"

/** Octets for each datagram. */
export interface Sample {
  readonly emitter: number
  readonly socket: number
  readonly ours: number
}

export type Api = {
  /** Measures all three with so many datagrams in one turn of the event loop. */
  readonly measure: (options: {
    readonly format: Workload.Format
    readonly perTurn: number
    readonly rounds: number
  }) => Promise<ReadonlyArray<Sample>>
}

type Deliver = (payload: Uint8Array, host: string) => void

const peers = 1_000
const operations = 4_096
let payloads: ReadonlyArray<Buffer> = []
const hosts = Array.from({ length: peers }, (_, index) => Workload.addressOf(index))

const api: Api = {
  measure: async ({ format, perTurn, rounds }) => {
    payloads = Workload.datagrams(format, peers).map(World.received)
    const world = await World.make({}, format)
    await World.introduce(world, peers)
    const variants = [countingEmitter(), await countingSocket(), world.deliver]
    await inTurn(variants.length, (variant) => repeat(variants[variant]!, perTurn, warmUp))
    const samples = await inTurn(rounds, async (): Promise<Sample> => {
      const [emitter, socket, ours] = await inTurn(variants.length, (variant) => allocated(variants[variant]!, perTurn))
      return { emitter: emitter!, socket: socket!, ours: ours! }
    })
    if (counted === 0) throw new Error("nothing was delivered")
    await world.end()
    return samples
  }
}

let counted = 0

const countingEmitter = (): Deliver => {
  const emitter = new EventEmitter()
  emitter.on("message", () => {
    counted++
  })
  return (payload, host) => emitter.emit("message", payload, host)
}

// the platform's socket alone, read as a session reads it
const countingSocket = async (): Promise<Deliver> => {
  let events: DatagramSocket.BackingEvents
  const read = Effect.gen(function*() {
    const socket = yield* DatagramSocket.makeFromBackingSocket((opened) =>
      Effect.sync(() => {
        events = opened
        return unused
      })
    )
    const reader = yield* socket.reader
    const pull = Effect.andThen(Effect.yieldNow, reader.pull)
    const loop: Effect.Effect<never, unknown> = Effect.flatMap(pull, (datagrams) => {
      counted += datagrams.length
      return loop
    })
    return yield* loop
  })
  Effect.runFork(Effect.scoped(read))
  await World.settle()
  return (payload, host) => events.onPacket(payload, host, 40_000)
}

const unused: DatagramSocket.BackingSocket = {
  address: { host: "127.0.0.1", port: 1 },
  send: () => {},
  sendMany: () => {},
  joinMulticast: () => Effect.succeed(() => Effect.void),
  close: () => {}
}

// a full collection undoes what Node.js had compiled of its turns, which leave up to 70 octets more each until that is done again
const warmUp = 32_768

const allocated = async (deliver: Deliver, perTurn: number): Promise<number> => {
  globalThis.gc!()
  await repeat(deliver, perTurn, warmUp)
  const before = process.memoryUsage().heapUsed
  await repeat(deliver, perTurn, operations)
  return (process.memoryUsage().heapUsed - before) / operations
}

const repeat = (deliver: Deliver, perTurn: number, count: number): Promise<void> =>
  new Promise((resolve) => {
    let delivered = 0
    const turn = () => {
      for (let n = 0; n < perTurn; n++) {
        const index = delivered++ % peers
        deliver(payloads[index]!, hosts[index]!)
      }
      if (delivered < count) setImmediate(turn)
      else setImmediate(() => setImmediate(resolve))
    }
    setImmediate(turn)
  })

Child.serve(api)
