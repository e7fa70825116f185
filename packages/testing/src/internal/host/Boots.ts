/**
 * Between which switching on and off of its host a fiber runs: the network that it has tells.
 */
import * as Network from "@effect-discovery/core/Network"
import * as Context from "effect/Context"
import * as Option from "effect/Option"

const boots = new WeakMap<object, { readonly isAlive: boolean }>()

/** @internal Makes known of which boot a network is. */
export const register = (network: Network.Network["Service"], boot: { readonly isAlive: boolean }): void =>
  void boots.set(network, boot)

/** @internal Whether what has this context runs on a host that has crashed meanwhile: nothing that it does happened. */
export const isOver = (context: Context.Context<never>): boolean => {
  const network = Option.getOrUndefined(Context.getOption(context, Network.Network))
  return network !== undefined && boots.get(network)?.isAlive === false
}
