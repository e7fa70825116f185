/**
 * Programs that speak an earlier format, each told of once: they announce themselves twice a minute for ever.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as Machine from "../../Machine.ts"
import type * as Protocol from "../../Protocol.ts"

/** The addresses that were told of, at most `known`: beyond it the first one is forgotten. */
export interface State<out Inner> {
  readonly inner: Inner
  readonly told: ReadonlySet<string>
}

const known = 256

/** The protocol, with one rejection as `reason` for each source address. */
export const once = <Inner>(
  protocol: Protocol.Protocol<Inner>,
  reason: string
): Protocol.Protocol<State<Inner>> => {
  const lift = (
    { outputs, state, wakeAt }: Machine.Step<Inner, Protocol.Output>,
    told: ReadonlySet<string>
  ): Machine.Step<State<Inner>, Protocol.Output> => ({ state: { inner: state, told }, outputs, wakeAt })
  const { isPrivileged } = protocol
  const isTold = (output: Protocol.Output) => output._tag === "Rejected" && output.reason === reason
  return {
    ...protocol,
    isPrivileged: isPrivileged && ((payload, { inner }) => isPrivileged(payload, inner)),
    init: (seed, now) => lift(protocol.init(seed, now), new Set()),
    step: ({ inner, told }, input, now) => {
      const step = lift(protocol.step(inner, input, now), told)
      if (input._tag !== "Received" || !step.outputs.some(isTold)) return step
      const source = NetAddress.formatHost(input.source)
      if (told.has(source)) return { ...step, outputs: step.outputs.filter((output) => !isTold(output)) }
      return { ...step, state: { ...step.state, told: new Set([...Array.from(told).slice(1 - known), source]) } }
    }
  }
}
