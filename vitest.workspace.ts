import { defineConfig } from "vitest/config"

const onRealTime = "test/**/*.integration.test.ts"
const onHeap = "test/**/*.heap.test.ts"

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

// Real sockets and real programs keep real time: what only computes must not take their processors.
const afterwards = (name: string, root: string) => ({
  extends: true as const,
  test: {
    name,
    root: `${import.meta.dirname}/${root}`,
    include: [onRealTime],
    sequence: { groupOrder: 1 },
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
      afterwards("integration", "packages/node")
    ]
  }
})
