/**
 * What faults set about one host, so that those which overlap leave nothing behind.
 */
import * as Effect from "effect/Effect"
import type * as SimulatedHost from "../../SimulatedHost.ts"
import type { Interfaces } from "../driver/Interfaces.ts"
import type { HostTime } from "../host/HostTime.ts"
import type { Host, Interface, LocalAddress, Segment } from "../kernel/Topology.ts"
import { Setting } from "./Setting.ts"

/** @internal A host and what is inside of it. */
export interface Subject {
  readonly host: Host
  readonly control: SimulatedHost.SimulatedHost
  readonly interfaces: Interfaces
  readonly time: HostTime
}

/** @internal Addresses are those of a segment: an interface that was moved to another keeps what it has there. */
export interface Addresses {
  readonly segment: Segment | undefined
  readonly list: ReadonlyArray<LocalAddress>
}

/** @internal */
export class HostSettings {
  readonly drift: Setting<number>
  readonly subject: Subject
  private readonly links = new Map<string, Setting<boolean>>()
  private readonly carriers = new Map<string, Setting<boolean>>()
  private readonly addressed = new Map<string, Setting<Addresses>>()
  private readonly skewed: Setting<number | undefined>
  // by how much faults moved the wall clock
  private moved = 0
  private crashes: ReadonlySet<object> = new Set()

  constructor(subject: Subject) {
    const { control: { clock }, time } = subject
    this.subject = subject
    this.drift = new Setting(() => time.ppm, (ppm) => Effect.orDie(clock.drift(ppm)))
    this.skewed = new Setting<number | undefined>(() => undefined, (offset) => this.moveClock(offset))
  }

  up(name: string): Setting<boolean> {
    const control = this.subject.control.interface(name)
    return known(this.links, name, () =>
      new Setting(
        () => this.local(name)?.isUp !== false,
        (isUp) => Effect.ignore(isUp ? control.up : control.down)
      ))
  }

  carrier(name: string): Setting<boolean> {
    const control = this.subject.control.interface(name)
    return known(this.carriers, name, () =>
      new Setting(
        () => this.local(name)?.hasCarrier !== false,
        (isOn) => Effect.ignore(control.carrier(isOn))
      ))
  }

  addresses(name: string): Setting<Addresses> {
    return known(this.addressed, name, () =>
      new Setting(() => {
        const local = this.local(name)
        return { segment: local?.segment, list: local?.addresses ?? [] }
      }, (addresses) => this.readdress(name, addresses)))
  }

  /** Sets the wall clock that many milliseconds ahead of the network's. Jumps meanwhile stay when it ends. */
  skew(offset: number): Effect.Effect<Effect.Effect<void>> {
    return this.skewed.set(offset)
  }

  /** Switches the host off; what it gives boots it, unless another crash lasts or something booted it before. */
  readonly crash: Effect.Effect<Effect.Effect<void>> = Effect.suspend(() => {
    const { control, host } = this.subject
    const crash = {}
    this.crashes = new Set(host.isOff ? [...this.crashes, crash] : [crash])
    const boot = Effect.suspend(() => {
      const isLast = this.crashes.has(crash) && this.crashes.size === 1
      this.crashes = new Set(Array.from(this.crashes).filter((other) => other !== crash))
      return isLast && host.isOff ? control.restart : Effect.void
    })
    return Effect.as(control.crash, boot)
  })

  private moveClock(offset: number | undefined): Effect.Effect<void> {
    const { control: { clock }, time } = this.subject
    const by = offset === undefined ? -this.moved : offset - time.ahead / 1000
    this.moved = offset === undefined ? 0 : this.moved + by
    return Effect.orDie(clock.skew((time.ahead / 1000) + by))
  }

  // The IPv4 addresses make room for others, or come back; the IPv6 ones stay as they are.
  private readdress(name: string, { list, segment }: Addresses): Effect.Effect<void> {
    const local = this.local(name)
    if (local === undefined || local.segment !== segment) return Effect.void
    const others = local.addresses.filter(({ family }) => family === "IPv6")
    const kept = list.filter((address) => address.family === "IPv4" || others.includes(address))
    return this.subject.interfaces.assign(local, [...kept, ...others.filter((address) => !kept.includes(address))])
  }

  private local(name: string): Interface | undefined {
    return this.subject.host.interfaces.find((local) => local.name === name)
  }
}

const known = <V>(map: Map<string, V>, key: string, make: () => V): V => {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

/** @internal The settings of each host, made when a fault first befalls it. */
export const ofHosts = (subject: (host: Host) => Subject): (host: Host) => HostSettings => {
  const made = new Map<Host, HostSettings>()
  return (host) => {
    const settings = made.get(host) ?? new HostSettings(subject(host))
    made.set(host, settings)
    return settings
  }
}
