/**
 * A LAN in memory: hosts with sockets that behave as on Linux, links that delay and lose, and a record of all that happened.
 *
 * Every host offers a `Network` layer, so the program under test is the production one down to its sockets. The same seed gives the same
 * run, to the byte of its log.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Faults from "./Faults.ts"
import * as Frame from "./Frame.ts"
import { Population } from "./internal/driver/Population.ts"
import { Pump } from "./internal/driver/Pump.ts"
import * as HostSettings from "./internal/faults/HostSettings.ts"
import * as MakeFaults from "./internal/faults/Make.ts"
import { Running } from "./internal/faults/Running.ts"
import * as Inside from "./internal/Inside.ts"
import * as Snapshot from "./internal/journal/Snapshot.ts"
import * as Watch from "./internal/journal/Watch.ts"
import * as Inspection from "./internal/kernel/Inspection.ts"
import { Kernel } from "./internal/kernel/Kernel.ts"
import * as Check from "./internal/links/Check.ts"
import { Links } from "./internal/links/Links.ts"
import * as Settings from "./internal/Settings.ts"
import * as Registry from "./internal/simulation/Registry.ts"
import { AddressPool } from "./internal/topology/AddressPool.ts"
import * as Plan from "./internal/topology/Plan.ts"
import * as Journal from "./Journal.ts"
import type * as Link from "./Link.ts"
import type * as NetworkEvent from "./NetworkEvent.ts"
import type { NetworkSnapshot } from "./NetworkSnapshot.ts"
import * as SimulatedHost from "./SimulatedHost.ts"
import type { SimulatedNetworkError } from "./SimulatedNetworkError.ts"
import type * as Topology from "./Topology.ts"

/**
 * What a link does to the datagrams that cross it.
 *
 * @category models
 * @since 0.1.0
 */
export interface LinkProfile {
  /** How long a datagram takes at the least. Default: a millisecond. */
  readonly latency?: Duration.Input | undefined
  /** How much longer it may take, any share of it equally likely. Default: nothing. */
  readonly jitter?: Duration.Input | undefined
  /** The probability that it is lost, drawn for each datagram and receiver. Default: 0. */
  readonly loss?: number | undefined
  /** The probability that it arrives twice, drawn likewise. Default: 0. */
  readonly duplicate?: number | undefined
}

/**
 * How a network is made.
 *
 * **Details**
 *
 * The profile holds for every link that has none of its own. What is to be different is set afterwards, as by `setLoss`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends LinkProfile {
  /** What all chance of the network comes from. Default: drawn from `Random`. */
  readonly seed?: number | undefined
  /** The network that gives the hosts their IPv4 addresses. Default: `10.11.0.0/24`. */
  readonly network?: string | undefined
  /** The network that gives them IPv6 addresses as well, such as `fd11::/64`: each a global and a link-local one. Default: none. */
  readonly ipv6?: string | undefined
  /** How many events are kept in the journal, and fewer where their payloads come to more than 256 MiB. Default: 100,000. */
  readonly history?: number | undefined
  /**
   * Who hears a group: on `linux`, the default, every wildcard socket once any socket of its host has joined; where it is `strict`, only sockets
   * that joined themselves (UDP semantics, rule 49).
   */
  readonly membership?: "linux" | "strict" | undefined
  /** All that the profile says and more, such as `Link.wifi`. It counts where both say something. */
  readonly link?: Link.Input | undefined
  /** The segments and the hosts there are, and no others. `network`, `ipv6` and `membership` are part of it then. */
  readonly topology?: Topology.Topology | undefined
}

/**
 * The way from one host to another.
 *
 * @category models
 * @since 0.1.0
 */
export interface LinkControl {
  /** Changes what the link names, in this direction only. */
  readonly set: (link: Link.Input) => Effect.Effect<void, SimulatedNetworkError>
  /** Changes it in both directions. */
  readonly setBoth: (link: Link.Input) => Effect.Effect<void, SimulatedNetworkError>
  /** Goes back to the network's profile, in both directions. */
  readonly reset: Effect.Effect<void, SimulatedNetworkError>
}

