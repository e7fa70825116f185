/**
 * Who takes part: four programs, found by three protocols.
 */
import { NetworkInterface, Peer } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"

/** One program: how it announces itself, and what it is known by to those who hear it. */
export interface Member {
  readonly role: Role
  readonly name: string
  readonly port: number
  readonly id: Peer.PeerId
}

/** How each kind of program announces itself. */
const sourceOf = {
  /** The ten-line programs of the blog post: `{"username": …}` and nothing else. */
  username: () => JsonBeacon.source({ body: JsonBeacon.username() }),
  /** The same with an id, attributes and a goodbye. */
  peer: () => JsonBeacon.source(),
  peerage: () => Peerage.source(),
  "syncthing-v0": () => SyncthingV0.source()
}

export type Role = keyof typeof sourceOf

export const source = (role: Role) => sourceOf[role]()

/** How the audience hears them all: the `peer` body reads plain usernames as well. */
export const sources = [source("peer"), source("peerage"), source("syncthing-v0")]

/** Everything stays on this machine. */
export const interfaces = NetworkInterface.isLoopback

/** The programs, with a tag in their names that tells them from those of another demo at the same time. */
export const make = (tag: string) => {
  const member = (role: Role, name: string, port: number, id: Peer.PeerId): Member => ({ role, name, port, id })
  const [ada, grace, edsger, barbara] = [`ada-${tag}`, `grace-${tag}@demo`, `edsger-${tag}`, `barbara-${tag}`]
  return {
    ada: member("username", ada, 9_778, Peer.id("json", `${ada}@127.0.0.1`)),
    grace: member("peerage", grace, 45_900, Peer.id("peerage", grace)),
    edsger: member("syncthing-v0", edsger, 22_000, Peer.id("syncthing-v0", edsger)),
    barbara: member("peer", barbara, 8_080, Peer.id("json", barbara))
  }
}
