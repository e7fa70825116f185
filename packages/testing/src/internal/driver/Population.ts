/**
 * The hosts of a network: those of its topology, or those that come to be when they are mentioned.
 */
import * as Effect from "effect/Effect"
import * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as SimulatedHost from "../../SimulatedHost.ts"
import { NetworkFull, SimulatedNetworkError, UnknownHost, UnknownSegment } from "../../SimulatedNetworkError.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type * as Topology from "../kernel/Topology.ts"
import type * as Planned from "../topology/Planned.ts"
import * as Routes from "../topology/Routes.ts"
import type { Pump } from "./Pump.ts"

interface Known {
  readonly host: Topology.Host
  readonly control: SimulatedHost.SimulatedHost
  readonly isRouter: boolean
}

/** @internal */
export interface Place {
  readonly segment: Topology.Segment
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
}

const loopback4 = IpInterface.makeUnsafe(NetAddress.ipv4Loopback, 8)
const loopback6 = IpInterface.makeUnsafe(NetAddress.ipv6Loopback, 128)

/** @internal */
export class Population {
  private readonly kernel: Kernel
  private readonly pump: Pump
  private readonly segments: ReadonlyMap<Planned.Segment, Topology.Segment>
  private readonly known = new Map<string, Known>()
  private readonly described: ReadonlyMap<string, Planned.Segment>
  private readonly routers: ReadonlyArray<Planned.Host>
  /** Where hosts come to be, in a network without topology. */
  private readonly home: Planned.Segment | undefined

  /** Without any hosts, for them to come to be on one segment. */
  static home(kernel: Kernel, pump: Pump, home: Planned.Segment): Population {
    return new Population(kernel, pump, new Map([[home.name, home]]), [], home)
  }

  static planned(kernel: Kernel, pump: Pump, { hosts, routers, segments }: Planned.Plan): Population {
    const population = new Population(kernel, pump, segments, routers, undefined)
    for (const host of [...hosts, ...routers]) population.add(host)
    return population
  }

  private constructor(
    kernel: Kernel,
    pump: Pump,
    described: ReadonlyMap<string, Planned.Segment>,
    routers: ReadonlyArray<Planned.Host>,
    home: Planned.Segment | undefined
  ) {
    this.kernel = kernel
    this.pump = pump
    this.described = described
    this.routers = routers
    this.home = home
    this.segments = new Map(
      Array.from(described.values(), (segment) => [segment, kernel.addSegment(segment.name, segment.link)] as const)
    )
  }

  /** Hosts, routers not among them, in the order they came to be. */
  get hosts(): ReadonlyArray<SimulatedHost.SimulatedHost> {
    return Array.from(this.known.values()).filter(({ isRouter }) => !isRouter).map(({ control }) => control)
  }

  private add(plan: Planned.Host): SimulatedHost.SimulatedHost {
    const hasIpv6 = plan.interfaces.some(({ segment }) => segment.pool.ipv6 !== undefined)
    const host = this.kernel.addHost({
      name: plan.name,
      interfaces: plan.interfaces.map((local) => ({ ...local, segment: this.segments.get(local.segment)! })),
      loopback: hasIpv6 ? [loopback4, loopback6] : [loopback4],
      routes: plan.routes,
      isPrivileged: plan.isPrivileged,
      fileDescriptors: plan.fileDescriptors,
      receiveBufferMaximum: plan.receiveBufferMaximum,
      forwards: plan.forwards
    }, this.pump.now)
    this.pump.arm()
    const control = SimulatedHost.make(this.kernel, this.pump, host, this)
    this.known.set(plan.name, { host, control, isRouter: plan.forwards !== undefined })
    return control
  }

  /** Throws where there is no such host and none can be. */
  mention(name: string, options: SimulatedHost.Options = {}): SimulatedHost.SimulatedHost {
    const known = this.known.get(name)
    if (known !== undefined) return known.control
    if (this.home === undefined) throw this.unknown(name)
    const addresses = this.home.pool.takeFirst()
    if (addresses === undefined) throw this.full(name, this.home.pool.networks[0]!)
    return this.add({
      name,
      interfaces: [{ name: "eth0", segment: this.home, addresses, mtu: this.home.mtu }],
      routes: options.hasDefaultRoute === false ? [] : Routes.defaultBy("eth0"),
      isPrivileged: options.isPrivileged === true,
      fileDescriptors: options.fileDescriptors,
      receiveBufferMaximum: options.receiveBufferMaximum,
      forwards: undefined
    })
  }

  find(name: string): Effect.Effect<Topology.Host, SimulatedNetworkError> {
    const known = this.known.get(name)
    return known === undefined ? Effect.fail(this.unknown(name)) : Effect.succeed(known.host)
  }

  /** The addresses of a segment's networks, for those of an interface to be of. */
  networks(local: Topology.Interface): ReadonlyArray<IpNetwork.IpNetwork> {
    return this.described.get(local.segment?.name ?? "")?.pool.networks ?? []
  }

  /** A segment and free addresses on it. */
  place(host: string, name: string): Effect.Effect<Place, SimulatedNetworkError> {
    const segment = this.described.get(name)
    if (segment === undefined) {
      const reason = new UnknownSegment({ host, segment: name, known: Array.from(this.described.keys()) })
      return Effect.fail(new SimulatedNetworkError({ reason }))
    }
    const addresses = segment.pool.takeFirst()
    return addresses === undefined
      ? Effect.fail(this.full(host, segment.pool.networks[0]!))
      : Effect.succeed({ segment: this.segments.get(segment)!, addresses })
  }

  /** Has an interface that was moved forget where it was, and its host find the way from where it is. */
  settle(local: Topology.Interface, left: string, addresses: ReadonlyArray<NetAddress.IpAddress>): void {
    this.described.get(left)?.pool.release(addresses)
    const { host } = local
    const on = this.described.get(local.segment?.name ?? "")
    const isFirst = host.interfaces.find(({ isInternal }) => !isInternal) === local
    if (on === undefined || !isFirst || !host.routes.some(({ isAutomatic }) => isAutomatic)) return
    const kept = host.routes.filter(({ isAutomatic }) => !isAutomatic)
    host.routes = [...kept, ...Routes.automatic(local.name, on, this.routers)]
  }

  private unknown(host: string): SimulatedNetworkError {
    const hasTopology = this.home === undefined
    return new SimulatedNetworkError({
      reason: new UnknownHost({ host, known: Array.from(this.known.keys()), hasTopology })
    })
  }

  private full(host: string, network: IpNetwork.IpNetwork): SimulatedNetworkError {
    return new SimulatedNetworkError({
      reason: new NetworkFull({ host, network: IpNetwork.format(network), hosts: this.known.size })
    })
  }
}
