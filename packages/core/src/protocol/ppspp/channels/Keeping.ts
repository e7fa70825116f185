/**
 * Keeps established channels alive, asks their peers for others, and notices when they are dead (RFC 7574, sections 3.10 and 3.12).
 */
import type * as Message from "../Message.ts"
import * as Bounds from "./Bounds.ts"
import type * as Output from "./Output.ts"
import * as State from "./State.ts"

/** Says that we are there; asks for other peers when that is due. */
export const greet = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): void => {
  const asks = self.asks && now - channel.askedAt >= Bounds.askEvery
  const messages: ReadonlyArray<Message.Message> = asks ? [{ _tag: "PexReq" }] : []
  if (State.transmit(channel, messages, now, out) && asks) Object.assign(channel, { askedAt: now, believed: 0 })
  postpone(self, channel, now)
}

/** Something was sent, so keeping the channel alive has time. */
export const postpone = (self: State.State, channel: State.Channel, now: number): void => {
  channel.keepAliveAt = now + State.draw(self, Bounds.keepAlive)
  arm(self, channel)
}

/** Something was heard: more than an answer that came twice, or nothing else. */
export const heard = (self: State.State, channel: State.Channel, isMore: boolean, now: number): void => {
  channel.heardAt = now
  channel.inVain = 0
  if (isMore) {
    channel.isConfirmed = true
    channel.repeatAt = Infinity
  }
  arm(self, channel)
}

/** Sets when an established channel is next to be looked at. */
const arm = (self: State.State, channel: State.Channel): void => {
  State.schedule(self, channel, Math.min(channel.keepAliveAt, deadAt(channel), channel.repeatAt))
}

// nobody is dead who was not given reason to answer
const deadAt = ({ heardAt, inVain, thirdAt }: State.Channel): number =>
  inVain < Bounds.leastInVain
    ? Infinity
    : Math.max(heardAt + Bounds.silence, thirdAt + Bounds.lastChance)

/** The responder counts on us only once it knows that we heard its answer, so that is said again until something comes back. */
export const repeat = (channel: State.Channel, now: number): void => {
  channel.repeatAt = channel.tries < Bounds.tries ? now + Bounds.firstRetry * 2 ** channel.tries : Infinity
  channel.tries++
}

/** Does what is due of an established channel. */
export const wake = (self: State.State, channel: State.Channel, now: number, out: Array<Output.Output>): void => {
  if (deadAt(channel) <= now) {
    State.remove(self, channel)
    out.push({ _tag: "Closed", peer: State.peerOf(channel), reason: "silence" })
    return
  }
  if (channel.repeatAt <= now) repeat(channel, now)
  greet(self, channel, now, out)
}
