import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

/** The files of our packages of which something is left in a bundle of this program. */
const bundled = async (program: string): Promise<ReadonlyArray<string>> => {
  const { metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    logLevel: "silent",
    metafile: true,
    platform: "node",
    stdin: { contents: program, resolveDir: root, loader: "ts" },
    write: false
  })
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => path.startsWith("packages/") && bytesInOutput > 0)
    .map(([path]) => path)
}

const importing = (name: string, module: string) => bundled(`import { ${name} } from "${module}"\nconsole.log(${name})`)

describe("a bundle", () => {
  it("of one protocol has nothing of the others", async () => {
    const files = await importing("JsonBeacon", "@effect-discovery/core/protocol")

    assert.include(files, "packages/core/src/protocol/JsonBeacon.ts")
    assert.deepStrictEqual(files.filter((path) => /mdns|ppspp|signed|syncthing/i.test(path)), [])
  })

  it("of one module of core has only what that needs", async () => {
    assert.deepStrictEqual(await importing("Seed", "@effect-discovery/core"), ["packages/core/src/Seed.ts"])
    assert.deepStrictEqual(await importing("Limits", "@effect-discovery/core"), [
      "packages/core/src/internal/Bounds.ts",
      "packages/core/src/Limits.ts"
    ])
  })

  it("of node's network has no protocol and no command", async () => {
    const files = await importing("NodeNetwork", "@effect-discovery/node")

    assert.include(files, "packages/node/src/internal/Socket.ts")
    assert.deepStrictEqual(files.filter((path) => /protocol|cli|Trust/.test(path)), [])
  })

  it("of nothing that is used is empty", async () => {
    const program =
      `import "@effect-discovery/core"\nimport "@effect-discovery/core/protocol"\nimport "@effect-discovery/node"`

    assert.deepStrictEqual(await bundled(program), [])
  })
})
