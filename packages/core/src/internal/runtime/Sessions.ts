/**
 * The sessions of one protocol: one for each selected interface and address family.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as Announcement from "../../Announcement.ts"
import type * as Diagnostic from "../../Diagnostic.ts"
import type * as DiscoveryError from "../../DiscoveryError.ts"
import * as Endpoint from "../../Endpoint.ts"
import type * as Limits from "../../Limits.ts"
import * as Network from "../../Network.ts"
import type * as NetworkInterface from "../../NetworkInterface.ts"
import type * as PeerRegistry from "../../PeerRegistry.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Seed from "../../Seed.ts"
import * as Intake from "./Intake.ts"
import * as Places from "./Places.ts"
import * as Senders from "./Senders.ts"
import * as Session from "./Session.ts"
import * as Sockets from "./Sockets.ts"

/** What the sessions of a protocol work with. */
export interface Options {
  readonly protocol: Protocol.Protocol<unknown>
  readonly interfaces: NetworkInterface.Predicate
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
  readonly limits: Limits.Limits
  readonly seed: number
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

interface Sessions {
  readonly options: Options
  readonly network: Network.Network["Service"]
  readonly queue: Queue.Queue<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>
  readonly advertised: Map<number, Protocol.Advertise>
  readonly senders: Senders.Senders
}

/** What `open` gives: what was heard, and the way to announce. */
export interface Opened {
  readonly inputs: Stream.Stream<PeerRegistry.Input, DiscoveryError.DiscoveryError>
  readonly advertise: (
    key: number,
    announcement: Announcement.Announcement
  ) => Effect.Effect<void, DiscoveryError.DiscoveryError>
  readonly withdraw: (key: number) => Effect.Effect<void>
  /** Sends one datagram to one address, by a session of the interface that can. */
  readonly send: (interfaceName: string, to: NetAddress.InetAddress, payload: Uint8Array) => Effect.Effect<void>
}

/**
 * Opens a session for each selected interface and address family.
 *
 * Completes when those of the interfaces that are up now have opened their sockets or are to be retried. Fails when there is no such
 * interface, or when a port is taken or forbidden.
 */
export const open = Effect.fnUntraced(function*(options: Options) {
  const self: Sessions = {
    options,
    network: yield* Network.Network,
    queue: yield* Queue.bounded<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>(
      options.limits.receiveQueue
    ),
    advertised: new Map(),
    senders: Senders.make()
  }
  const places: Places.Places<Place> = yield* Places.make<Place>({
    source: options.protocol.name,
    network: self.network,
    interfaces: options.interfaces,
    retry: options.retry,
    isPartial: options.protocol.isPartial,
    report: options.report,
    placesOn: (networkInterface) => sessionsOn(self, places, networkInterface),
    onChange: (interfaces, before) => {
      // what was heard here may be of another link by now
      for (const { session } of places.running.values()) Intake.forgetRepeats(session.intake)
      return Effect.forEach(before, ({ name }) => forget(self, interfaces, name), { discard: true })
    },
    onFailure: (error) => Queue.fail(self.queue, error),
    onDefect: (defect) => Queue.failCause(self.queue, Cause.die(defect))
  })
  yield* Places.open(places)
  return handle(self, places)
})

interface Place extends Places.Place {
  readonly session: Session.Session
}

const handle = (self: Sessions, places: Places.Places<Place>): Opened => ({
  inputs: Stream.fromQueue(self.queue),
  advertise: (key, announcement) =>
    Effect.suspend(() => {
      if (places.failure !== undefined) return Effect.fail(places.failure)
      const input: Protocol.Advertise = { _tag: "Advertise", key, announcement }
      self.advertised.set(key, input)
      return dispatchAll(places, input)
    }),
  withdraw: (key) =>
    Effect.suspend(() => {
      self.advertised.delete(key)
      return Session.within(self.options.limits.goodbye, dispatchAll(places, { _tag: "Withdraw", key }))
    }),
  send: (interfaceName, to, payload) =>
    Effect.suspend(() => {
      const place = Array.from(places.running.values()).find((place) =>
        place.interface() === interfaceName && Session.isReachable(place.session, to)
      )
      return place === undefined ? Effect.void : Session.transmit(place.session, [{ _tag: "Transmit", payload, to }])
    })
})

// each session sends at once, whatever another one waits for
const dispatchAll = (
  places: Places.Places<Place>,
  input: Protocol.Advertise | Protocol.Withdraw
): Effect.Effect<void> =>
  Effect.suspend(() =>
    Session.waitForAll(Array.from(places.running.values(), ({ session }) => Session.tell(session, input)))
  )

// an interface that is there with other addresses is the same link: what was heard on it still holds
const forget = (
  self: Sessions,
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>,
  name: string
): Effect.Effect<unknown> =>
  interfaces.some((each) => each.name === name)
    ? Effect.void
    : Queue.offer(self.queue, {
      _tag: "Closed",
      source: self.options.protocol.name,
      interface: name,
      reason: "InterfaceLost"
    })

const families: ReadonlyArray<NetAddress.IpFamily> = ["IPv4", "IPv6"]

const sessionsOn = (
  self: Sessions,
  places: Places.Places<Place>,
  networkInterface: NetworkInterface.NetworkInterface
): ReadonlyArray<readonly [key: string, make: Effect.Effect<Place>]> =>
  families.flatMap((family) => {
    const [first, ...rest] = self.options.protocol.endpoints.filter((endpoint) => Endpoint.family(endpoint) === family)
    const address = first && Sockets.sourceAddress(networkInterface, first)
    if (first === undefined || address === undefined) return []
    const { limits, protocol, report, seed } = self.options
    const from = NetAddress.formatIp(address)
    const options: Session.Options = {
      source: protocol.name,
      protocol,
      endpoints: [first, ...rest],
      // as it is now: other addresses may come and go meanwhile
      networkInterface: () => places.interfaces.find(({ name }) => name === networkInterface.name) ?? networkInterface,
      from,
      interfaces: () => places.interfaces,
      network: self.network,
      limits,
      // one seed for all interfaces: an instance id that a protocol draws from it is the same on each
      seed: Seed.derive(seed, protocol.name),
      report,
      emit: (inputs) => Queue.offerAll(self.queue, inputs),
      senders: self.senders,
      advertised: self.advertised
    }
    // a session is bound to this address of this interface; no other change concerns it
    return [[`${networkInterface.name}#${networkInterface.index} ${from}`, place(options)] as const]
  })

const place = (options: Session.Options): Effect.Effect<Place> =>
  Effect.map(Session.make(options), (session) => ({
    session,
    // what those who hear a session know it by, whatever the interface is called, or made part of
    name: options.from,
    interface: () => options.networkInterface().name,
    serve: (onOpen) => Session.serve(session, onOpen),
    isHealthy: () => session.isHealthy,
    replace: () => {
      session.isReplaced = true
    },
    farewell: Effect.suspend(() => Session.farewell(session))
  }))
