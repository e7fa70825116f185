/**
 * What has happened to each program, and whether that is all that should.
 */
import type { DiscoveryEvent, Peer } from "@effect-discovery/core"
import { Display } from "@effect-discovery/node"
import { NetAddress } from "effect/net"
import type * as Cast from "./Cast.ts"

/** When things happened to one peer, in milliseconds since the start. */
interface Life {
  readonly member: Cast.Member
  readonly discovered?: number
  readonly updated?: number
  readonly lost?: number
  readonly reason?: DiscoveryEvent.LossReason
}

export type Story = ReadonlyMap<Peer.PeerId, Life>

export const begin = (members: ReadonlyArray<Cast.Member>): Story =>
  new Map(members.map((member) => [member.id, { member }]))

/** The story with an event in it; of a peer that is none of ours, the same story. */
export const tell = (self: Story, event: DiscoveryEvent.DiscoveryEvent, at: number): Story => {
  const life = self.get(event.peer.id)
  return life === undefined ? self : new Map(self).set(event.peer.id, { ...life, ...change(life, event, at) })
}

const change = (life: Life, event: DiscoveryEvent.DiscoveryEvent, at: number): Partial<Life> => {
  switch (event._tag) {
    case "PeerDiscovered":
      return { discovered: life.discovered ?? at }
    case "PeerUpdated":
      return { updated: at }
    case "PeerLost":
      return { lost: at, reason: event.reason }
  }
}

export const isDiscovered = (self: Story): boolean => [...self.values()].every((life) => life.discovered !== undefined)

export const isUpdated = (self: Story): boolean => [...self.values()].some((life) => life.updated !== undefined)

export const isLost = (self: Story, reason: DiscoveryEvent.LossReason): boolean =>
  [...self.values()].some((life) => life.reason === reason)

/** What should have happened and did not. */
export const missing = (self: Story): ReadonlyArray<string> => [
  ...[...self.values()].flatMap((life) => life.discovered === undefined ? [`discovered ${life.member.name}`] : []),
  ...(isUpdated(self) ? [] : ["updated"]),
  ...(["Goodbye", "Expired"] as const).flatMap((reason) => isLost(self, reason) ? [] : [`lost (${reason})`])
]

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? "-" : `${(milliseconds / 1_000).toFixed(1)}s`

/** Something that happened, as a line that begins with when. */
export const line = (at: number, ...parts: ReadonlyArray<string>): string =>
  [seconds(at).padStart(6), ...parts].join("  ")

// of the longest id, "json:barbara-xxxxx@127.0.0.1"
const width = 28

const words = { PeerDiscovered: "discovered", PeerUpdated: "updated", PeerLost: "lost" } as const

/** The word for an event, and what there is to say about it. */
export const describe = (event: DiscoveryEvent.DiscoveryEvent): readonly [word: string, details: string] => {
  const { addresses, attributes, id } = event.peer
  const details = event._tag === "PeerLost"
    ? [event.reason]
    : [...addresses.map(NetAddress.formatInet), ...[...attributes].map(([key, value]) => `${key}=${value}`)]
  return [words[event._tag], [id.padEnd(width), ...details].map((text) => Display.display(text)).join(" ")]
}

/** Each peer's life in a line. */
export const table = (self: Story): ReadonlyArray<string> =>
  [
    ["PEER", "DISCOVERED", "UPDATED", "LOST", "REASON"],
    ...[...self.values()].map(({ discovered, lost, member, reason, updated }) => [
      member.id,
      seconds(discovered),
      seconds(updated),
      seconds(lost),
      reason ?? (discovered === undefined ? "-" : "alive")
    ])
  ].map(([peer = "", ...rest]) => [peer.padEnd(width), ...rest.map((cell) => cell.padEnd(10))].join("  ").trimEnd())
