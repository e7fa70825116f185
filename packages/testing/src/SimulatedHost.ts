/**
 * A host on a simulated network.
 *
 * @since 0.1.0
 */
import * as Network from "@effect-discovery/core/Network"
import type * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Backing from "./internal/driver/Backing.ts"
import type { Pump } from "./internal/driver/Pump.ts"
import type { Kernel } from "./internal/kernel/Kernel.ts"
import type { Host } from "./internal/kernel/Topology.ts"
import { SimulatedNetworkError, UnknownInterface } from "./SimulatedNetworkError.ts"

/**
 * How a host differs from an ordinary one on a home network.
 *
 * **Details**
 *
 * `hasDefaultRoute` (true): without an own choice of interface, multicast and limited broadcast leave by eth0; with false they fail, as on a
 * host without a gateway. `isPrivileged` (false): it may bind ports below 1024.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly hasDefaultRoute?: boolean | undefined
  readonly isPrivileged?: boolean | undefined
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
   * Cuts off all that runs on the host: its sockets are gone, and nothing it sends from then on leaves, goodbyes included. A layer built
   * afterwards works again.
   */
  readonly crash: Effect.Effect<void>
}

/** @internal */
export const make = (
  kernel: Kernel,
  pump: Pump,
  host: Host
): SimulatedHost => {
  const listeners = new Set<() => void>()
  let boots: ReadonlyArray<Backing.Boot> = []
  const start = (): Network.Network["Service"] => {
    const boot = new Backing.Boot()
    boots = [...boots, boot]
    return {
      interfaces: interfaces(host, listeners),
      open: (options) => Backing.open({ kernel, pump, host, boot }, options)
    }
  }
  return {
    name: host.name,
    get address() {
      return addresses(host).find(NetAddress.isIpv4Address) ?? NetAddress.ipv4Unspecified
    },
    get addresses() {
      return addresses(host)
    },
    layer: Layer.effect(Network.Network, Effect.sync(start)),
    interface: (name) => control(kernel, pump, host, listeners, name),
    crash: Effect.sync(() => {
      kernel.journal.note(pump.now, "host", { host, text: "crash" })
      for (const boot of boots) kill(kernel, pump, boot)
      boots = []
    })
  }
}

const addresses = (host: Host): ReadonlyArray<NetAddress.IpAddress> =>
  host.interfaces.filter((local) => !local.isInternal).flatMap((local) => local.addresses.map(({ ip }) => ip))

const kill = (kernel: Kernel, pump: Pump, boot: Backing.Boot): void => {
  boot.isAlive = false
  for (const socket of boot.sockets) kernel.close(socket, pump.now)
}

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
