/**
 * Counts what programs send, as it happens: the journal may forget it before anybody looks.
 */
import * as Effect from "effect/Effect"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import * as Recorder from "../kernel/Journal.ts"

const send = Recorder.kinds.indexOf("send" satisfies NetworkEvent.Kind)

/** @internal How many datagrams the programs of each host send while an effect runs. */
export const during = (
  recorder: Recorder.Journal,
  effect: Effect.Effect<void>
): Effect.Effect<ReadonlyMap<string, number>> =>
  Effect.suspend(() => {
    const sent = new Map<string, number>()
    const stop = recorder.listen(() => {
      const { columns, next } = recorder
      const row = columns.row(next - 1)
      const place = columns.place[row]
      // what has no socket is the system's own: its answers to what nobody listens for
      if (columns.kind[row] !== send || columns.socket[row] === 0 || place === undefined || !("host" in place)) return
      const { name } = place.host
      sent.set(name, (sent.get(name) ?? 0) + 1)
    })
    return Effect.as(Effect.ensuring(effect, Effect.sync(stop)), sent)
  })
