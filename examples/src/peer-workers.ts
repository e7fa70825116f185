/**
 * Three swarms on three ports of the loopback interface. Each is served by a worker that knows how many chunks its swarm has, and dies of
 * being asked for one too many: that costs one datagram and nothing else.
 */
import { NetworkInterface, PeerWorker, PeerWorkers } from "@effect-discovery/core"
import { NodeNetwork } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Layer, Result } from "effect"
import { NetAddress } from "effect/net"

interface Swarm {
  readonly id: string
  readonly chunks: number
}

const utf8 = new TextDecoder()

/** A datagram asks for a chunk by its number. */
const decode = (payload: Uint8Array) => {
  const chunk = Number(utf8.decode(payload))
  return Number.isInteger(chunk) ? Result.succeed(chunk) : Result.fail("number")
}

const serve = (swarm: Swarm) =>
  PeerWorkers.start({
    name: `swarm ${swarm.id}`,
    swarm,
    bind: { interface: NetworkInterface.isLoopback },
    url: (address, { id }) => `chunks://${NetAddress.formatInet(address)}/${id}`,
    decode,
    handle: (chunk, { reply, worker }) =>
      chunk < worker.swarm.chunks
        ? reply(`${worker.swarm.id}/${chunk}`)
        : Effect.die(new Error(`there is no chunk ${chunk}`))
  })

/** Sends from a port of its own, and waits for so many answers. */
const ask = Effect.fnUntraced(
  function*(to: NetAddress.InetAddress, questions: ReadonlyArray<string>, expected: number) {
    const answers: Array<string> = []
    const done = yield* Deferred.make<void>()
    const client = yield* PeerWorker.make({
      name: "client",
      swarm: undefined,
      bind: { interface: NetworkInterface.isLoopback },
      decode: (payload) => Result.succeed(utf8.decode(payload)),
      handle: (answer) => answers.push(answer) === expected ? Deferred.succeed(done, undefined) : Effect.void
    })
    for (const question of questions) yield* client.send(question, to)
    yield* Effect.timeout(Deferred.await(done), "5 seconds")
    return answers
  },
  Effect.scoped
)

const program = Effect.gen(function*() {
  const workers = yield* Effect.forEach([3, 5, 8], (chunks, i) => serve({ id: "abc"[i]!, chunks }))
  for (const { address, port } of workers) {
    const answers = yield* ask(address, ["0", "100", "nonsense", "1", "2"], 3)
    yield* Console.log(yield* PeerWorkers.urlOf(port), answers.toSorted().join(" "))
  }
  const taken = yield* Effect.flip(PeerWorkers.start({
    name: "late",
    swarm: undefined,
    bind: { port: workers[0]!.port },
    decode,
    handle: () => Effect.void
  }))
  yield* Console.log(taken.message)

  for (const { port } of workers) {
    const { failed, handled, received, rejected } = yield* PeerWorkers.stop(port)
    yield* Console.log(`port ${port}: ${received.datagrams} received, ${handled} handled, ${failed.defects} died`)
    const isAsExpected = handled === 3 && failed.defects === 1 && rejected.get("number") === 1
    if (!isAsExpected) return yield* Effect.fail("a worker counted otherwise")
  }
})

const WorkersLive = PeerWorkers.layer().pipe(Layer.provideMerge(NodeNetwork.layer()))

NodeRuntime.runMain(Effect.provide(program, WorkersLive))
