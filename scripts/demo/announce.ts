/**
 * A program that announces itself until its standard input ends. Each line of that is JSON: its attributes from then on.
 *
 * usage: node announce.ts <role> <name> <port>
 */
import { Announcement, Discovery } from "@effect-discovery/core"
import { NodeDiscovery } from "@effect-discovery/node"
import { NodeRuntime, NodeStdio } from "@effect/platform-node"
import { Effect, Stdio, Stream } from "effect"
import * as Cast from "./Cast.ts"

const [role = "peer", name = "nobody", port = "1"] = process.argv.slice(2)

const announce = Effect.gen(function*() {
  const { stdin } = yield* Stdio.Stdio
  const announcement = Announcement.make({
    name,
    identity: name,
    port: Number(port),
    attributes: role === "peer" ? { status: "starting" } : {}
  })
  const advertisement = yield* Discovery.advertise(announcement)
  yield* stdin.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.runForEach((line) => advertisement.update({ attributes: JSON.parse(line) }))
  )
})

announce.pipe(
  Effect.scoped,
  Effect.provide([
    NodeDiscovery.layer({ sources: [Cast.source(role as Cast.Role)], interfaces: Cast.interfaces }),
    NodeStdio.layer
  ]),
  NodeRuntime.runMain
)
