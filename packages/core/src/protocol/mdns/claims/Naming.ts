/**
 * Names of claims, their records, and the next name when one is taken (RFC 6762, section 9).
 */
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Registration from "../Registration.ts"
import * as Rename from "../Rename.ts"
import * as Services from "../Services.ts"
import * as Offer from "./Offer.ts"
import type * as State from "./State.ts"

/** The claim of this host's own name. */
export const hostId = "host"

/** The claim of the host that a proxy speaks for. */
export const proxiedId = (label: string): string => `proxied ${Services.hostName(label).key}`

/** The claim of the host that a service is on; `undefined` when it is one that we do not speak for. */
export const hostOf = ({ addresses, host }: Registration.Registration): string | undefined =>
  host === undefined ? hostId : addresses === undefined || addresses.length === 0 ? undefined : proxiedId(host)

/** The name that a label makes. */
export const nameOf = (
  { kind, registration }: Pick<State.Claim, "kind" | "registration">,
  label: string
): Name.Name => kind === "service" ? Services.instanceName(label, registration!) : Services.hostName(label)

/** What a claim stands for on a link. */
export const offer = (self: State.State, claim: State.Claim, link: Link.Link): Offer.Offer => {
  const { kind, label, name, registration } = claim
  if (kind === "host") return Offer.make(Services.hostRecords(name, link.addresses))
  if (kind === "proxied") {
    return Offer.make(Services.proxiedHost({ ...registration!, host: label }) ?? { name, unique: [], shared: [] })
  }
  const host = registration!.host === undefined
    ? undefined
    : self.claims.get(hostOf(registration!) ?? "")?.label ?? registration!.host
  return Offer.make(
    Services.serviceRecords({ ...registration!, host }, { instance: label, host: Services.hostName(self.hostLabel) })
  )
}

/** The label itself, or the first one after it that no other claim has. */
export const free = (self: State.State, claim: State.Claim, label: string): string => {
  let candidate = label
  while ((self.byName.get(nameOf(claim, candidate).key) ?? claim) !== claim) candidate = next(claim, candidate)
  return candidate
}

/** The label to try when one is taken. */
export const next = ({ kind }: State.Claim, label: string): string =>
  kind === "service" ? Rename.instance(label) : Rename.host(label)

/** Gives a claim another label, with nothing said of it. */
export const assign = (self: State.State, claim: State.Claim, label: string): void => {
  if (self.byName.get(claim.name.key) === claim) self.byName.delete(claim.name.key)
  claim.label = label
  claim.name = nameOf(claim, label)
  self.byName.set(claim.name.key, claim)
  if (claim.kind === "host") self.hostLabel = label
}
