/**
 * How each fault of a host begins and ends.
 */
import * as Effect from "effect/Effect"
import type * as Fault from "../../Fault.ts"
import type * as Faults from "../../Faults.ts"
import type * as SimulatedHost from "../../SimulatedHost.ts"
import { InvalidOption, SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import type { Host, Interface } from "../kernel/Topology.ts"
import type { Ground } from "./Begin.ts"

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

/** @internal */
export const begin = (ground: Ground, fault: HostFault): Faults.Scoped =>
  Effect.gen(function*() {
    const details = { host: yield* ground.find(fault.host) }
    const { start, text, undo } = plan(ground.control(fault.host), details.host, fault)
    yield* ground.running.begin(
      { name: names[fault._tag], text: [fault.host, text].join(" ").trim(), details },
      () => Effect.as(start, undo)
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

interface Plan {
  readonly text: string
  readonly start: Effect.Effect<void, SimulatedNetworkError>
  readonly undo: Effect.Effect<void>
}

const plan = (control: SimulatedHost.SimulatedHost, self: Host, fault: HostFault): Plan => {
  switch (fault._tag) {
    case "Crash": // for good, unless it is said for how long
      return { text: "", start: control.crash, undo: fault.for === undefined ? Effect.void : control.restart }
    case "Restart":
      return { text: "", start: control.restart, undo: Effect.void }
    case "Pause":
      return { text: `${fault.duration} ms`, start: control.pause(fault.duration, fault.mode), undo: Effect.void }
    case "ClockJump":
      return { text: `${fault.by} ms`, start: control.clock.jump(fault.by), undo: Effect.void }
    case "ClockSkew": {
      const undo = Effect.ignore(control.clock.skew(0))
      return { text: `${fault.offset} ms`, start: control.clock.skew(fault.offset), undo }
    }
    case "ClockDrift": {
      const undo = Effect.ignore(control.clock.drift(0))
      return { text: `${fault.ppm} ppm`, start: control.clock.drift(fault.ppm), undo }
    }
    default:
      return planInterface(control.interface(fault.interface), self, fault)
  }
}

const planInterface = (
  control: SimulatedHost.InterfaceControl,
  self: Host,
  fault: Extract<HostFault, { readonly interface: string }>
): Plan => {
  const text = fault.interface
  switch (fault._tag) {
    case "InterfaceDown":
      return { text, start: control.down, undo: Effect.ignore(control.up) }
    case "CarrierLoss":
      return { text, start: control.carrier(false), undo: Effect.ignore(control.carrier(true)) }
    case "AddressChange": {
      const local = self.interfaces.find(({ name }) => name === fault.interface)
      const before = local === undefined ? [] : ipv4Of(local)
      return { text: `${text} ${fault.address}`, ...changeAddress(control, before, fault.address) }
    }
  }
}

// The IPv4 addresses of an interface make room for one, and come back.
const changeAddress = (
  local: SimulatedHost.InterfaceControl,
  before: ReadonlyArray<string>,
  address: string
): Pick<Plan, "start" | "undo"> => {
  const others = before.filter((text) => text !== address)
  return {
    start: Effect.andThen(local.addAddress(address), Effect.forEach(others, local.removeAddress, { discard: true })),
    undo: Effect.ignore(
      Effect.andThen(Effect.forEach(others, local.addAddress, { discard: true }), local.removeAddress(address))
    )
  }
}

const ipv4Of = (self: Interface): ReadonlyArray<string> =>
  self.addresses.filter(({ family }) => family === "IPv4").map(({ text }) => text)

/** @internal Rule 120. */
export const duplicateAddress = (ground: Ground, owner: string, thief: string): Faults.Scoped =>
  Effect.gen(function*() {
    const [here, there] = [yield* ground.find(owner), yield* ground.find(thief)]
    const [local, stolen] = yield* shared(here, there)
    const { start, undo } = changeAddress(ground.control(thief).interface(local.name), ipv4Of(local), stolen)
    yield* ground.running.begin(
      { name: "duplicate address", text: `${owner} ${thief} ${stolen}`, details: { host: there } },
      () => Effect.as(start, undo)
    )
  })

// The thief's interface on a segment of the owner, and the owner's address there.
const shared = (
  owner: Host,
  thief: Host
): Effect.Effect<readonly [local: Interface, stolen: string], SimulatedNetworkError> => {
  for (const theirs of owner.interfaces.filter((local) => !local.isInternal)) {
    const local = thief.interfaces.find(({ segment }) => segment !== undefined && segment === theirs.segment)
    const [stolen] = ipv4Of(theirs)
    if (owner !== thief && local !== undefined && stolen !== undefined) return Effect.succeed([local, stolen])
  }
  const expected = `another host with an IPv4 address on a segment of ${owner.name}`
  return Effect.fail(
    new SimulatedNetworkError({ reason: new InvalidOption({ option: "thief", value: thief.name, expected }) })
  )
}
