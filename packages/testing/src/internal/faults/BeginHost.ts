/**
 * How each fault of a host begins and ends.
 */
import * as Effect from "effect/Effect"
import type * as Fault from "../../Fault.ts"
import type * as Faults from "../../Faults.ts"
import { InvalidOption, SimulatedNetworkError, UnknownInterface } from "../../SimulatedNetworkError.ts"
import * as Oscillator from "../host/Oscillator.ts"
import type { Host, Interface, LocalAddress } from "../kernel/Topology.ts"
import * as Check from "../links/Check.ts"
import type { Ground } from "./Begin.ts"
import type { HostSettings } from "./HostSettings.ts"

type HostFault = Extract<
  Fault.FaultEvent,
  {
    readonly _tag:
      | "AddressChange"
      | "CarrierLoss"
      | "ClockDrift"
      | "ClockJump"
      | "ClockSkew"
      | "Crash"
      | "InterfaceDown"
      | "Pause"
      | "Restart"
  }
>

type InterfaceFault = Extract<HostFault, { readonly interface: string }>

/** @internal */
export const begin = (ground: Ground, fault: HostFault): Faults.Scoped =>
  Effect.gen(function*() {
    const host = yield* ground.find(fault.host)
    const { start, text } = yield* plan(ground.settings(host), fault)
    yield* ground.running.begin(
      { name: names[fault._tag], text: [fault.host, text].join(" ").trim(), details: { host } },
      () => start
    )
  })

const names: { readonly [Kind in HostFault["_tag"]]: string } = {
  AddressChange: "address change",
  CarrierLoss: "carrier loss",
  ClockDrift: "clock drift",
  ClockJump: "clock jump",
  ClockSkew: "clock skew",
  Crash: "crash",
  InterfaceDown: "interface down",
  Pause: "pause",
  Restart: "restart"
}

/** What begins a fault that can be, and gives what ends it. */
interface Plan {
  readonly text: string
  readonly start: Effect.Effect<Effect.Effect<void>>
}

type Checked<A> = Effect.Effect<A, SimulatedNetworkError>

const plan = (settings: HostSettings, fault: HostFault): Checked<Plan> => {
  const { control, host } = settings.subject
  switch (fault._tag) {
    case "Crash": // for good, unless it is said for how long
      return ready("", fault.for === undefined ? once(settings.crash) : settings.crash)
    case "Restart":
      return ready("", once(control.restart))
    case "Pause": // who is off cannot stand still
      return sound(
        Check.duration("duration", fault.duration, fault.duration),
        `${fault.duration} ms`,
        once(Effect.suspend(() => host.isOff ? Effect.void : control.pause(fault.duration, fault.mode)))
      )
    case "ClockJump":
      return sound(finite("by", fault.by), `${fault.by} ms`, once(Effect.orDie(control.clock.jump(fault.by))))
    case "ClockSkew":
      return sound(finite("offset", fault.offset), `${fault.offset} ms`, settings.skew(fault.offset))
    case "ClockDrift":
      return sound(drift(fault.ppm), `${fault.ppm} ppm`, settings.drift.set(fault.ppm))
    default:
      return planInterface(settings, fault)
  }
}

const ready = (text: string, start: Plan["start"]): Checked<Plan> => Effect.succeed({ text, start })

const sound = (finding: Check.Finding, text: string, start: Plan["start"]): Checked<Plan> =>
  Effect.fromResult(Check.first([finding], { text, start }))

// Of what is over as soon as it happened there is nothing to end.
const once = (start: Effect.Effect<unknown>): Plan["start"] => Effect.as(start, Effect.void)

const finite = (option: string, millis: number): Check.Finding => ({
  option,
  value: millis,
  isValid: Number.isSafeInteger(Math.round(millis * 1000)),
  expected: "a finite number of milliseconds"
})

const drift = (ppm: number): Check.Finding => ({
  option: "ppm",
  value: ppm,
  isValid: Math.abs(ppm) <= Oscillator.driftLimit,
  expected: `a number of millionths from -${Oscillator.driftLimit} to ${Oscillator.driftLimit}`
})

const planInterface = (settings: HostSettings, fault: InterfaceFault): Checked<Plan> =>
  Effect.gen(function*() {
    const { host, interfaces } = settings.subject
    const local = yield* localOf(host, fault)
    switch (fault._tag) {
      case "InterfaceDown":
        return { text: local.name, start: settings.up(local.name).set(false) }
      case "CarrierLoss":
        return { text: local.name, start: settings.carrier(local.name).set(false) }
      case "AddressChange": {
        const address = yield* interfaces.parse(local, fault.address)
        if (address.family !== "IPv4") return yield* invalid("address", fault.address, "an IPv4 address")
        return { text: `${local.name} ${fault.address}`, start: changeAddress(settings, local, address) }
      }
    }
  })

const localOf = (host: Host, { _tag, interface: name }: InterfaceFault): Checked<Interface> => {
  const local = host.interfaces.find((local) => local.name === name)
  const known = host.interfaces.map(({ name }) => name)
  if (local === undefined) {
    return Effect.fail(
      new SimulatedNetworkError({ reason: new UnknownInterface({ host: host.name, interface: name, known }) })
    )
  }
  return _tag === "CarrierLoss" && local.isInternal
    ? invalid("interface", name, "one that is on a segment")
    : Effect.succeed(local)
}

const changeAddress = (settings: HostSettings, local: Interface, address: LocalAddress): Plan["start"] =>
  settings.addresses(local.name).set({ segment: local.segment, list: [address] })

/** @internal Rule 120. */
export const duplicateAddress = (ground: Ground, owner: string, thief: string): Faults.Scoped =>
  Effect.gen(function*() {
    const [here, there] = [yield* ground.find(owner), yield* ground.find(thief)]
    const [local, stolen] = yield* shared(here, there)
    yield* ground.running.begin(
      { name: "duplicate address", text: `${owner} ${thief} ${stolen.text}`, details: { host: there } },
      () => changeAddress(ground.settings(there), local, stolen)
    )
  })

// The thief's interface on a segment of the owner, and the owner's address there.
const shared = (owner: Host, thief: Host): Checked<readonly [local: Interface, stolen: LocalAddress]> => {
  for (const theirs of owner.interfaces.filter((local) => !local.isInternal)) {
    const local = thief.interfaces.find(({ segment }) => segment !== undefined && segment === theirs.segment)
    const stolen = theirs.addresses.find(({ family }) => family === "IPv4")
    if (owner !== thief && local !== undefined && stolen !== undefined) return Effect.succeed([local, stolen])
  }
  return invalid("thief", thief.name, `another host with an IPv4 address on a segment of ${owner.name}`)
}

const invalid = (option: string, value: string, expected: string): Effect.Effect<never, SimulatedNetworkError> =>
  Effect.fail(new SimulatedNetworkError({ reason: new InvalidOption({ option, value, expected }) }))
