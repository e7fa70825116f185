/**
 * Four programs announce themselves on the loopback interface, this one watches: they are discovered, one changes, one says goodbye,
 * one dies and expires. Real sockets, no network needed.
 */
import { Discovery } from "@effect-discovery/core"
import { NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Console, Effect, Stream, SubscriptionRef } from "effect"
import { styleText } from "node:util"
import * as Cast from "./demo/Cast.ts"
import * as Child from "./demo/Child.ts"
import * as Story from "./demo/Story.ts"

const cast = Cast.make(process.pid.toString(36))
const protocols = "json, peerage and syncthing-v0"
const deadline = "18 seconds"

const isPlain = !process.stdout.isTTY || (process.env["NO_COLOR"] ?? "") !== ""
const colors = { discovered: "green", updated: "yellow", lost: "red", note: "dim" } as const
const paint = (color: typeof colors[keyof typeof colors], text: string) => isPlain ? text : styleText(color, text)

const demo = Effect.gen(function*() {
  const start = yield* Clock.currentTimeMillis
  const elapsed = Effect.map(Clock.currentTimeMillis, (now) => now - start)
  const story = yield* SubscriptionRef.make(Story.begin(Object.values(cast)))
  const note = (text: string) =>
    Effect.flatMap(elapsed, (at) => Console.log(paint(colors.note, Story.line(at, `           ${text}`))))
  const until = (isReached: (story: Story.Story) => boolean) =>
    SubscriptionRef.changes(story).pipe(Stream.filter(isReached), Stream.runHead)

  const watch = Discovery.stream.pipe(
    Stream.filter((event) => SubscriptionRef.getUnsafe(story).has(event.peer.id)),
    Stream.runForEach(Effect.fnUntraced(function*(event) {
      const at = yield* elapsed
      const [word, details] = Story.describe(event)
      yield* Console.log(Story.line(at, paint(colors[word as keyof typeof colors], word.padEnd(10)), details))
      yield* SubscriptionRef.update(story, (story) => Story.tell(story, event, at))
    }))
  )

  const play = Effect.gen(function*() {
    const [ada, , , barbara] = yield* Effect.all([
      Child.start(cast.ada),
      Child.start(cast.grace),
      Child.start(cast.edsger),
      Child.start(cast.barbara)
    ])
    yield* note("four programs start, and announce themselves each in its own way")
    yield* until(Story.isDiscovered)
    yield* Effect.sleep("1 second")
    yield* note(`${cast.ada.name} is killed; it holds until its time is up, 7 s after it was last heard`)
    yield* ada.kill
    yield* Effect.sleep("1 second")
    yield* note(`${cast.barbara.name} changes what it says of itself`)
    yield* barbara.change({ status: "ready", load: "0.7" })
    yield* until(Story.isUpdated)
    yield* Effect.sleep("1 second")
    yield* note(`${cast.barbara.name} leaves, and says so`)
    yield* barbara.dismiss
    yield* until((story) => Story.isLost(story, "Goodbye") && Story.isLost(story, "Expired"))
  })

  yield* Console.log(`Watching the loopback interface by ${protocols}.\n`)
  yield* Effect.raceFirst(watch, play).pipe(Effect.timeoutOption(deadline))
  yield* finish(SubscriptionRef.getUnsafe(story))
})

const finish = Effect.fnUntraced(function*(story: Story.Story) {
  yield* Console.log(`\n${Story.table(story).join("\n")}`)
  const missing = Story.missing(story)
  if (missing.length === 0) return
  yield* Console.error(`\nNot seen within ${deadline}: ${missing.join(", ")}.`)
  yield* Effect.sync(() => (process.exitCode = 1))
})

demo.pipe(
  Effect.scoped,
  Effect.provide([
    NodeDiscovery.layer({ sources: Cast.sources, interfaces: Cast.interfaces }),
    NodeServices.layer
  ]),
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
