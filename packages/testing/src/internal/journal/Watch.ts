/**
 * The events of a journal as they happen. The ring of the journal is the buffer: who falls behind it misses the oldest.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import type * as Recorder from "../kernel/Journal.ts"
import * as Snapshot from "./Snapshot.ts"

// Events in one chunk at most.
const chunk = 1024

/** @internal */
export const stream = (recorder: Recorder.Journal): Stream.Stream<NetworkEvent.NetworkEvent> =>
  Stream.fromPull(Effect.sync(() => {
    let next = recorder.next
    const pull: Effect.Effect<readonly [NetworkEvent.NetworkEvent, ...Array<NetworkEvent.NetworkEvent>], Cause.Done> =
      Effect.suspend(() => {
        next = Math.max(next, recorder.first)
        const end = Math.min(recorder.next, next + chunk)
        if (next === end) return recorder.isClosed ? Cause.done() : Effect.andThen(happening(recorder), pull)
        const first = Snapshot.event(recorder.columns, recorder.codes, next++)
        const events: [NetworkEvent.NetworkEvent, ...Array<NetworkEvent.NetworkEvent>] = [first]
        while (next < end) events.push(Snapshot.event(recorder.columns, recorder.codes, next++))
        return Effect.succeed(events)
      })
    return pull
  }))

// Resumed within the network's own work, and yields until that is done.
const happening = (recorder: Recorder.Journal): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const stop = recorder.listen(() => {
      stop()
      resume(Effect.yieldNow)
    })
    return Effect.sync(stop)
  })
