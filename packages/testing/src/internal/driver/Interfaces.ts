/**
 * The interfaces of a host, as tests change them and as its programs see them.
 */
import type * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Effect from "effect/Effect"
import type * as IpInterface from "effect/net/IpInterface"
import type * as IpNetwork from "effect/net/IpNetwork"
import type * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { SimulatedNetworkError, UnknownInterface } from "../../SimulatedNetworkError.ts"
import type { Segment } from "../../Topology.ts"
import * as Change from "../kernel/Change.ts"
import * as Host from "../kernel/Host.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type * as Topology from "../kernel/Topology.ts"
import type { InterfaceOptions } from "../kernel/Wiring.ts"
import * as Settings from "../Settings.ts"
import * as Plan from "../topology/Plan.ts"
import type { Pump } from "./Pump.ts"

type Changed = Effect.Effect<void, SimulatedNetworkError>

/** @internal What there is beyond the host. */
export interface Surroundings {
  readonly networks: (local: Topology.Interface) => ReadonlyArray<IpNetwork.IpNetwork>
  readonly place: (host: string, segment: string) => Effect.Effect<{
    readonly segment: Topology.Segment
    readonly addresses: ReadonlyArray<IpInterface.IpInterface>
  }, SimulatedNetworkError>
  readonly settle: (local: Topology.Interface, left: string, addresses: ReadonlyArray<NetAddress.IpAddress>) => void
}

/** @internal */
export class Interfaces {
  private readonly kernel: Kernel
  private readonly pump: Pump
  private readonly host: Topology.Host
  private readonly surroundings: Surroundings
  private readonly listeners = new Set<() => void>()
  /** What was removed, as it was. */
  private readonly removed = new Map<string, InterfaceOptions>()

  constructor(kernel: Kernel, pump: Pump, host: Topology.Host, surroundings: Surroundings) {
    this.kernel = kernel
    this.pump = pump
    this.host = host
    this.surroundings = surroundings
  }

