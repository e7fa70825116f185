/**
 * One link: its sockets while they are open, and what it hears.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Buggify from "../../../Buggify.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as NetworkInterface from "../../../NetworkInterface.ts"
import type * as Link from "../../../protocol/mdns/Link.ts"
import type * as Places from "../Places.ts"
import * as Session from "../Session.ts"
import * as Shortcut from "../Shortcut.ts"
import * as Sockets from "../Sockets.ts"
import * as Hub from "./Hub.ts"
import * as LinkIntake from "./LinkIntake.ts"
import * as LinkRepeats from "./LinkRepeats.ts"
import * as LinkSockets from "./LinkSockets.ts"

/** What a link is opened with. */
export interface Options {
  readonly hub: Hub.Hub
  readonly family: NetAddress.IpFamily
  /** The interface as it is now. */
  readonly networkInterface: () => NetworkInterface.NetworkInterface
}

interface LinkPlace {
  readonly options: Options
  readonly key: string
  readonly intake: LinkIntake.LinkIntake
  /** What the sockets are bound to. */
  readonly from: ReadonlyArray<IpInterface.IpInterface>
  isHealthy: boolean
  isReplaced: boolean
}

// Octets of payload that fit into one frame of Ethernet with either family and some room for tunnels: what deployed systems use.
const maxPayload = 1_440

/** A link as a place that is served. */
export interface Place extends Places.Place {
  /** Has what was heard before judged anew: it may be of another link by now. */
  readonly forgetRepeats: () => void
}

/** A link on which nothing is open yet. */
export const make = (options: Options): Effect.Effect<Place> =>
  Effect.sync(() => {
    const { family, hub, networkInterface } = options
    const from = LinkSockets.sendersOf(networkInterface(), family)
    const self: LinkPlace = {
      options,
      key: Hub.linkKey(networkInterface(), family),
      intake: LinkIntake.make({
        source: hub.options.source,
        link: Hub.linkKey(networkInterface(), family),
        from: from.slice(0, 1).map(({ address }) => NetAddress.formatIp(address)).join(),
        networkInterface,
        interfaces: hub.options.interfaces,
        limits: hub.options.limits,
        most: hub.options.most,
        seed: hub.options.seed,
        report: hub.options.report,
        step: (input, now) => Hub.step(hub, input, now)
      }, hub.runner.now()),
      from,
      isHealthy: false,
      isReplaced: false
    }
    return {
      name: self.key,
      interface: () => networkInterface().name,
      serve: (onOpen) => serve(self, onOpen),
      isHealthy: () => self.isHealthy,
      replace: () => {
        self.isReplaced = true
      },
      farewell: leave(self),
      forgetRepeats: () => LinkRepeats.clear(self.intake.repeats)
    }
  })

const serve = Effect.fnUntraced(
  function*(self: LinkPlace, onOpen: Effect.Effect<unknown>) {
    const { hub } = self.options
    self.isHealthy = false
    yield* Buggify.inject("mdns.link.open.fails", Effect.suspend(() => Effect.fail(unlucky())))
    const isPortOwned = yield* hold(self)
    const shortcut = Shortcut.make(repeats(self), hub.runner.now)
    const sockets = yield* LinkSockets.open(socketOptions(self), shortcut.intercept)
    // where they do not open either, that it could not be had alone says nothing of others
    if (!isPortOwned) Hub.tellShared(hub, self.options.networkInterface().name)
    // up, as far as the engine knows, but nobody has heard or sent anything there for a while
    const wasDeaf = hub.links.has(self.key) && !hub.open.has(self.key)
    const open = yield* connect(self, sockets)
    // a link that failed is to be back soon: only one that is ended is gone
    yield* Effect.addFinalizer((exit) => Exit.hasInterrupts(exit) ? leave(self) : Effect.void)
    yield* Hub.linkUp(hub, describe(self, isPortOwned))
    if (wasDeaf) yield* Hub.dispatch(hub, { _tag: "Resumed", link: self.key })
    yield* onOpen
    for (const [reader, isMulticast] of readersOf(sockets)) {
      const receiving = receive(self, open, reader, isMulticast, isMulticast ? shortcut : undefined)
      yield* Effect.forkScoped(receiving, { startImmediately: true })
    }
    return yield* Deferred.await(open.broken)
  },
  Effect.scoped,
  (effect, self) => Effect.mapError(effect, (error) => failure(self, error))
)

// the steady state: nothing is decoded, and no fiber is resumed
const repeats = (self: LinkPlace): Shortcut.Take => (payload, host, port, now) => {
  if (!LinkIntake.takeAtOnce(self.intake, payload, host, port, now)) return false
  self.isHealthy = true
  return true
}

const unlucky = () => Sockets.refused("simulated misfortune")

