/**
 * The lines of all keys that may be dialed, and for a while those of keys that were: who comes and goes waits as long as who stays.
 */
import type * as Peer from "../../../Peer.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Line from "./Line.ts"

/** The lines, and which of them nobody is known by, each with when it can be forgotten. */
export interface Lines {
  readonly byId: Map<string, Line.Line>
  readonly ofPeer: Map<Peer.PeerId, Line.Line>
  readonly idle: Map<string, number>
}

/** No lines. */
export const make = (): Lines => ({ byId: new Map(), ofPeer: new Map(), idle: new Map() })

const remembered = 60_000
const idleAtMost = 1_024

/** Takes up a peer as it is now. Returns its line, and the one that it was on before if that is another. */
export const add = (
  self: Lines,
  peer: Peer.Peer,
  now: number
): { readonly line: Line.Line; readonly left: Line.Line | undefined } => {
  const id = Line.idOf(peer)
  const left = self.ofPeer.get(peer.id)
  if (left !== undefined && left.id !== id) remove(self, peer.id, now)
  const line = self.byId.get(id) ?? Line.make(peer)
  self.byId.set(id, line)
  self.ofPeer.set(peer.id, line)
  self.idle.delete(id)
  line.peers.set(peer.id, peer)
  return { line, left: left === line ? undefined : left }
}

/** Gives up a peer. Returns the line that it was on. */
export const remove = (self: Lines, id: Peer.PeerId, now: number): Line.Line | undefined => {
  const line = self.ofPeer.get(id)
  if (line === undefined) return undefined
  self.ofPeer.delete(id)
  line.peers.delete(id)
  if (line.peers.size > 0) return line
  line.isOver = false
  // of a stranger there is nothing to remember, and strangers must not take the room of those that were dialed
  if (line.startedAt === -Infinity && line.fiber === undefined) {
    self.byId.delete(line.id)
    return line
  }
  self.idle.set(line.id, Math.max(now, line.readyAt) + remembered)
  forget(self, now)
  return line
}

const forget = (self: Lines, now: number): void => {
  let excess = self.idle.size - idleAtMost
  for (const [id, at] of self.idle) {
    if (at > now && excess <= 0) return
    excess--
    // a connection that outlives the announcement keeps its line
    if (self.byId.get(id)?.fiber === undefined) self.byId.delete(id)
    self.idle.delete(id)
  }
}

/** Forgets a line that nobody is known by and nothing is remembered of. */
export const release = (self: Lines, line: Line.Line): void => {
  if (line.peers.size === 0 && !self.idle.has(line.id)) self.byId.delete(line.id)
}

/** The other line of the same key. */
export const rivalOf = (self: Lines, { isClaimed, key }: Line.Line): Line.Line | undefined =>
  key && self.byId.get(Line.idOfKey(key, !isClaimed))

/** Both lines of a key. */
export const ofKey = (self: Lines, key: PeerKey.PeerKey): ReadonlyArray<Line.Line> =>
  [false, true].map((isClaimed) => self.byId.get(Line.idOfKey(key, isClaimed))).filter((line) => line !== undefined)

/** Whether a line has somebody to dial. */
export const isWanted = (line: Line.Line, isDialable: (peer: Peer.Peer) => boolean): boolean =>
  !line.isOver && Array.from(line.peers.values()).some(isDialable)

/** Whether it is a line's turn: what is proven goes first, and what others may have forged never stands in its way. */
export const isDue = (self: Lines, line: Line.Line, isDialable: (peer: Peer.Peer) => boolean): boolean => {
  if (!isWanted(line, isDialable)) return false
  const rival = rivalOf(self, line)
  if (rival === undefined) return true
  return line.isClaimed ? rival.current === undefined && !isWanted(rival, isDialable) : !rival.isEstablished
}
