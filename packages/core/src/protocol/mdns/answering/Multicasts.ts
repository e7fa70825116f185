/**
 * The answers that will go out by multicast on a link: when, and together with which others (RFC 6762, sections 6 and 6.4).
 */
import * as Answer from "./Answer.ts"

/** An answer that was asked for. */
export interface Pending {
  readonly answer: Answer.Answer
  /** When it was last asked for: what went out later has answered that. */
  readonly askedAt: number
  /** From when it can go along with others. */
  readonly from: number
  /** When it is due on its own account. */
  readonly due: number
  /** Whether it is sent when it is due, and not held for others. */
  readonly isPrompt: boolean
  /** Whether a name of ours is defended by it: then it may follow itself sooner (RFC 6762, section 6). */
  readonly isDefence: boolean
  /** What need not go along, since all who asked know it: keys of answers. */
  readonly withheld: ReadonlySet<string>
}

export interface Multicasts {
  readonly pending: Map<string, Pending>
  /** When the next of them go out. */
  sendAt: number
}

/** Milliseconds that an answer is held for others at most. */
const hold = 500

export const make = (): Multicasts => ({ pending: new Map(), sendAt: Infinity })

/** Adds answers: one that was asked for before is due when the first of those who asked can expect it. */
export const add = (self: Multicasts, answers: ReadonlyArray<Pending>): void => {
  for (const pending of answers) {
    const { key } = pending.answer
    const known = self.pending.get(key)
    self.pending.set(key, known === undefined ? pending : merge(known, pending))
  }
  plan(self)
}

const merge = (self: Pending, that: Pending): Pending => ({
  answer: Answer.shorter(self.answer, that.answer),
  askedAt: Math.max(self.askedAt, that.askedAt),
  from: Math.min(self.from, that.from),
  due: Math.min(self.due, that.due),
  isPrompt: self.isPrompt || that.isPrompt,
  isDefence: self.isDefence || that.isDefence,
  withheld: new Set(Array.from(self.withheld).filter((key) => that.withheld.has(key)))
})

export const remove = (self: Multicasts, keys: ReadonlyArray<string>): void => {
  for (const key of keys) self.pending.delete(key)
  plan(self)
}

/** Takes out everything that can go when something has to. */
export const take = (self: Multicasts, now: number): ReadonlyArray<Pending> => {
  if (self.sendAt > now) return []
  const taken = Array.from(self.pending.values()).filter(({ from }) => from <= now)
  for (const { answer } of taken) self.pending.delete(answer.key)
  plan(self)
  return taken
}

/**
 * Everything is held for the last of those that are due within half a second, but for answers that may not be kept waiting.
 */
const plan = (self: Multicasts): void => {
  let latest = Infinity
  for (const { due, isPrompt } of self.pending.values()) latest = Math.min(latest, isPrompt ? due : due + hold)
  self.sendAt = latest === Infinity ? Infinity : -Infinity
  for (const { due } of self.pending.values()) {
    if (due <= latest) self.sendAt = Math.max(self.sendAt, due)
  }
}
