/**
 * Whether a datagram is lost on a link: of one sent in fragments, each is at risk.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import type { Loss } from "../../Loss.ts"
import type { Frame } from "../kernel/Journal.ts"
import type { Lost } from "../kernel/Lost.ts"
import * as Packet from "../kernel/Packet.ts"
import * as Draw from "./Draw.ts"
import type { Losing } from "./Path.ts"

const ipHeader = { IPv4: 20, IPv6: 40 }
const udpHeader = 8
// RFC 8200, section 4.5
const fragmentHeader = { IPv4: 0, IPv6: 8 }

/** @internal In how many packets it crosses a link: rule 37. */
export const fragments = ({ fragments, packet, payload, to }: Frame, mtu: number): number =>
  packet <= mtu ? fragments : Packet.count(to.address.family, payload.length, mtu)

/** @internal Octets on the link, headers of IP and UDP included. */
export const size = (frame: Frame, mtu: number): number => {
  const { family } = frame.to.address
  const count = fragments(frame, mtu)
  const each = ipHeader[family] + (count > 1 ? fragmentHeader[family] : 0)
  return frame.payload.length + udpHeader + count * each
}

/** @internal */
export const isForMany = ({ to: { kind } }: Frame): boolean => kind === "Multicast" || kind === "Broadcast"

/** @internal The datagrams of one sender to one address, of which this is one: what decides over all of them. */
export interface Numbered {
  readonly seed: Seed.Seed
  readonly number: number
  /** Of the receiver; 0 for what all receivers share. */
  readonly salt: Seed.Seed
}

/** @internal */
export const keyOf = ({ number, salt, seed }: Numbered): number => Draw.combine(Draw.combine(seed, number), salt)

/** @internal */
export const find = (losing: Losing, frame: Frame, which: Numbered, mtu: number): Lost | undefined => {
  const chance = chanceOf(losing.model, which)
  if (chance === 0) return undefined
  const key = keyOf(which)
  const count = fragments(frame, mtu)
  if (count === 1) return Draw.at(key, Draw.purpose.loss) < chance ? losing.whole : undefined
  for (let i = 0; i < count; i++) {
    if (Draw.at(key, Draw.purpose.fragment + i) < chance) return losing.fragment
  }
  return undefined
}

const chanceOf = (model: Loss, which: Numbered): number => {
  if (model._tag === "Independent") return model.probability
  return isBad(model, which) ? model.lossBad : model.lossGood
}

// How far back a state is looked for. A state that is still open then is very rare, and taken for good.
const memory = 4096

/**
 * Whether the link is in its bad state, without anything that is kept: each datagram has a draw that either decides the state,
 * whatever it was, or leaves it, or turns it, so that the last one to decide is looked for. With p and r a good one is found after 1 / (p + r).
 */
const isBad = (
  { p, r }: Extract<Loss, { readonly _tag: "GilbertElliott" }>,
  { number, salt, seed }: Numbered
): boolean => {
  const stays = Math.min(p, 1 - r)
  const leaves = Math.max(p, 1 - r)
  const isTurning = p > 1 - r
  let isTurned = false
  for (let i = number; i >= 0 && number - i < memory; i--) {
    const draw = Draw.at(Draw.combine(Draw.combine(seed, i), salt), Draw.purpose.state)
    if (draw < stays) return !isTurned
    if (draw >= leaves) return isTurned
    if (isTurning) isTurned = !isTurned
  }
  return isTurned
}
