import { defineConfig } from "vitest/config"

const onRealTime = "test/**/*.integration.test.ts"
const onHeap = "test/**/*.heap.test.ts"
const onLan = "test/lan/**/*.integration.test.ts"

// What takes a second on an idle machine takes many on a busy one, and is right all the same.
const testTimeout = 60_000

// A worker loads effect and what is tested once for all of its files: nothing in them may depend on which those are.
const project = (name: string, root: string) => ({
  extends: true as const,
  test: {
    name,
    root: `${import.meta.dirname}/${root}`,
    include: ["test/**/*.test.ts"],
    exclude: [onRealTime, onHeap],
    isolate: false,
    maxWorkers: "100%",
    testTimeout
  }
})

// What measures the heap has a process of its own, in which nobody else leaves garbage.
const alone = {
  extends: true as const,
  test: {
    name: "heap",
    root: import.meta.dirname,
    include: [`packages/*/${onHeap}`],
    maxWorkers: "100%",
    testTimeout
  }
}

// Real sockets and real programs keep real time: what only computes must not take their processors. The files of a group run in so many
// processes.
const afterwards = (
  name: string,
  groupOrder: number,
  maxWorkers: number,
  files: { include: Array<string>; exclude?: Array<string> }
) => ({
  extends: true as const,
  test: {
    name,
    root: `${import.meta.dirname}/packages/node`,
    ...files,
    sequence: { groupOrder },
    maxWorkers,
    testTimeout
  }
})

export default defineConfig({
  test: {
    projects: [
      project("core", "packages/core"),
      project("node", "packages/node"),
      project("testing", "packages/testing"),
      project("scripts", "scripts"),
      project("bench", "bench"),
      alone,
      // each LAN has namespaces of its own, and sleeps most of its time
      afterwards("lan", 1, 2, { include: [onLan] }),
      // whoever is on the loopback interface hears all others there
      afterwards("integration", 2, 1, { include: [onRealTime], exclude: [onLan] })
    ]
  }
})
