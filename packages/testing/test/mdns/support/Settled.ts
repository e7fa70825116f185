/**
 * A host under test that has a service, when it has said all that it has to say of itself: what is sent then are answers.
 */
import { Effect } from "effect"
import type { Bench } from "./Bench.ts"
import type * as Peer from "./Peer.ts"
import { nameOf, type } from "./Play.ts"
import * as Subject from "./Subject.ts"
import * as Tap from "./Tap.ts"
import * as Wire from "./Wire.ts"

export const host = "us.local"
export const ada = nameOf("ada")

/** The library on host `us` with a service `ada`. */
export const settled = Effect.fnUntraced(function*(bench: Bench) {
  const us = yield* Subject.start(bench, { host: "us" })
  yield* Subject.register(us, { instance: "ada", type, port: 80 })
  yield* Effect.sleep("10 seconds")
  return us
})

/** The responses to a datagram within three seconds. */
export const responses = Effect.fnUntraced(function*(bench: Bench, payload: Uint8Array, options?: Peer.Options) {
  yield* bench.peer().send(payload, options)
  return (yield* bench.during(3_000)).filter(Tap.isResponse)
})

export const query = (...questions: ReadonlyArray<Wire.Question>): Uint8Array => Wire.query({ questions })