/**
 * A LAN in memory.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedNetwork {
  /** What all chance of the network is derived from. */
  readonly seed: number
  /**
   * The host of that name, made when first mentioned, with the next free address. The options count then only. Throws a
   * `SimulatedNetworkError` when no address is left, or when there is a topology without such a host.
   */
  readonly host: (name: string, options?: SimulatedHost.Options) => SimulatedHost.SimulatedHost
  /** The hosts, in the order they were made. Routers are not among them. */
  readonly hosts: Effect.Effect<ReadonlyArray<SimulatedHost.SimulatedHost>>
  /** The way from one host to another, in that direction. */
  readonly link: (from: string, to: string) => LinkControl
  /** The probability of loss on every link that has none of its own. */
  readonly setLoss: (probability: number) => Effect.Effect<void, SimulatedNetworkError>
  /** Lets nothing pass between hosts of different groups, until the scope closes. Hosts in none of them are not concerned. */
  readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => Faults.Scoped
  /** What else can go wrong. */
  readonly faults: Faults.Faults
  /** Ends all partitions and cuts. */
  readonly heal: Effect.Effect<void>
  /** What the network has now: interfaces, sockets, memberships and buffers. */
  readonly inspect: Effect.Effect<NetworkSnapshot>
  /** All that happened so far. */
  readonly journal: Effect.Effect<Journal.Journal>
  /**
   * Every event from now on, until the network's scope closes. A subscriber that falls more than `history` events behind misses the oldest: its
   * next `seq` tells how many.
   */
  readonly events: Stream.Stream<NetworkEvent.NetworkEvent>
  /** Puts a label into the journal, for people to find the place in an export. */
  readonly mark: (label: string) => Effect.Effect<void>
  /** What was sent, and what became of it. */
  readonly frames: Effect.Effect<ReadonlyArray<Frame.Frame>>
  /** All that happened, a line each: the same for the same seed. */
  readonly log: Effect.Effect<string>
}

/**
 * The network as a service, for programs that are given one.
 *
 * @category services
 * @since 0.1.0
 */
export const SimulatedNetwork: Context.Service<SimulatedNetwork, SimulatedNetwork> = Context.Service(
  "@effect-discovery/testing/SimulatedNetwork"
)

