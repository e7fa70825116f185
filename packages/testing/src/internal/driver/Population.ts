/**
 * The hosts of a network: those of its topology, or those that come to be when they are mentioned.
 */
import * as Effect from "effect/Effect"
import * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as SimulatedHost from "../../SimulatedHost.ts"
import { NetworkFull, SimulatedNetworkError, UnknownHost } from "../../SimulatedNetworkError.ts"
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

const loopback4 = IpInterface.makeUnsafe(NetAddress.ipv4Loopback, 8)
const loopback6 = IpInterface.makeUnsafe(NetAddress.ipv6Loopback, 128)

/** @internal */
export class Population {
  private readonly kernel: Kernel
  private readonly pump: Pump
  private readonly segments = new Map<Planned.Segment, Topology.Segment>()
  private readonly known = new Map<string, Known>()
  /** Where hosts come to be, in a network without topology. */
  private readonly home: Planned.Segment | undefined

  constructor(kernel: Kernel, pump: Pump, home?: Planned.Segment) {
    this.kernel = kernel
    this.pump = pump
    this.home = home
  }

  /** Hosts, routers not among them, in the order they came to be. */
  get hosts(): ReadonlyArray<SimulatedHost.SimulatedHost> {
    return Array.from(this.known.values()).filter(({ isRouter }) => !isRouter).map(({ control }) => control)
  }

  add(plan: Planned.Host): SimulatedHost.SimulatedHost {
    const hasIpv6 = plan.interfaces.some(({ segment }) => segment.pool.ipv6 !== undefined)
    const host = this.kernel.addHost({
      name: plan.name,
      interfaces: plan.interfaces.map((local) => ({ ...local, segment: this.segment(local.segment) })),
      loopback: hasIpv6 ? [loopback4, loopback6] : [loopback4],
      routes: plan.routes,
      isPrivileged: plan.isPrivileged,
      fileDescriptors: plan.fileDescriptors,
      receiveBufferMaximum: plan.receiveBufferMaximum,
      forwards: plan.forwards
    })
    const control = SimulatedHost.make(this.kernel, this.pump, host)
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

  private segment(plan: Planned.Segment): Topology.Segment {
    const known = this.segments.get(plan)
    if (known !== undefined) return known
    const segment = this.kernel.addSegment(plan.name, plan.link)
    this.segments.set(plan, segment)
    return segment
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
