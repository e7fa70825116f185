/**
 * Publishing at once, where the oldest makes room for the newest.
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"

/**
 * Hands a value to all subscribers; one that has fallen behind misses its oldest.
 *
 * `PubSub.publishUnsafe` does so only while there is room: as soon as one subscriber has fallen behind, nobody would be told any more.
 */
export const publish = <A>(self: PubSub.PubSub<A>, value: A): void => {
  if (!PubSub.publishUnsafe(self, value)) Effect.runSync(PubSub.publish(self, value))
}
