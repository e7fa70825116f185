/**
 * Counts what runs go through.
 */
import type { Coverage } from "../../Coverage.ts"
import type * as Fault from "../../Fault.ts"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import * as Recorder from "../kernel/Journal.ts"
import type { Outcome } from "./Run.ts"
import type { Injected } from "./World.ts"

const kindOf = (name: NetworkEvent.Kind): number => Recorder.kinds.indexOf(name)
const drop = kindOf("drop")
const fault = kindOf("fault")
const changes = new Set(["host", "interface", "release"].map((name) => kindOf(name as NetworkEvent.Kind)))

/** @internal */
export class Tally implements Coverage {
  runs = 0
  readonly faults = new Map<Fault.Kind, { injected: number; effective: number }>()
  readonly drops = new Map<NetworkEvent.DropReason, number>()
  readonly rules = new Map<number, number>()
  readonly sites = new Map<string, { reached: number; fired: number }>()
  readonly marks = new Map<string, number>()

  readonly add = ({ marks, misfortune, world }: Outcome): void => {
    this.runs++
    for (const mark of marks) count(this.marks, mark)
    for (const [site, { fired, reached }] of misfortune.reached) {
      const known = entry(this.sites, site, () => ({ reached: 0, fired: 0 }))
      known.reached += reached
      known.fired += fired
    }
    if (world !== undefined) this.addEvents(world.recorder, world.injected)
  }

  private addEvents(recorder: Recorder.Journal, injected: ReadonlyArray<Injected>): void {
    const rows = recorder.columns
    const causes = new Set<number>()
    const changed = new Set<number>()
    for (let seq = recorder.first; seq < recorder.next; seq++) {
      const row = rows.row(seq)
      const kind = rows.kind[row]!
      if (kind === drop) count(this.drops, Recorder.reasons[rows.reason[row]!]!)
      if (rows.rule[row] !== 0) count(this.rules, rows.rule[row]!)
      // its own end is no effect of a fault
      if (kind !== fault && rows.cause[row] !== 0) causes.add(seq - rows.cause[row]!)
      if (kind !== fault && rows.secondCause[row] !== 0) causes.add(seq - rows.secondCause[row]!)
      if (changes.has(kind)) changed.add(seq)
    }
    for (const { began, from, kind } of injected) {
      const known = entry(this.faults, kind, () => ({ injected: 0, effective: 0 }))
      known.injected++
      // it changed something at once, or something happened because of it later
      for (let seq = from; seq < began; seq++) {
        if (!changed.has(seq) && !causes.has(seq)) continue
        known.effective++
        break
      }
    }
  }
}

const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

const entry = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = make()
  map.set(key, fresh)
  return fresh
}
