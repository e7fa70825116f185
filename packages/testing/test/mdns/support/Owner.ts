/**
 * A host under test that asks for the name `ada`, step by step.
 */
import { Effect } from "effect"
import type { Bench } from "./Bench.ts"
import { nameOf, type } from "./Play.ts"
import * as Subject from "./Subject.ts"
import * as Tap from "./Tap.ts"
import * as Wire from "./Wire.ts"

export const ada = nameOf("ada")

/** What contradicts us: the name is somebody else's. */
export const denial = (name = ada): Uint8Array => Wire.response({ answers: [Wire.srv(name, "other.local", 9)] })

/** Registers `ada` on host `ada.local`, and lets time pass until its first probe. */
export const probing = Effect.fnUntraced(function*(bench: Bench, options: Partial<Subject.Registration> = {}) {
  const us = yield* Subject.start(bench, { host: "ada" })
  const registered = yield* Subject.register(us, { instance: "ada", type, port: 80, ...options })
  while (!(yield* bench.sent()).some(Tap.isProbe)) yield* Effect.sleep("1 millis")
  return { us, registered, first: (yield* bench.sent()).find(Tap.isProbe)!.time }
})

/** The same, until all is announced. */
export const established = Effect.fnUntraced(function*(bench: Bench, options: Partial<Subject.Registration> = {}) {
  const started = yield* probing(bench, options)
  yield* Effect.sleep("5 seconds")
  return { ...started, at: yield* bench.now }
})

/** What became of it, without the times it was probed for. */
export const fate = ({ notices }: Subject.Registered): ReadonlyArray<string> =>
  notices.filter(({ _tag }) => _tag !== "Probing").map(({ _tag, name }) => `${_tag} ${name}`)

export const isAnnouncement = (sent: Tap.Sent): boolean =>
  Tap.isResponse(sent) && sent.isMulticast && sent.message.answers.some(({ ttl }) => ttl > 0)

export const isGoodbye = (sent: Tap.Sent): boolean =>
  Tap.isResponse(sent) && sent.message.answers.some(({ ttl }) => ttl === 0)
