/**
 * The engine as a machine; tests may put a scripted one in its place.
 */
import * as Context from "effect/Context"
import type * as Machine from "../../../Machine.ts"
import type * as Engine from "../../../protocol/mdns/Engine.ts"
import * as Host from "../../../protocol/mdns/Host.ts"

// the runner hands a machine back only the states that it got from it
export type EngineMachine = Machine.Machine<any, Engine.Input, Engine.Output>

export const EngineMachine: Context.Reference<(options: Engine.Options) => EngineMachine> = Context.Reference<
  (options: Engine.Options) => EngineMachine
>(
  "@effect-discovery/core/internal/runtime/mdns/EngineMachine",
  { defaultValue: () => Host.machine }
)
