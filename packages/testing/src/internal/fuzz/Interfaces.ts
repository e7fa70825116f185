/**
 * Changes of interfaces, of which only those are carried out that change something.
 */
import type * as Effect from "effect/Effect"
import type * as ContractBed from "../../ContractBed.ts"
import type { Change, HostName } from "../../SocketProgram.ts"

interface State {
  isThere: boolean
  isUp: boolean
  isPlugged: boolean
  mtu: number
  readonly added: Set<string>
  readonly removed: Set<string>
}

/** @internal */
export type States = Map<string, State>

/** @internal */
export const of = (states: States, host: HostName, name: string): State => {
  const key = `${host}/${name}`
  const known = states.get(key) ?? atFirst()
  states.set(key, known)
  return known
}

const atFirst = (): State => ({
  isThere: true,
  isUp: true,
  isPlugged: true,
  mtu: 1_500,
  added: new Set(),
  removed: new Set()
})

/** @internal Whether the host can use it. */
export const isUsable = ({ isPlugged, isThere, isUp }: State): boolean => isThere && isUp && isPlugged

/** @internal */
export const isPossible = ({ added, isPlugged, isThere, isUp, mtu, removed }: State, change: Change): boolean => {
  if (change === "recreate") return !isThere
  if (!isThere) return false
  if (change === "delete") return true
  if (change === "up") return !isUp
  if (!isUp) return false
  if (change === "down") return true
  if (change === "unplug") return isPlugged
  if (change === "plug") return !isPlugged
  if ("mtu" in change) return change.mtu !== mtu
  if ("add" in change) return isSpare(change.add) ? !added.has(change.add) : removed.has(change.add)
  // whether the second address goes with the first is a setting of the system
  return isSpare(change.remove) ? added.has(change.remove) : !removed.has(change.remove) && added.size === 0
}

/** @internal */
export const apply = (state: State, change: Change): void => {
  if (change === "recreate") Object.assign(state, atFirst())
  else if (change === "delete") state.isThere = false
  else if (typeof change === "string") {
    if (change === "up" || change === "down") state.isUp = change === "up"
    else state.isPlugged = change === "plug"
  } else if ("mtu" in change) state.mtu = change.mtu
  else if ("add" in change) {
    if (isSpare(change.add)) state.added.add(change.add)
    else state.removed.delete(change.add)
  } else if (isSpare(change.remove)) state.added.delete(change.remove)
  else state.removed.add(change.remove)
}

/** @internal */
export const carryOut = (control: ContractBed.InterfaceControl, change: Change): Effect.Effect<void> => {
  switch (change) {
    case "down":
      return control.down
    case "up":
      return control.up
    case "unplug":
      return control.carrier(false)
    case "plug":
      return control.carrier(true)
    case "delete":
      return control.remove
    case "recreate":
      return control.recreate
    default:
      if ("mtu" in change) return control.mtu(change.mtu)
      return "add" in change ? control.addAddress(change.add) : control.removeAddress(change.remove)
  }
}

// 10.11.0.11 to .14 are given besides 10.11.0.1 to .4
const isSpare = (address: string): boolean => /\.1\d\//.test(address)