  /** Those that are usable now, then every change. */
  readonly changes: Stream.Stream<ReadonlyArray<NetworkInterface.NetworkInterface>> = Stream.callback((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const listener = () => void Queue.offerUnsafe(queue, usable(this.host))
        this.listeners.add(listener)
        listener()
        return listener
      }),
      (listener) => Effect.sync(() => this.listeners.delete(listener))
    )
  )

  control(name: string) {
    return {
      down: this.onPresent(name, (local) => this.change(local, { _tag: "Up", isUp: false })),
      up: this.onPresent(name, (local) => this.change(local, { _tag: "Up", isUp: true })),
      carrier: (isOn: boolean) => this.onSegment(name, (local) => this.change(local, { _tag: "Carrier", isOn })),
      addAddress: (text: string) => this.onPresent(name, (local) => this.addAddress(local, text)),
      removeAddress: (text: string) => this.onPresent(name, (local) => this.removeAddress(local, text)),
      remove: this.onSegment(name, (local) => this.remove(local)),
      recreate: Effect.suspend(() => this.recreate(name)),
      mtu: (octets: number) =>
        this.onPresent(name, (local) =>
          Effect.flatMap(
            Settings.mtu(octets, `mtu of ${local.label}`),
            (mtu) => this.change(local, { _tag: "Mtu", mtu })
          )),
      move: (segment: Segment | string) =>
        this.onSegment(name, (local) => this.move(local, typeof segment === "string" ? segment : segment.name))
    }
  }

  private onPresent(name: string, change: (local: Topology.Interface) => Changed): Changed {
    return Effect.suspend(() => {
      const local = this.host.interfaces.find((local) => local.name === name)
      return local === undefined ? Effect.fail(this.unknown(name)) : change(local)
    })
  }

  private onSegment(name: string, change: (local: Topology.Interface) => Changed): Changed {
    return this.onPresent(name, (local) =>
      local.isInternal
        ? Settings.invalid("interface", name, `one that is on a segment, such as ${this.names.at(-1)}`)
        : change(local))
  }

  private change(local: Topology.Interface, change: Change.Change): Effect.Effect<void> {
    return Effect.sync(() => {
      if (!Change.isNew(local, change)) return
      this.kernel.change(local, change, this.pump.now)
      this.tell()
    })
  }

  /** An address as `addAddress` takes it. */
  parse(local: Topology.Interface, text: string): Effect.Effect<Topology.LocalAddress, SimulatedNetworkError> {
    return Effect.map(Plan.parseAddress(this.surroundings.networks(local), this.host.name, text), Host.localAddress)
  }

  /** Puts these addresses in place of those that it has. */
  assign(local: Topology.Interface, addresses: ReadonlyArray<Topology.LocalAddress>): Effect.Effect<void> {
    const isSame = addresses.length === local.addresses.length &&
      addresses.every(({ text }, i) => text === local.addresses[i]!.text)
    return isSame ? Effect.void : this.change(local, { _tag: "Addresses", addresses })
  }

  private addAddress(local: Topology.Interface, text: string): Changed {
    return Effect.flatMap(this.parse(local, text), (address) => {
      if (local.addresses.some((own) => own.text === address.text)) return Effect.void
      return this.change(local, { _tag: "Addresses", addresses: [...local.addresses, address] })
    })
  }

  private removeAddress(local: Topology.Interface, text: string): Changed {
    return Effect.flatMap(Plan.parseAddress([], this.host.name, text), (assigned) => {
      const { text: removed } = Host.localAddress(assigned)
      const addresses = local.addresses.filter((own) => own.text !== removed)
      if (addresses.length < local.addresses.length) return this.change(local, { _tag: "Addresses", addresses })
      const own = local.addresses.map(({ text }) => text).join(", ")
      return Settings.invalid(`the address to remove from ${local.label}`, text, `one of those it has (${own})`)
    })
  }

  private remove(local: Topology.Interface): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { addresses, mtu, name, segment } = local
      this.removed.set(name, { name, segment, mtu, addresses: addresses.map(({ assigned }) => assigned) })
      return this.change(local, { _tag: "Remove" })
    })
  }

  private recreate(name: string): Changed {
    const local = this.host.interfaces.find((local) => local.name === name)
    if (local !== undefined && !local.isInternal) return Effect.andThen(this.remove(local), this.recreated(name))
    return this.removed.has(name) ? this.recreated(name) : Effect.fail(this.unknown(name))
  }

  private recreated(name: string): Effect.Effect<void> {
    return Effect.sync(() => {
      this.kernel.addInterface(this.host, this.removed.get(name)!, this.pump.now)
      this.removed.delete(name)
      this.tell()
    })
  }

  private move(local: Topology.Interface, name: string): Changed {
    return Effect.flatMap(this.surroundings.place(this.host.name, name), (place) => {
      const left = local.addresses.map(({ ip }) => ip)
      const was = local.segment?.name ?? name
      const addresses = place.addresses.map(Host.localAddress)
      return Effect.andThen(
        Effect.sync(() => {
          this.kernel.change(local, { _tag: "Move", segment: place.segment, addresses }, this.pump.now)
          this.surroundings.settle(local, was, left)
        }),
        Effect.sync(() => this.tell())
      )
    })
  }

  private tell(): void {
    // what waited for an address may be on its way (rule 31)
    this.pump.arm()
    for (const listener of this.listeners) listener()
  }

  private get names(): ReadonlyArray<string> {
    return this.host.interfaces.map(({ name }) => name)
  }

  private unknown(name: string): SimulatedNetworkError {
    const reason = new UnknownInterface({ host: this.host.name, interface: name, known: this.names })
    return new SimulatedNetworkError({ reason })
  }
}

// Rule 97: those that are down, have no carrier or no address are left out.
const usable = (host: Topology.Host): ReadonlyArray<NetworkInterface.NetworkInterface> =>
  host.interfaces.filter(({ addresses, hasCarrier, isUp }) => isUp && hasCarrier && addresses.length > 0)
    .map(({ addresses, index, isInternal, name }) => ({
      name,
      index,
      isInternal,
      addresses: addresses.map((address) => address.assigned)
    }))
