/**
 * One measurement over UDP: a process that sends, a process that receives, and what receiving cost.
 */
import type * as Limits from "@effect-discovery/core/Limits"
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type { Format } from "../Workload.ts"
import * as Link from "./Link.ts"
import type * as Receiver from "./Receiver.ts"
import type * as Sender from "./sender.ts"

/**
 * What receives: nothing but `node:dgram`, ours, the datagrams of our Network as a Stream, a worker with a handler that counts, or one
 * of the libraries that we compare with.
 */
export type Kind = "raw" | "discovery" | "datagrams" | "worker" | "multicastDns" | "bonjourService"

/** What is measured. Without a `pace` the sender sends as fast as it can. */
export interface Options {
  readonly kind: Kind
  readonly format: Format
  readonly peers: number
  /** Milliseconds of the stretch that counts. */
  readonly window: number
  /** Rounds of re-announcements before that. */
  readonly warmUp: number
  readonly pace?: Sender.Pace | undefined
  readonly subscribers?: number | undefined
  readonly changedEvery?: number | undefined
  readonly limits?: Partial<Limits.Limits> | undefined
}

/** What came of it. */
export interface Sample {
  /** Microseconds of the receiver's CPU time for each datagram it received. */
  readonly cost: number
  readonly throughput: number
  readonly loss: number
  readonly granted: number | undefined
}

// whoever loses most of what is sent has to be warm as well, unless it takes too long
const longestWarmUp = 50
const glance = 100

/** Waits until a receiver has taken in as much as those that lose nothing. */
const warm = Effect.fnUntraced(function*(receiver: Child.Child<Receiver.Api>, datagrams: number) {
  let taken = 0
  for (let i = 0; i < longestWarmUp && taken < datagrams; i++) {
    taken += (yield* receiver.ask("measure", { milliseconds: glance })).received
  }
})

/** Measures once, with processes of its own. */
export const measure = (options: Options): Effect.Effect<Sample, Child.ChildFailed> =>
  Effect.gen(function*() {
    const link = yield* Effect.promise(() => Link.make(options.format))
    const receiver = yield* Child.start<Receiver.Api>(new URL(`./${options.kind}.ts`, import.meta.url))
    const sender = yield* Child.start<Sender.Api>(new URL("./sender.ts", import.meta.url))
    const { changedEvery, limits = {}, peers, subscribers = 1 } = options
    const [{ granted }] = yield* Effect.all([
      receiver.ask("open", { link, limits, subscribers }),
      sender.ask("open", { link, peers, changedEvery })
    ], { concurrency: "unbounded" })

    yield* introduce(sender, receiver, peers)
    yield* sender.ask("send", undefined)
    yield* sender.ask("rounds", options.warmUp)
    yield* warm(receiver, options.warmUp * peers)
    if (options.pace !== undefined) {
      yield* sender.ask("send", options.pace)
      yield* Effect.sleep(settling(peers, options.pace))
    }
    const window = yield* receiver.ask("measure", { milliseconds: options.window })
    // the sender's next sample has to be there
    yield* Effect.sleep(10)
    return toSample(window, yield* sender.ask("sentBetween", { from: window.from, to: window.to }), granted)
  }).pipe(
    Effect.scoped,
    Effect.timeoutOrElse({
      duration: "60 seconds",
      orElse: () => Effect.fail(new Child.ChildFailed({ child: options.kind, message: "took longer than 60 seconds" }))
    })
  )

// fast enough not to be noticed; slower each time that not all of it was taken in
const introduction: Sender.Pace = { rate: 20_000, burst: 32 }
const slower = ({ rate }: Sender.Pace): Sender.Pace => ({ rate: Math.max(1_000, rate / 4), burst: 1 })
/** Milliseconds in which every peer is heard once more at the pace that counts: of those sent before that many got lost. */
const settling = (peers: number, { rate }: Sender.Pace): number => Math.max(300, (1_500 * peers) / rate)

const introduce = Effect.fnUntraced(
  function*(sender: Child.Child<Sender.Api>, receiver: Child.Child<Receiver.Api>, peers: number) {
    const deadline = Date.now() + 30_000
    let pace = introduction
    while (true) {
      yield* sender.ask("send", pace)
      const known = yield* knownWithin(receiver, peers, 500 + (2_000 * peers) / pace.rate)
      if (known >= peers) return
      if (Date.now() > deadline) {
        return yield* new Child.ChildFailed({ child: "receiver", message: `knows ${known} of ${peers} peers` })
      }
      pace = slower(pace)
    }
  }
)

const knownWithin = Effect.fnUntraced(
  function*(receiver: Child.Child<Receiver.Api>, peers: number, milliseconds: number) {
    const deadline = Date.now() + milliseconds
    while (true) {
      const known = yield* receiver.ask("known")
      if (known >= peers || Date.now() > deadline) return known
      yield* Effect.sleep(10)
    }
  }
)

const toSample = ({ cpu, from, received, to }: Receiver.Window, sent: number, granted: number | undefined): Sample => {
  if (received === 0) throw new Error("nothing was received")
  return {
    cost: cpu / received,
    throughput: (received * 1_000) / (to - from),
    loss: Math.max(0, 1 - received / sent),
    granted
  }
}
