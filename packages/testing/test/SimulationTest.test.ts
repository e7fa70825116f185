import { SimulationTest, Swarm } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import * as Gossip from "./planted/Gossip.ts"

describe("extend", () => {
  const registered: Array<readonly [name: string, test: () => Promise<void>, timeout: number | undefined]> = []
  const framework = Object.assign(
    (name: string, test: () => Promise<void>, timeout?: number) => void registered.push([name, test, timeout]),
    { skip: "as before" }
  )
  const extended = SimulationTest.extend(framework)

  it("registers a property as a test that passes or rejects with the whole story", async () => {
    extended.simulation("converges", { ...Gossip.property, faults: Swarm.none, runs: 2 })
    extended.simulation("fails", { faults: Swarm.none, runs: 1, workload: () => Effect.fail("no") }, "5 seconds")
    const [[, converges] = [], [name, fails, timeout] = []] = registered.splice(0)

    await converges!()
    const error = await fails!().then(() => undefined, String)
    assert.deepStrictEqual([name, timeout], ["fails", 5000])
    assert.match(error!, /property "workload" failed at 0 s: .*SIMULATION_REPLAY=sim1\./s)
  })

  it("writes the records of a failure where its layer has a file system", async () => {
    const written: Array<string> = []
    const files = FileSystem.layerNoop({
      makeDirectory: () => Effect.void,
      writeFile: (path) => Effect.sync(() => void written.push(path)),
      writeFileString: (path) => Effect.sync(() => void written.push(path))
    })
    const workload = () => Effect.andThen(FileSystem.FileSystem, Effect.fail("no"))
    const options = { faults: Swarm.none, runs: 1, workload, reports: "out" }
    SimulationTest.extend(framework, files).simulation("fails", options)
    const [[, fails] = []] = registered.splice(0)

    assert.match(await fails!().then(() => "", String), /written: out\/fails\.pcapng, out\/fails\.svg/)
    assert.deepStrictEqual(written, ["out/fails.pcapng", "out/fails.svg", "out/fails.jsonl", "out/fails.log"])
  })

  it("leaves all that it had", () => {
    extended("plain", async () => {})

    assert.strictEqual(registered.splice(0)[0]?.[0], "plain")
    assert.strictEqual(extended.skip, "as before")
  })
})

SimulationTest.extend(it).simulation("hosts of a quiet network know each other", {
  ...Gossip.property,
  faults: Swarm.none,
  runs: 3
})
