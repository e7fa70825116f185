import { defineConfig } from "vitest/config"

const onRealTime = "test/**/*.integration.test.ts"

const project = (name: string, root: string) => ({
  extends: true as const,
  test: {
    name,
    root: `${import.meta.dirname}/${root}`,
    include: ["test/**/*.test.ts"],
    exclude: [onRealTime],
    maxWorkers: "100%"
  }
})

// Real sockets and real programs keep real time: what only computes must not take their processors.
const afterwards = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root: `${import.meta.dirname}/${root}`, include: [onRealTime], sequence: { groupOrder: 1 } }
})

export default defineConfig({
  test: {
    projects: [
      project("core", "packages/core"),
      project("node", "packages/node"),
      project("testing", "packages/testing"),
      project("scripts", "scripts"),
      project("bench", "bench"),
      afterwards("integration", "packages/node")
    ]
  }
})
