/**
 * Claims that come, change and go with the program's registrations.
 */
import type * as Engine from "../Engine.ts"
import type * as Registration from "../Registration.ts"
import * as Rename from "../Rename.ts"
import * as Moving from "./Moving.ts"
import * as Naming from "./Naming.ts"
import * as Notices from "./Notices.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import type * as State from "./State.ts"
import * as Updates from "./Updates.ts"

const idOf = (key: number): string => `service ${key}`

/** Claims the name of a service, or changes what is claimed by that key. */
export const register = (
  self: State.State,
  key: number,
  registration: Registration.Registration,
  now: number,
  out: Array<Engine.Output>
): void => {
  const wanted = registration.instance ?? Rename.initial(self.chosenHost, registration.type)
  const claim = self.claims.get(idOf(key))
  if (claim !== undefined) change(self, claim, registration, wanted, now, out)
  else {
    if (servicesOf(self) >= self.limits.registrations) {
      return void out.push({ _tag: "Rejected", reason: "registrations" })
    }
    add(self, { id: idOf(key), kind: "service", key, registration, wanted }, now, out)
  }
  reviewHosts(self, [], now, out)
  const host = self.claims.get(Naming.hostOf(registration) ?? "")
  if (host?.kind === "proxied") speakFor(host, registration, now)
}

/** The addresses of a host that we speak for are those that were said last. */
const speakFor = (host: State.Claim, registration: Registration.Registration, now: number): void => {
  if (host.registration === registration) return
  host.registration = registration
  Updates.request(host, now)
}

const servicesOf = (self: State.State): number => {
  let count = 0
  for (const { kind } of self.claims.values()) count += kind === "service" ? 1 : 0
  return count
}

// a service that was renamed keeps its name for as long as the same is wanted
const isSameName = (claim: State.Claim, registration: Registration.Registration, wanted: string): boolean =>
  wanted === claim.wanted && isSameType(claim.registration!, registration)

const isSameType = (self: Registration.Registration, that: Registration.Registration): boolean =>
  Naming.nameOf({ kind: "service", registration: self }, "x").key ===
    Naming.nameOf({ kind: "service", registration: that }, "x").key

const change = (
  self: State.State,
  claim: State.Claim,
  registration: Registration.Registration,
  wanted: string,
  now: number,
  out: Array<Engine.Output>
): void => {
  const isSame = isSameName(claim, registration, wanted)
  claim.registration = registration
  if (isSame) Updates.request(claim, now)
  else {
    claim.wanted = wanted
    claim.isVerified = registration.isVerified
    Moving.leave(self, claim, now, out)
  }
}

/** Gives a service up. */
export const deregister = (self: State.State, key: number, now: number, out: Array<Engine.Output>): void => {
  const claim = self.claims.get(idOf(key))
  if (claim === undefined) return
  reviewHosts(self, [claim], now, out)
}

type Wish = Pick<State.Claim, "id" | "kind" | "key" | "registration" | "wanted">

const add = (self: State.State, wish: Wish, now: number, out: Array<Engine.Output>): void => {
  const claim = make(wish)
  Naming.assign(self, claim, Naming.free(self, claim, wish.wanted))
  self.claims.set(claim.id, claim)
  if (claim.label !== claim.wanted) Notices.renamed(claim, claim.wanted, out)
  Notices.seek(claim, out)
  for (const [key, presence] of self.presences) {
    const standing = Probing.stand(Naming.offer(self, claim, presence.link))
    claim.standings.set(key, standing)
    Probing.begin(self, presence, claim, standing, now)
  }
}

const make = (wish: Wish): State.Claim => ({
  ...wish,
  label: wish.wanted,
  name: Naming.nameOf(wish, wish.wanted),
  isVerified: wish.registration?.isVerified ?? false,
  standings: new Map(),
  isSettled: false,
  unsettledSince: Infinity,
  isReported: false,
  contestedAt: -Infinity,
  isSlow: false,
  updatedAt: [],
  updateDueAt: Infinity
})

/** Forgets claims, and takes back what was said under them. */
const release = (
  self: State.State,
  claims: ReadonlyArray<State.Claim>,
  now: number,
  out: Array<Engine.Output>
): void => {
  for (const claim of claims) {
    self.claims.delete(claim.id)
    self.byName.delete(claim.name.key)
  }
  for (const [key, presence] of self.presences) {
    presence.zone = undefined
    const offers = claims.map(({ standings }) => standings.get(key)!.offer)
    const gone = offers.flatMap(({ reverse, shared, unique }) => [...unique, ...reverse, ...shared])
    Ownership.takeBack(self, presence, gone, now, out)
  }
}

/** Claims the hosts that services are on, and gives up those that no service is on any more, together with a service that is gone. */
const reviewHosts = (
  self: State.State,
  gone: ReadonlyArray<State.Claim>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const claims = Array.from(self.claims.values()).filter((claim) => !gone.includes(claim))
  const registrations = new Set(claims.flatMap(({ kind, registration }) => kind === "service" ? [registration!] : []))
  const needed = new Map<string, Registration.Registration>()
  for (const registration of registrations) {
    const id = Naming.hostOf(registration)
    if (id !== undefined) needed.set(id, registration)
  }
  const unneeded = claims.filter(({ id, kind }) => kind !== "service" && !needed.has(id))
  if (gone.length + unneeded.length > 0) release(self, [...gone, ...unneeded], now, out)
  for (const [id, registration] of needed) {
    const host = self.claims.get(id)
    if (host === undefined) addHost(self, id, registration, now, out)
    else if (host.kind === "proxied" && !registrations.has(host.registration!)) speakFor(host, registration, now)
  }
}

const addHost = (
  self: State.State,
  id: string,
  registration: Registration.Registration,
  now: number,
  out: Array<Engine.Output>
): void => {
  if (registration.host === undefined) {
    add(self, { id, kind: "host", key: 0, registration: undefined, wanted: self.hostLabel }, now, out)
  } else add(self, { id, kind: "proxied", key: 0, registration, wanted: registration.host }, now, out)
  // the name may have been another's of ours, and then is not the one that services were told
  Updates.requestAll(self, id, now)
}
