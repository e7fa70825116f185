/**
 * The faults of a network, as effects and as data.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Fault from "../../Fault.ts"
import type * as Faults from "../../Faults.ts"
import type { SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Check from "../links/Check.ts"
import type * as Link from "../links/Data.ts"
import * as Begin from "./Begin.ts"
import * as BeginHost from "./BeginHost.ts"

/** @internal */
export const make = (ground: Begin.Ground): Faults.Faults => {
  const begin = (fault: Fault.FaultEvent): Faults.Scoped => apply(ground, fault)
  return {
    partition: (groups) => Begin.partition(ground, groups),
    cut: (way) => Begin.cut(ground, way),
    rule: (decide, options) => Begin.rule(ground, decide, options?.name),
    hold: (match = {}, options = {}) => Begin.hold(ground, match, options),
    release: (options = {}) => Begin.release(ground, options),
    replay: (options) => Begin.replay(ground, options),
    link: (target, input) => checkedLink(ground, target, input),
    snooping: (options = {}) => Begin.snooping(ground, options),
    duplicateAddress: (owner, thief) => BeginHost.duplicateAddress(ground, owner, thief),
    firewall: (host, options) => Begin.firewall(ground, host, options),
    failNext: (host, operation, code, options = {}) => Begin.failNext(ground, host, operation, code, options),
    apply: (fault) =>
      Effect.andThen(
        isFault(fault),
        Effect.suspend(() => fault.for === undefined ? begin(fault) : forAWhile(begin(fault), fault.for))
      ),
    play: (schedule) => play(begin, schedule),
    healAll: ground.running.heal("heal all")
  }
}

const checkedLink = (
  ground: Begin.Ground,
  target: Fault.Target,
  input: Link.Input,
  name?: string
): Faults.Scoped =>
  Effect.flatMap(Effect.fromResult(Check.link(input)), (link) => Begin.link(ground, target, link, name))

const decode = Schema.decodeUnknownResult(Fault.FaultEvent)

// what was stored or written by hand may be anything
const isFault = (fault: Fault.FaultEvent): Effect.Effect<void, SimulatedNetworkError> => {
  const decoded = decode(fault)
  if (Result.isSuccess(decoded)) return Effect.void
  const expected = `a Fault.FaultEvent (${decoded.failure.message.replaceAll(/\s*\n\s*/g, " ")})`
  return Effect.fromResult(
    Check.first([{ option: "fault", value: fault, isValid: false, expected }], undefined)
  )
}

const apply = (ground: Begin.Ground, fault: Fault.FaultEvent): Faults.Scoped => {
  switch (fault._tag) {
    case "Partition":
      return Begin.partition(ground, fault.groups)
    case "Cut":
      return Begin.cut(ground, fault)
    case "Link":
      return checkedLink(ground, fault, fault.link)
    case "Loss":
      return checkedLink(ground, fault, { loss: fault.probability }, "loss")
    case "Duplicate":
      return checkedLink(ground, fault, { duplicate: fault.probability }, "duplicate")
    case "Reorder":
      return checkedLink(ground, fault, { reorder: fault }, "reorder")
    case "Corrupt":
      return checkedLink(ground, fault, { corrupt: fault }, "corrupt")
    case "Hold":
      return Begin.hold(ground, fault.match, fault)
    case "Replay":
      return Begin.replay(ground, fault)
    case "Snooping":
      return Begin.snooping(ground, fault)
    case "DuplicateAddress":
      return BeginHost.duplicateAddress(ground, fault.owner, fault.thief)
    case "Firewall":
      return Begin.firewall(ground, fault.host, fault)
    case "Errno":
      return Begin.failNext(ground, fault.host, fault.operation, fault.code, fault)
    default:
      return BeginHost.begin(ground, fault)
  }
}

const forAWhile = (begin: Faults.Scoped, millis: number): Faults.Scoped =>
  Effect.gen(function*() {
    yield* Effect.fromResult(Check.first([Check.duration("for", millis, millis)], undefined))
    const inner = yield* Scope.fork(yield* Effect.scope)
    yield* Scope.provide(begin, inner)
    const end = Effect.andThen(Effect.sleep(millis), Scope.close(inner, Exit.void))
    yield* Effect.forkScoped(end, { startImmediately: true })
  })

const play = (
  begin: (fault: Fault.FaultEvent) => Faults.Scoped,
  schedule: ReadonlyArray<Fault.FaultEvent>
): Faults.Scoped =>
  Effect.gen(function*() {
    for (const fault of schedule) {
      yield* isFault(fault)
      const { at = 0 } = fault
      yield* Effect.fromResult(Check.first([Check.duration("at", at, at)], undefined))
    }
    const one = (fault: Fault.FaultEvent): Faults.Scoped => {
      const begun = Effect.andThen(Effect.sleep(fault.at ?? 0), begin(fault))
      // inside its own scope, for it to have ended when this has
      return fault.for === undefined ? begun : Effect.scoped(Effect.andThen(begun, Effect.sleep(fault.for)))
    }
    yield* Effect.forEach(schedule, one, { concurrency: "unbounded", discard: true })
  })
