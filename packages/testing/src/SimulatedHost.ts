/**
 * A host on a simulated network.
 *
 * @since 0.1.0
 */
import * as Network from "@effect-discovery/core/Network"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import type * as Scope from "effect/Scope"
import * as Backing from "./internal/driver/Backing.ts"
import { Interfaces, type Surroundings } from "./internal/driver/Interfaces.ts"
import type { Pump } from "./internal/driver/Pump.ts"
import * as ClockControl from "./internal/host/ClockControl.ts"
import type { HostTime } from "./internal/host/HostTime.ts"
import * as Programs from "./internal/host/Programs.ts"
import type { Kernel } from "./internal/kernel/Kernel.ts"
import type { Host } from "./internal/kernel/Topology.ts"
import type { SimulatedNetworkError } from "./SimulatedNetworkError.ts"
import type { Segment } from "./Topology.ts"

/**
 * How a host differs from an ordinary one on a home network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Whether multicast and limited broadcast without an own choice of interface leave by eth0; with false they fail, as on a host without a gateway.
   * Default: true.
   */
  readonly hasDefaultRoute?: boolean | undefined
  /** Whether it may bind ports below 1024. Default: false. */
  readonly isPrivileged?: boolean | undefined
  /** How many sockets can be open at a time; one more fails with `EMFILE` (UDP semantics, rule 17). Default: 1,024. */
  readonly fileDescriptors?: number | undefined
  /** The most octets that a socket may ask for as receive buffer (UDP semantics, rule 43). Default: 212,992. */
  readonly receiveBufferMaximum?: number | undefined
}

/**
 * An interface, to be changed while programs use it.
 *
 * **Details**
 *
 * Sockets are never told; the list of interfaces is (UDP semantics, rules 97 and 98). All fail with a `SimulatedNetworkError` when the
 * host has no such interface at the time, or a value means nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface InterfaceControl {
  /** Switches it off: sends by it fail, memberships stay, global IPv6 addresses are gone (rules 64 and 95). */
  readonly down: Effect.Effect<void, SimulatedNetworkError>
  /** Switches it on. */
  readonly up: Effect.Effect<void, SimulatedNetworkError>
  /** Pulls its cable or plugs it in: without a carrier, sends succeed and are lost. */
  readonly carrier: (isOn: boolean) => Effect.Effect<void, SimulatedNetworkError>
  /** Gives it one more address, such as `10.11.0.9` or `10.11.0.9/24`, which others may have as well (rule 120). */
  readonly addAddress: (address: string) => Effect.Effect<void, SimulatedNetworkError>
  /** Takes one from it. Memberships stay (rules 66 and 70). */
  readonly removeAddress: (address: string) => Effect.Effect<void, SimulatedNetworkError>
  /** Takes it away, and the memberships with it (rule 65). */
  readonly remove: Effect.Effect<void, SimulatedNetworkError>
  /** Brings it back with the name, the addresses and the mtu it had: another interface, with another index (rules 65 and 70). */
  readonly recreate: Effect.Effect<void, SimulatedNetworkError>
  /** Changes the longest packet it sends and takes, in octets (rules 37 and 39). */
  readonly mtu: (octets: number) => Effect.Effect<void, SimulatedNetworkError>
  /**
   * Puts it on another segment, as a laptop goes from one Wi-Fi to another: its addresses are free ones from there, memberships stay, and a default
   * route that the topology left open leads by the router there. To the same segment, its addresses change.
   */
  readonly move: (segment: Segment | string) => Effect.Effect<void, SimulatedNetworkError>
}

