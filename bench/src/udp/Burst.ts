/**
 * One burst: a thousand services announce themselves back to back, and someone who has just started to browse finds them.
 */
import type * as Limits from "@effect-discovery/core/Limits"
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import * as Drops from "./Drops.ts"
import type * as Feed from "./Feed.ts"
import * as Link from "./Link.ts"
import type * as Receiver from "./Receiver.ts"
import type * as Responders from "./responders.ts"

/** What is measured; `answers`: whether the services answer who asks for them. */
export interface Options {
  readonly kind: Extract<Feed.Kind, "discovery" | "multicastDns" | "bonjourService">
  readonly answers: boolean
  readonly limits?: Partial<Limits.Limits> | undefined
}

/** What came of it. */
export interface Sample {
  readonly found: number
  /** Milliseconds from the first datagram sent until all were found; `patience` when they were not. */
  readonly milliseconds: number
  /** Milliseconds that sending took. */
  readonly sending: number
  /** Datagrams that the socket delivered and that were neither processed nor counted as dropped, where that can be told. */
  readonly unaccounted: number | undefined
}

export const services = 1_000

/** Milliseconds after which those that are not found are taken for lost. */
export const patience = 5_000

/** Measures once, with processes of its own. */
export const measure = (options: Options): Effect.Effect<Sample, Child.ChildFailed> =>
  Effect.gen(function*() {
    const link = yield* Effect.promise(() => Link.make("mdns6"))
    const receiver = yield* Child.start<Receiver.Api>(new URL(`./${options.kind}.ts`, import.meta.url))
    const responders = yield* Child.start<Responders.Api>(new URL("./responders.ts", import.meta.url))
    yield* responders.ask("open", { link, peers: services, answers: options.answers })
    yield* receiver.ask("open", { link, isRoomy: false, limits: options.limits ?? {}, subscribers: 1 })
    if (!options.answers) yield* Effect.sleep(settling)
    const { from, took } = yield* responders.ask("burst")
    const found = yield* untilFound(receiver, options.answers ? patience : patience / 2)
    const lastFoundAt = yield* receiver.ask("lastFoundAt")
    const isCounted = options.kind === "discovery" && !options.answers
    return {
      found,
      milliseconds: found === services ? Math.max(0, lastFoundAt - from) : patience,
      sending: took,
      unaccounted: isCounted ? yield* unaccounted(receiver, link) : undefined
    }
  }).pipe(Effect.scoped)

// the first questions are asked, and nobody has answered
const settling = 300

const untilFound = Effect.fnUntraced(function*(receiver: Child.Child<Receiver.Api>, milliseconds: number) {
  const deadline = Date.now() + milliseconds
  while (true) {
    const found = yield* receiver.ask("known")
    if (found >= services || Date.now() > deadline) return found
    yield* Effect.sleep(50)
  }
})

// what it sends to the group it hears as well, a moment later
const unaccounted = Effect.fnUntraced(function*(receiver: Child.Child<Receiver.Api>, link: Link.Link) {
  let missing = NaN
  for (let attempt = 0; attempt < 20 && missing !== 0; attempt++) {
    yield* Effect.sleep(100)
    const { dropped, processed, sent } = yield* receiver.ask("account")
    missing = services + sent - Drops.at(link.port) - processed - dropped
  }
  return missing
})
