/**
 * Names that are listened to, and questions that are asked for an instance.
 */
import type * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import type * as State from "./State.ts"

/** Begins to tell a subscriber what becomes of a name's records. */
export const subscribe = ({ listeners }: State.Browsing, subscriber: State.Subscriber): void => {
  const { key } = subscriber.name
  listeners.set(key, (listeners.get(key) ?? new Set()).add(subscriber))
}

export const unsubscribe = ({ listeners }: State.Browsing, subscriber: State.Subscriber): void => {
  const { key } = subscriber.name
  if (listeners.get(key)?.delete(subscriber) === true && listeners.get(key)!.size === 0) listeners.delete(key)
}

/** Begins to tell an instance what becomes of a name's records on its link. */
export const listen = ({ querier }: State.Browsing, name: Name.Name, instance: State.Instance): void =>
  Querier.listen(querier, instance.link.key, name, instance)

export const unlisten = ({ querier }: State.Browsing, name: Name.Name, instance: State.Instance): void =>
  Querier.unlisten(querier, instance.link.key, name.key, instance)

/** The instances that listen to a name on a link now. */
export const instancesOf = (
  { querier }: State.Browsing,
  linkKey: string,
  name: Name.Name
): ReadonlyArray<State.Instance> =>
  // nobody else listens by the querier
  Querier.listenersOf(querier, linkKey, name) as ReadonlyArray<State.Instance>

/** The instance of a name that a subscriber has on a link. */
export const find = (
  self: State.Browsing,
  subscriber: State.Subscriber,
  linkKey: string,
  name: Name.Name
): State.Instance | undefined =>
  instancesOf(self, linkKey, name).find((one) => one.subscriber === subscriber && one.name.key === name.key)

/** The subscribers that listen to a name now. */
export const subscribersOf = ({ listeners }: State.Browsing, nameKey: string): ReadonlyArray<State.Subscriber> => {
  const known = listeners.get(nameKey)
  return known === undefined ? none : Array.from(known)
}

const none: ReadonlyArray<never> = []

/** Asks for the records of a set, besides listening to them. */
export const ask = (
  self: State.Browsing,
  instance: State.Instance,
  question: { readonly set: number; readonly type: number; readonly name: Name.Name; readonly refresh: boolean },
  now: number
): void => {
  const { name, refresh, set, type } = question
  if (instance.interests.some((interest) => interest.set === set)) return
  const { subscription } = instance.subscriber
  const isOnce = subscription._tag === "Instance" && subscription.isOnce
  const id = self.nextInterest++
  instance.interests = [...instance.interests, { id, set }]
  Querier.ask(self.querier, { id, name, type, link: instance.link.key, mode: "resolve", refresh, isOnce }, now)
}

/** Asks for the records of some sets no more. */
export const release = (self: State.Browsing, instance: State.Instance, sets: number, now: number): void => {
  if (!instance.interests.some(({ set }) => (sets & set) !== 0)) return
  for (const { id, set } of instance.interests) if ((sets & set) !== 0) Querier.release(self.querier, id, now)
  const left = instance.interests.filter(({ set }) => (sets & set) === 0)
  instance.interests = left.length === 0 ? none : left
}