/**
 * A host with a loopback interface, `lo`, and those of its topology; without one, `eth0` on the network.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedHost {
  /** What the network and the journal call it. */
  readonly name: string
  /** Its first IPv4 address at present, `0.0.0.0` where it has none. */
  readonly address: NetAddress.Ipv4Address
  /** Its addresses on the network at present: on each interface the IPv4 one, and with IPv6 a global and a link-local one. */
  readonly addresses: ReadonlyArray<NetAddress.IpAddress>
  /** The host's network, to use in place of `NodeNetwork.layer`. Each time it is built is a new start of the host's program. */
  readonly layer: Layer.Layer<Network.Network>
  /** The controls of an interface of that name. */
  readonly interface: (name: string) => InterfaceControl
  /**
   * Runs an effect as a program of this host: on its network, by its clock, with randomness of its own out of the network's seed and
   * the host's name, its logs annotated with `host`.
   */
  readonly run: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Network.Network>>
  /**
   * Starts a program in the background, as `run` runs it, and remembers it for `restart`. It lives in the scope of the network; its own
   * closes when it ends. A host may have several. One that fails is logged, and has `Simulation.run` fail in the end.
   */
  readonly start: <A, E, R>(
    program: Effect.Effect<A, E, R>
  ) => Effect.Effect<void, never, Exclude<Exclude<R, Scope.Scope>, Network.Network>>
  /** Interrupts the programs that were started and waits for their ends: what their finalizers send leaves. */
  readonly stop: Effect.Effect<void>
  /**
   * Cuts off all that runs on the host: its sockets are gone, and nothing it sends from then on leaves, goodbyes included. Programs that were
   * started are interrupted, without waiting for their finalizers. It is off until something is run, started or built on it again: what is sent to
   * it until then is lost without a word.
   */
  readonly crash: Effect.Effect<void>
  /** Boots the programs that were started anew, after a crash if they still run. */
  readonly restart: Effect.Effect<void>
  /**
   * Has the host stand still, and returns at once: none of its timers fires and no datagram is handed over until `duration` has passed. Then
   * those whose time has come wake, and all that its buffers kept arrives in one burst (UDP semantics, rule 119).
   *
   * **Details**
   *
   * With `gc`, as in a long collection of garbage or a stopped process, its clocks go on. With `sleep`, as in suspend to memory, its
   * monotonic clock stands still, as `CLOCK_MONOTONIC` does on Linux, so that all timers are late by the pause, and its wall clock has jumped when it wakes.
   * What runs at this very moment goes on until it waits. Another pause meanwhile makes it longer, never shorter. A crash ends it.
   */
  readonly pause: (duration: Duration.Input, mode?: "gc" | "sleep") => Effect.Effect<void>
  /** Its clock, to be set wrong, or made to run fast or slow. */
  readonly clock: HostClock
  /**
   * Notes in the journal what the host is doing, such as `probing`, until the next such mark: diagrams show it as a bar beside its column. A mark
   * `bob: alive` is about a peer, and each peer has a bar of its own. An empty label, or `bob: `, ends one.
   */
  readonly mark: (state: string) => Effect.Effect<void>
}

/**
 * The clock of a host. Its programs see it when they are run with `run` or `start`.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostClock {
  /** Sets the wall clock ahead of the network's by that much, or behind it if negative. */
  readonly skew: (offset: Duration.Input) => Effect.Effect<void, SimulatedNetworkError>
  /**
   * Has both clocks run fast from now on by so many millionths, or slow if negative: a cheap quartz has 20 to 100. Sleeps are shorter or longer
   * accordingly, those under way too. At most 500,000 either way.
   */
  readonly drift: (ppm: number) => Effect.Effect<void, SimulatedNetworkError>
  /** Moves the wall clock forth or back, as setting it does. The monotonic clock and all sleeps are untouched. */
  readonly jump: (by: Duration.Input) => Effect.Effect<void, SimulatedNetworkError>
}

interface Inside {
  readonly interfaces: Interfaces
  readonly time: HostTime
}

const insides = new WeakMap<Host, Inside>()

/** @internal What faults need beyond what tests may do to a host. */
export const inside = (host: Host): Inside => insides.get(host)!

/** @internal */
export const make = (
  kernel: Kernel,
  pump: Pump,
  host: Host,
  surroundings: Surroundings
): SimulatedHost => {
  const interfaces = new Interfaces(kernel, pump, host, surroundings)
  const programs = new Programs.Programs({
    kernel,
    pump,
    host,
    network: (boot) => ({
      interfaces: interfaces.changes,
      open: (options) => Backing.open({ kernel, pump, host, boot }, options)
    })
  })
  insides.set(host, { interfaces, time: programs.time })
  return {
    name: host.name,
    get address() {
      return addresses(host).find(NetAddress.isIpv4Address) ?? NetAddress.ipv4Unspecified
    },
    get addresses() {
      return addresses(host)
    },
    layer: Layer.effect(Network.Network, programs.network),
    interface: (name) => interfaces.control(name),
    run: programs.run,
    start: programs.start,
    stop: programs.stop,
    crash: programs.crash,
    restart: programs.restart,
    pause: (duration, mode = "gc") => programs.pause(duration, mode),
    clock: ClockControl.make(programs),
    mark: (text) => Effect.sync(() => void kernel.journal.note(pump.now, "mark", { host, text }))
  }
}

const addresses = (host: Host): ReadonlyArray<NetAddress.IpAddress> =>
  host.interfaces.filter((local) => !local.isInternal).flatMap((local) => local.addresses.map(({ ip }) => ip))
