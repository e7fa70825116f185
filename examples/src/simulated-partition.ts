/**
 * A picture of a partition: five nodes find each other, a partition parts them two against three, and they find each other again. What
 * happened is written to `examples/out` as a diagram for the browser, a capture for Wireshark and a text for the terminal.
 */
import { Announcement, Discovery } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Journal, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Context, Effect, FileSystem, Layer, Stream } from "effect"

const names = ["alice", "bob", "carol", "dave", "erin"]

const join = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, name: string) {
  const source = JsonBeacon.source({ interval: "2 seconds", ttl: "5 seconds" })
  const live = Discovery.layer({ sources: [source] }).pipe(Layer.provide(lan.host(name).layer))
  const node = Context.get(yield* Layer.build(live), Discovery.Discovery)
  yield* node.advertise(Announcement.make({ name }))
  // a bar beside the column of the host, in the picture
  const count = Effect.flatMap(node.peers, (peers) => lan.host(name).mark(`knows ${peers.length}`))
  yield* Effect.forkScoped(Stream.runForEach(node.stream, () => count))
  yield* Effect.sleep("200 millis")
  return node
})

const scenario = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "20 millis", jitter: "60 millis", loss: 0.08 })
  const nodes = yield* Effect.forEach(names, (name) => join(lan, name))
  const known = Effect.map(
    Effect.forEach(nodes, ({ peers }) => peers),
    (all) => all.map((peers) => peers.length).join(" ")
  )

  yield* Effect.sleep("4 seconds")
  const before = yield* known
  const during = yield* Effect.scoped(
    lan.partition([["alice", "bob"], ["carol", "dave", "erin"]]).pipe(
      Effect.andThen(Effect.sleep("6 seconds")),
      Effect.andThen(known)
    )
  )
  yield* lan.mark("healed: they find each other again")
  yield* Effect.sleep("4 seconds")
  return { known: [before, during, yield* known], journal: yield* lan.journal }
})

const expected = ["4 4 4 4 4", "1 1 2 2 2", "4 4 4 4 4"]

const program = Effect.gen(function*() {
  const { journal, known } = yield* Simulation.run(scenario, { seed: 7 })
  const files = yield* FileSystem.FileSystem
  const out = new URL("../out/", import.meta.url).pathname
  yield* files.makeDirectory(out, { recursive: true })
  yield* files.writeFileString(`${out}partition.svg`, Journal.toSvg(journal, { title: "Five nodes and a partition" }))
  yield* files.writeFileString(`${out}partition.txt`, `${Journal.toText(journal)}\n`)
  yield* files.writeFile(`${out}partition.pcapng`, Journal.toPcapng(journal))
  yield* Console.log(`before, during and after the partition each knew so many peers:\n${known.join("\n")}`)
  yield* Console.log("examples/out has partition.svg, partition.pcapng and partition.txt")
  if (known.join("\n") !== expected.join("\n")) return yield* Effect.fail("they did not find each other")
})

NodeRuntime.runMain(Effect.provide(program, NodeServices.layer))
