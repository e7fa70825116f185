/**
 * Faults of a network from which hosts were taken away.
 */
import type * as Fault from "../../Fault.ts"

/** @internal What is left of each fault without these hosts: those that are about one of them are gone. */
export const without = (
  faults: ReadonlyArray<Fault.FaultEvent>,
  gone: ReadonlySet<string>
): ReadonlyArray<Fault.FaultEvent> => faults.map((fault) => narrow(fault, gone)).filter((fault) => fault !== undefined)

const narrow = (fault: Fault.FaultEvent, gone: ReadonlySet<string>): Fault.FaultEvent | undefined => {
  switch (fault._tag) {
    case "Partition": {
      const groups = fault.groups.map((names) => names.filter((name) => !gone.has(name)))
      const left = groups.filter((names) => names.length > 0)
      return left.length < 2 ? undefined : { ...fault, groups: left }
    }
    case "Hold":
    case "Replay":
      return unlessGone(fault, [fault.match.from, fault.match.to], gone)
    case "DuplicateAddress":
      return unlessGone(fault, [fault.owner, fault.thief], gone)
    case "Cut":
      return unlessGone(fault, [fault.from, fault.to], gone)
    case "Snooping":
      return fault
    case "Link":
    case "Loss":
    case "Duplicate":
    case "Reorder":
    case "Corrupt":
      return unlessGone(fault, [fault.from, fault.to, fault.host], gone)
    default:
      return unlessGone(fault, [fault.host], gone)
  }
}

const unlessGone = (
  fault: Fault.FaultEvent,
  names: ReadonlyArray<string | undefined>,
  gone: ReadonlySet<string>
): Fault.FaultEvent | undefined => names.some((name) => name !== undefined && gone.has(name)) ? undefined : fault
