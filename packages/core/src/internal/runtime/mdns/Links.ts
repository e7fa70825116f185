/**
 * An engine on every selected interface in each address family.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import type * as Schedule from "effect/Schedule"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Network from "../../../Network.ts"
import type * as NetworkInterface from "../../../NetworkInterface.ts"
import * as Places from "../Places.ts"
import * as Hub from "./Hub.ts"
import * as LinkPlace from "./LinkPlace.ts"
import * as LinkSockets from "./LinkSockets.ts"

/** What an engine is run with. */
export interface Options extends Omit<Hub.Options, "network" | "interfaces"> {
  /** Those to run on. */
  readonly interfaces: NetworkInterface.Predicate
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
}

/**
 * Starts an engine and opens its links.
 *
 * Completes when those of the interfaces that are up now have opened their sockets or are to be retried. Fails when there is no such
 * interface, or when a port is taken or forbidden. When the scope closes, goodbyes are sent before the sockets are closed.
 */
export const open = Effect.fnUntraced(function*(options: Options) {
  const network = yield* Network.Network
  const { interfaces, report, retry, source } = options
  const hub = yield* Hub.make({ ...options, network, interfaces: () => places.interfaces })
  const onDefect = (defect: unknown) => Hub.end(hub, Cause.die(defect))
  const places: Places.Places<LinkPlace.Place> = yield* Places.make({
    source,
    network,
    interfaces,
    retry,
    report,
    placesOn: (networkInterface) => linksOn(hub, networkInterface),
    onChange: () => {
      for (const place of places.running.values()) place.forgetRepeats()
      return Hub.refresh(hub)
    },
    onFailure: (error) => Hub.end(hub, Cause.fail(error)),
    onDefect
  })
  yield* Places.open(places)
  for (const background of [Hub.timer(hub), Hub.watchSleep(hub)]) {
    yield* Effect.forkScoped(Effect.catchDefect(background, onDefect), { startImmediately: true })
  }
  yield* Effect.addFinalizer(() => Effect.andThen(Hub.close(hub), Hub.end(hub, Cause.fail(Cause.Done()))))
  return hub
})

const families: ReadonlyArray<NetAddress.IpFamily> = ["IPv4", "IPv6"]

const linksOn = (
  hub: Hub.Hub,
  networkInterface: NetworkInterface.NetworkInterface
): ReadonlyArray<readonly [key: string, make: Effect.Effect<LinkPlace.Place>]> =>
  families.flatMap((family) => {
    const senders = LinkSockets.sendersOf(networkInterface, family)
    if (senders.length === 0) return []
    // as it is now: other addresses may come and go meanwhile
    const current = () =>
      hub.options.interfaces().find(({ name }) => name === networkInterface.name) ?? networkInterface
    const addresses = senders.map(({ address }) => NetAddress.formatIp(address))
    // its sockets are bound to these addresses; no other change concerns them
    const key = `${Hub.linkKey(networkInterface, family)}#${networkInterface.index} ${addresses.join()}`
    return [[key, LinkPlace.make({ hub, family, networkInterface: current })] as const]
  })