/**
 * Makes a network. It lives as long as its scope; its time is that of the `Clock` it is made with.
 *
 * **Gotchas**
 *
 * Fails with a `SimulatedNetworkError` when an option has a value that means nothing, or a topology is impossible.
 *
 * All who hear a datagram get the same array of octets: a program that writes into what it received changes it for the others too.
 *
 * **Example** (Two hosts)
 *
 * ```ts
 * import { Network } from "@effect-discovery/core"
 * import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 * import { NetAddress } from "effect/net"
 *
 * const open = Network.Network.use((network) => network.open({ family: "IPv4", bind: { port: 9778 } }))
 *
 * const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make({ latency: "5 millis", loss: 0.2 })
 *   const ada = yield* Effect.provide(open, lan.host("ada").layer)
 *   const grace = yield* Effect.provide(open, lan.host("grace").layer)
 *   yield* ada.reader
 *   yield* grace.reader
 *   const writer = yield* ada.writer
 *   const address = NetAddress.inetAddressUnsafe(lan.host("grace").address, 9778)
 *   yield* writer.write({ payload: "hello", address })
 *   yield* Effect.sleep("1 second")
 *   return yield* lan.log
 * })
 *
 * Effect.runPromise(Simulation.run(program, { seed: 7 })).then(console.log)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options = {}
): Effect.Effect<SimulatedNetwork, SimulatedNetworkError, Scope.Scope> =>
  Effect.gen(function*() {
    const seed = options.seed ?? (yield* Random.nextInt) | 0
    const links = new Links(seed, yield* linkOf(options))
    const history = yield* Settings.history(options.history)
    const kernel = new Kernel({ seed, links, history, isStrict: isStrict(options) })
    const run = yield* FiberSet.makeRuntime<never>()
    const pump = new Pump(kernel, yield* Clock.clockWith(Effect.succeed), (effect) => run(effect))
    yield* Effect.addFinalizer(() => Effect.andThen(pump.close, Effect.sync(() => kernel.journal.close())))
    const network = new Lan(seed, kernel, pump, yield* populate(kernel, pump, options))
    Inside.set(network, kernel)
    const registry = yield* Registry.Current
    registry?.add({ journal: () => Snapshot.of(kernel.journal, seed), awaited: pump.awaited })
    return network
  })

/**
 * A network as a service, for tests whose parts share one.
 *
 * **Example** (A test on three hosts)
 *
 * ```ts
 * import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * const addresses = SimulatedNetwork.SimulatedNetwork.use((network) =>
 *   Effect.map(network.hosts, (hosts) => hosts.flatMap((host) => host.addresses))
 * )
 *
 * const program = Effect.provide(addresses, SimulatedNetwork.layer({ topology: Topology.lan(3), seed: 7 }))
 *
 * Effect.runPromise(Simulation.run(program)).then(console.log)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<SimulatedNetwork, SimulatedNetworkError> =>
  Layer.effect(SimulatedNetwork, make(options))

const linkOf = ({ duplicate, jitter, latency = 1, link, loss }: Options): Effect.Effect<
  Link.Link,
  SimulatedNetworkError
> => Effect.fromResult(Check.link({ latency, jitter, loss, duplicate, ...link }))

const isStrict = ({ membership, topology }: Options): boolean =>
  topology === undefined ? membership === "strict" : topology.platform === "strictMembership"

const populate = (
  kernel: Kernel,
  pump: Pump,
  { ipv6, link, membership, network, topology }: Options
): Effect.Effect<Population, SimulatedNetworkError> =>
  Effect.gen(function*() {
    const mtu = yield* Settings.mtu(link?.mtu)
    if (topology === undefined) {
      const pool = new AddressPool(yield* Settings.ipv4(network), yield* Settings.ipv6(ipv6))
      return Population.home(kernel, pump, { name: "lan", pool, mtu, link: undefined })
    }
    for (const [option, value] of Object.entries({ network, ipv6, membership })) {
      if (value !== undefined) return yield* Settings.invalid(option, value, "left out where there is a topology")
    }
    return Population.planned(kernel, pump, yield* Plan.make(topology, mtu))
  })

class Lan implements SimulatedNetwork {
  readonly seed: number
  private readonly kernel: Kernel
  private readonly pump: Pump
  private readonly population: Population
  readonly faults: Faults.Faults
  readonly heal: Effect.Effect<void>

  constructor(seed: number, kernel: Kernel, pump: Pump, population: Population) {
    this.seed = seed
    this.kernel = kernel
    this.pump = pump
    this.population = population
    const running = new Running(kernel.journal, () => pump.now)
    this.heal = running.heal("heal", ["partition", "cut"])
    this.faults = MakeFaults.make({
      kernel,
      pump,
      running,
      find: (name) => population.find(name),
      settings: HostSettings.ofHosts((host) => ({
        host,
        control: population.mention(host.name),
        ...SimulatedHost.inside(host)
      }))
    })
  }

  readonly host = (name: string, options?: SimulatedHost.Options): SimulatedHost.SimulatedHost =>
    this.population.mention(name, options)

  readonly hosts = Effect.sync(() => this.population.hosts)

  readonly link = (from: string, to: string): LinkControl => ({
    set: (profile) => this.setLinks([[from, to]], profile),
    setBoth: (profile) => this.setLinks([[from, to], [to, from]], profile),
    reset: Effect.gen({ self: this }, function*() {
      const [here, there] = [yield* this.population.find(from), yield* this.population.find(to)]
      this.kernel.links.changes.reset(here.name, there.name)
      this.kernel.links.changes.reset(there.name, here.name)
      this.note(`link ${from} ${to} reset`)
    })
  })

  readonly setLoss = (probability: number): Effect.Effect<void, SimulatedNetworkError> =>
    Effect.map(Effect.fromResult(Check.link({ loss: probability })), (link) => {
      this.kernel.links.changes.setDefaults(link)
      this.note(`loss ${probability}`)
    })

  readonly partition = (groups: ReadonlyArray<ReadonlyArray<string>>): Faults.Scoped => this.faults.partition(groups)

  readonly inspect = Effect.sync(() => Inspection.of(this.kernel.journal.hosts, this.pump.now))

  readonly journal = Effect.sync(() => Snapshot.of(this.kernel.journal, this.seed))

  readonly events = Stream.suspend(() => Watch.stream(this.kernel.journal))

  readonly mark = (label: string): Effect.Effect<void> =>
    Effect.sync(() => void this.kernel.journal.note(this.pump.now, "mark", { text: label }))

  readonly frames = Effect.map(this.journal, Frame.fromJournal)

  readonly log = Effect.map(this.journal, Journal.toLog)

  private setLinks(
    ways: ReadonlyArray<readonly [from: string, to: string]>,
    input: Link.Input
  ): Effect.Effect<void, SimulatedNetworkError> {
    return Effect.gen({ self: this }, function*() {
      const link = yield* Effect.fromResult(Check.link(input))
      for (const [from, to] of ways) {
        this.kernel.links.changes.set(
          (yield* this.population.find(from)).name,
          (yield* this.population.find(to)).name,
          link
        )
        this.note(`link ${from} ${to} ${JSON.stringify(link)}`)
      }
    })
  }

  private note(text: string): number {
    return this.kernel.journal.note(this.pump.now, "fault", { text })
  }
}
