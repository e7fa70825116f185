import { defineConfig } from "vitest/config"

const project = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root: `${import.meta.dirname}/${root}`, include: ["test/**/*.test.ts"] }
})

export default defineConfig({
  test: {
    projects: [
      project("core", "packages/core"),
      project("node", "packages/node"),
      project("testing", "packages/testing"),
      project("scripts", "scripts"),
      project("bench", "bench")
    ]
  }
})
