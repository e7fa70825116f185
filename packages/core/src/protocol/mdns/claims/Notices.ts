/**
 * What the program is told of its registrations.
 */
import type * as Engine from "../Engine.ts"
import * as State from "./State.ts"

/** For how long a name is sought in vain before it is said (RFC 6762, section 9). */
const patience = 60_000

/** The name is to be won, or won again. */
export const seek = (claim: State.Claim, out: Array<Engine.Output>): void => {
  claim.isSettled = false
  if (claim.kind === "service") out.push({ _tag: "Probing", key: claim.key, name: claim.label })
}

/** The claim has another name. */
export const renamed = ({ key, kind, label }: State.Claim, previous: string, out: Array<Engine.Output>): void => {
  if (kind === "service") out.push({ _tag: "Renamed", key, name: label, previous })
  else if (kind === "host") out.push({ _tag: "HostRenamed", name: label, previous })
}

/** Says which names have become ours everywhere, and which cannot. */
export const review = (self: State.State, now: number, out: Array<Engine.Output>): void => {
  for (const claim of self.claims.values()) {
    if (claim.isSettled) continue
    // without a link nothing is sought
    claim.unsettledSince = claim.standings.size === 0 ? Infinity : Math.min(claim.unsettledSince, now)
    if (claim.standings.size === 0) continue
    if (isSettled(claim)) settle(self, claim, out)
    else if (now >= complainAt(claim)) complain(self, claim, out)
  }
}

const isSettled = ({ standings }: State.Claim): boolean => Array.from(standings.values()).every(State.isOurs)

const settle = (self: State.State, claim: State.Claim, out: Array<Engine.Output>): void => {
  const told = claim.kind === "service" ? [claim] : concerned(self, claim).filter(({ isReported }) => isReported)
  claim.isSettled = true
  claim.isReported = false
  claim.unsettledSince = Infinity
  for (const service of told) {
    service.isReported = false
    out.push({ _tag: "Registered", key: service.key, name: service.label })
  }
}

/** When a name that is still sought is reported; `Infinity` when it is not, or was. */
export const complainAt = ({ isReported, isSettled, unsettledSince }: State.Claim): number =>
  isSettled || isReported ? Infinity : unsettledSince + patience

const complain = (self: State.State, claim: State.Claim, out: Array<Engine.Output>): void => {
  claim.isReported = true
  for (const service of concerned(self, claim)) {
    service.isReported = true
    out.push({ _tag: "Unsettled", key: service.key, name: service.label })
  }
}

// a host that has no name concerns every service on it, but for those that say so of themselves
const concerned = (self: State.State, claim: State.Claim): ReadonlyArray<State.Claim> =>
  claim.kind === "service"
    ? [claim]
    : Array.from(self.claims.values()).filter((other) => other.isSettled && isOn(other, claim))

const isOn = ({ kind, registration }: State.Claim, host: State.Claim): boolean =>
  kind === "service" && (host.kind === "host" ? registration!.host === undefined : registration!.host === host.wanted)
