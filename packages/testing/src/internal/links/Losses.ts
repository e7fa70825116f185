/**
 * Whether a datagram is lost on a link: of one sent in fragments, each is at risk.
 */
import type { Frame } from "../kernel/Journal.ts"
import type { Lost } from "../kernel/Lost.ts"
import * as Packet from "../kernel/Packet.ts"
import * as Draw from "./Draw.ts"
import type { Losing } from "./Path.ts"
import type { Bad } from "./Wire.ts"

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

/** @internal Which of the states and draws of a link this is about. */
export interface Way {
  readonly unicast: "commonUnicast" | "unicast"
  readonly multicast: "commonMulticast" | "multicast"
  readonly loss: number
  readonly state: number
  readonly fragment: number
}

/** @internal The way of each receiver by itself. */
export const own: Way = {
  unicast: "unicast",
  multicast: "multicast",
  loss: Draw.purpose.loss,
  state: Draw.purpose.state,
  fragment: Draw.purpose.fragment
}

/** @internal The way that all receivers share. */
export const common: Way = {
  unicast: "commonUnicast",
  multicast: "commonMulticast",
  loss: Draw.purpose.commonLoss,
  state: Draw.purpose.commonState,
  fragment: Draw.purpose.commonFragment
}

/** @internal */
export const find = (
  { fragment, model, whole }: Losing,
  way: Way,
  bad: Bad,
  frame: Frame,
  key: number,
  mtu: number
): Lost | undefined => {
  const count = fragments(frame, mtu)
  const kind = isForMany(frame) ? way.multicast : way.unicast
  let isLost = false
  for (let i = 0; i < count; i++) {
    const first = i === 0
    const chance = model._tag === "Independent"
      ? model.probability
      : step(model, bad, kind, Draw.at(key, first ? way.state : way.fragment + 2 * i))
    if (chance > 0 && Draw.at(key, first ? way.loss : way.fragment + 2 * i + 1) < chance) isLost = true
  }
  if (!isLost) return undefined
  return count === 1 ? whole : fragment
}

const step = (
  model: Extract<Losing["model"], { readonly _tag: "GilbertElliott" }>,
  bad: Bad,
  kind: keyof Bad,
  draw: number
): number => {
  bad[kind] = bad[kind] ? draw >= model.r : draw < model.p
  return bad[kind] ? model.lossBad : model.lossGood
}
