/**
 * A host on a simulated network.
 *
 * @since 0.1.0
 */
import * as Network from "@effect-discovery/core/Network"
import type * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Backing from "./internal/driver/Backing.ts"
import type { Pump } from "./internal/driver/Pump.ts"
import * as ClockControl from "./internal/host/ClockControl.ts"
import * as Programs from "./internal/host/Programs.ts"
import type { Kernel } from "./internal/kernel/Kernel.ts"
import type { Host } from "./internal/kernel/Topology.ts"
import { SimulatedNetworkError, UnknownInterface } from "./SimulatedNetworkError.ts"

/**
 * How a host differs from an ordinary one on a home network.
 *
 * **Details**
 *
 * `hasDefaultRoute` (true): without an own choice of interface, multicast and limited broadcast leave by eth0; with false they fail, as on a
 * host without a gateway. `isPrivileged` (false): it may bind ports below 1024. `fileDescriptors` (1,024): how many sockets can be open at a time; one more
 * fails with `EMFILE` (UDP semantics, rule 17). `receiveBufferMaximum` (212,992): the most octets that a socket may ask for as receive buffer
 * (rule 43).
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly hasDefaultRoute?: boolean | undefined
  readonly isPrivileged?: boolean | undefined
  readonly fileDescriptors?: number | undefined
  readonly receiveBufferMaximum?: number | undefined
}

/**
 * An interface to take down and up again. Memberships survive it (UDP semantics, rules 64, 97 and 98).
 *
 * @category models
 * @since 0.1.0
 */
export interface InterfaceControl {
  readonly down: Effect.Effect<void, SimulatedNetworkError>
  readonly up: Effect.Effect<void, SimulatedNetworkError>
}

/**
 * A host with a loopback interface, `lo`, and those of its topology; without one, `eth0` on the network.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedHost {
  readonly name: string
  /** Its first IPv4 address at present, `0.0.0.0` where it has none. */
  readonly address: NetAddress.Ipv4Address
  /** Its addresses on the network at present: on each interface the IPv4 one, and with IPv6 a global and a link-local one. */
  readonly addresses: ReadonlyArray<NetAddress.IpAddress>
  /** The host's network, to use in place of `NodeNetwork.layer`. Each time it is built is a new start of the host's program. */
  readonly layer: Layer.Layer<Network.Network>
  readonly interface: (name: string) => InterfaceControl
  /**
   * Runs an effect as a program of this host: on its network, by its clock, with randomness of its own out of the network's seed and
   * the host's name, its logs annotated with `host`.
   */
  readonly run: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Network.Network>>
  /**
   * Starts a program in the background, as `run` runs it, and remembers it for `restart`. It lives in the scope of the network; its own
   * closes when it ends. A host may have several.
   */
  readonly start: <A, E, R>(
    program: Effect.Effect<A, E, R>
  ) => Effect.Effect<void, never, Exclude<Exclude<R, Scope.Scope>, Network.Network>>
  /** Interrupts the programs that were started and waits for their ends: what their finalizers send leaves. */
  readonly stop: Effect.Effect<void>
  /**
   * Cuts off all that runs on the host: its sockets are gone, and nothing it sends from then on leaves, goodbyes included. Programs that were
   * started are interrupted, without waiting for their finalizers. What is run or built afterwards works again.
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
  readonly clock: HostClock
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

/** @internal */
export const make = (
  kernel: Kernel,
  pump: Pump,
  host: Host
): SimulatedHost => {
  const listeners = new Set<() => void>()
  const programs = new Programs.Programs({
    kernel,
    pump,
    host,
    network: (boot) => ({
      interfaces: interfaces(host, listeners),
      open: (options) => Backing.open({ kernel, pump, host, boot }, options)
    })
  })
  return {
    name: host.name,
    get address() {
      return addresses(host).find(NetAddress.isIpv4Address) ?? NetAddress.ipv4Unspecified
    },
    get addresses() {
      return addresses(host)
    },
    layer: Layer.effect(Network.Network, programs.network),
    interface: (name) => control(kernel, pump, host, listeners, name),
    run: programs.run,
    start: programs.start,
    stop: programs.stop,
    crash: programs.crash,
    restart: programs.restart,
    pause: (duration, mode = "gc") => programs.pause(duration, mode),
    clock: ClockControl.make(programs)
  }
}

const addresses = (host: Host): ReadonlyArray<NetAddress.IpAddress> =>
  host.interfaces.filter((local) => !local.isInternal).flatMap((local) => local.addresses.map(({ ip }) => ip))

const control = (
  kernel: Kernel,
  pump: Pump,
  host: Host,
  listeners: ReadonlySet<() => void>,
  name: string
): InterfaceControl => {
  const set = (isUp: boolean) =>
    Effect.suspend(() => {
      const local = host.interfaces.find((local) => local.name === name)
      if (local === undefined) return Effect.fail(unknownInterface(host, name))
      if (local.isUp === isUp) return Effect.void
      kernel.setUp(local, isUp, pump.now)
      for (const listener of listeners) listener()
      return Effect.void
    })
  return { down: set(false), up: set(true) }
}

const unknownInterface = (host: Host, name: string): SimulatedNetworkError =>
  new SimulatedNetworkError({
    reason: new UnknownInterface({
      host: host.name,
      interface: name,
      known: host.interfaces.map((local) => local.name)
    })
  })

const interfaces = (
  host: Host,
  listeners: Set<() => void>
): Stream.Stream<ReadonlyArray<NetworkInterface.NetworkInterface>> =>
  Stream.callback((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const listener = () => void Queue.offerUnsafe(queue, usable(host))
        listeners.add(listener)
        listener()
        return listener
      }),
      (listener) => Effect.sync(() => listeners.delete(listener))
    )
  )

// Rule 97: interfaces that are down are left out.
const usable = (host: Host): ReadonlyArray<NetworkInterface.NetworkInterface> =>
  host.interfaces.filter((local) => local.isUp).map(({ addresses, index, isInternal, name }) => ({
    name,
    index,
    isInternal,
    addresses: addresses.map((address) => address.assigned)
  }))