const socketOptions = ({ options }: LinkPlace): LinkSockets.Options => ({
  network: options.hub.options.network,
  limits: options.hub.options.limits,
  family: options.family,
  networkInterface: options.networkInterface
})

const readersOf = (
  { receiver, senders }: LinkSockets.LinkSockets
): ReadonlyArray<readonly [reader: DatagramSocket.Reader, isMulticast: boolean]> => [
  [receiver, true],
  ...senders.map(({ reader }) => [reader, false] as const)
]

// Whether the port is ours alone at every address of the link. An address that another place of ours already holds, since an interface
// got one more address, is as it was found.
const hold = Effect.fnUntraced(function*(self: LinkPlace) {
  const { hub } = self.options
  let isOwned = true
  for (const address of self.from) {
    const key = NetAddress.formatIp(address.address)
    const held = hub.held.get(key) ??
      { isPortOwned: yield* LinkSockets.isPortFree(socketOptions(self), address), count: 0 }
    isOwned &&= held.isPortOwned
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        held.count++
        hub.held.set(key, held)
      }),
      () =>
        Effect.sync(() => {
          if (--held.count === 0) hub.held.delete(key)
        })
    )
  }
  return isOwned
})

// the sockets are the link's for as long as the scope is open
const connect = (self: LinkPlace, sockets: LinkSockets.LinkSockets) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const open: Hub.OpenLink = {
        index: self.options.networkInterface().index,
        sockets,
        broken: Deferred.makeUnsafe<never, DatagramSocket.DatagramSocketError>(),
        onSending: (count) => LinkIntake.expect(self.intake, count, self.options.hub.runner.now()),
        onSent: () => {
          self.isHealthy = true
        }
      }
      const { hub } = self.options
      hub.open.set(self.key, [...hub.open.get(self.key) ?? [], open])
      return open
    }),
    (closed) =>
      Effect.sync(() => {
        const { open } = self.options.hub
        const left = (open.get(self.key) ?? []).filter((other) => other !== closed)
        if (left.length === 0) open.delete(self.key)
        else open.set(self.key, left)
      })
  )

const describe = ({ key, options }: LinkPlace, isPortOwned: boolean): Link.Link => {
  const { addresses, index, name } = options.networkInterface()
  return { key, interface: name, index, family: options.family, addresses, maxPayload, isPortOwned }
}

// Those who take over go on with the link. A goodbye can be heard only where one of our addresses is left.
const leave = (self: LinkPlace): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { hub } = self.options
    if (self.isReplaced || hub.isClosed) return Effect.void
    const canSend = hub.open.has(self.key) && isThere(self)
    return Session.within(hub.options.limits.goodbye, Hub.linkDown(hub, self.key, canSend))
  })

const isThere = ({ from, options }: LinkPlace): boolean =>
  options.hub.options.interfaces().some(({ addresses, name }) =>
    name === options.networkInterface().name &&
    addresses.some(({ address }) => NetAddress.formatIp(address) === NetAddress.formatIp(from[0]!.address))
  )

const receive = (
  self: LinkPlace,
  open: Hub.OpenLink,
  reader: DatagramSocket.Reader,
  isMulticast: boolean,
  shortcut: Shortcut.Shortcut | undefined
): Effect.Effect<void> => {
  const { hub } = self.options
  let dropped = 0
  const batches = Sockets.forEachBatch(reader, hub.runner.now, (datagrams, now) => {
    self.isHealthy = true
    dropped = LinkIntake.countDropped(self.intake, reader.dropped(), dropped)
    const done = LinkIntake.take(self.intake, datagrams, isMulticast, now)
    Hub.wake(hub)
    return Effect.andThen(hesitation, Hub.perform(hub, done))
  }, shortcut)
  return Effect.catchCause(batches, (cause) => Effect.asVoid(Deferred.failCause(open.broken, cause)))
}

const hesitation = Buggify.inject("mdns.intake.slow", Effect.sleep("300 millis"))

// a port that somebody else holds is the one failure for which there is another way than to wait
const failure = (
  { options }: LinkPlace,
  error: DatagramSocket.DatagramSocketError
): DiscoveryError.DiscoveryError => {
  const { family, hub, networkInterface } = options
  const endpoint = family === "IPv4" ? "224.0.0.251:5353" : "[ff02::fb]:5353"
  const cause = Sockets.failure({ source: hub.options.source, networkInterface }, endpoint, error)
  if (cause.reason._tag !== "AddressInUse") return cause
  const { reason } = cause
  return DiscoveryError.make(
    new DiscoveryError.AddressInUse({
      source: reason.source,
      endpoint,
      interface: reason.interface,
      advice,
      cause: reason.cause
    })
  )
}

const advice = "Let that program share UDP port 5353 (SO_REUSEADDR, on BSD and macOS SO_REUSEPORT), " +
  "or ask from a port of your own with Mdns.lookupOnce, which needs nothing of port 5353"
