/**
 * Faults that let datagrams not pass, or late.
 */
import type * as Faults from "../../Faults.ts"
import type { Frame } from "../kernel/Journal.ts"
import type { Lost } from "../kernel/Lost.ts"
import type { Interface } from "../kernel/Topology.ts"
import * as Micros from "../Micros.ts"
import type { Bar } from "./Active.ts"
import * as View from "./View.ts"

/** @internal Rule 118: nothing passes between hosts of different groups. */
export const partition = (groups: ReadonlyArray<ReadonlyArray<string>>, cause: number): Bar => {
  const sides = new Map(groups.flatMap((names, side) => names.map((name) => [name, side] as const)))
  const lost: Lost = { reason: "partition", rule: 118, cause }
  return {
    isLasting: true,
    judge: (_frame, from, to) => {
      const here = sides.get(from.host.name)
      const there = sides.get(to.host.name)
      return here !== undefined && there !== undefined && here !== there ? lost : 0
    }
  }
}

/** @internal Rule 118: one direction between two hosts. */
export const cut = (sender: string, receiver: string, cause: number): Bar => {
  const lost: Lost = { reason: "cut", rule: 118, cause }
  return {
    isLasting: true,
    judge: (_frame, from, to) => from.host.name === sender && to.host.name === receiver ? lost : 0
  }
}

// RFC 4541, sections 2.1.2 and 3: these are flooded, whoever told of an interest.
const isAlwaysFlooded = (group: string): boolean => group.startsWith("224.0.0.") || group === "ff02::1"

/** @internal Rule 118: a switch forgets who listens to a group, since nobody asks for reports. */
export const snooping = (segment: string | undefined, after: number, begun: number, cause: number): Bar => {
  const lost: Lost = { reason: "snooping", rule: 118, cause }
  const isForgotten = (group: string, to: Interface, now: number) => {
    const reported = to.wire.reports.get(group)
    // who never told of an interest is not on the group, which is for the receiver to say
    return reported !== undefined && now >= Math.max(reported, begun) + after
  }
  return {
    isLasting: false,
    judge: ({ to: { address, kind } }, from, to, now) =>
      kind === "Multicast" && (segment === undefined || from.segment!.name === segment) &&
        !isAlwaysFlooded(address.text) && isForgotten(address.text, to, now)
        ? lost
        : 0
  }
}

/** @internal What a function decides. */
export const rule = (
  decide: (datagram: Faults.Datagram) => Faults.Verdict,
  name: string,
  cause: number
): Bar => ({
  isLasting: false,
  judge: (frame: Frame, from: Interface, to: Interface) => {
    const verdict = ask(decide, name, View.make(frame, from, to))
    switch (verdict._tag) {
      case "Pass":
        return 0
      case "Drop":
        return { reason: "rule", rule: 0, cause, text: verdict.label }
      case "Delay":
        return Math.max(0, Micros.fromInput(verdict.duration))
    }
  }
})

// A defect of the test: whoever reads it has to learn which rule it was.
const ask = (
  decide: (datagram: Faults.Datagram) => Faults.Verdict,
  name: string,
  datagram: Faults.Datagram
): Faults.Verdict => {
  try {
    return decide(datagram)
  } catch (cause) {
    const { from, id, to } = datagram
    const called = name === "" ? "a fault rule" : `the fault rule ${JSON.stringify(name)}`
    throw new Error(`${called} threw on datagram ${id} from ${from} to ${to}: ${String(cause)}`, { cause })
  }
}
