import { assert, describe, it } from "@effect/vitest"
import * as Imports from "../src/weight/Imports.ts"
import * as Installed from "../src/weight/Installed.ts"

describe("Imports", () => {
  it("tells our modules from those of effect", () => {
    const schema = "file:///modules/.pnpm/effect@4.1.0/node_modules/effect/dist/Schema.js"
    const platform = "file:///modules/.pnpm/a/node_modules/@effect/platform-node/dist/NodeDatagramSocket.js"
    const own = "file:///weight/node_modules/@effect-discovery/core/dist/index.js"

    const loaded = Imports.sort([own, schema, platform, "node:dgram", "file:///weight/time.mjs"])

    assert.deepStrictEqual(loaded, { effect: [schema, platform], own: [own] })
    assert.isTrue(Imports.loadsSchema(loaded))
    assert.isFalse(Imports.loadsSchema({ ...loaded, effect: [platform] }))
    assert.isFalse(Imports.needsSchema({ effect: [schema], own: [] }))
    assert.isTrue(Imports.needsSchema({ effect: [platform], own: [] }))
    assert.isTrue(Imports.needsSchema({ effect: [schema.replace("Schema", "socket/DatagramSocket")], own: [] }))
  })
})

describe("Installed", () => {
  it("a dependency beyond effect and its platform package is one too many", () => {
    const dependencies = { "@effect-discovery/core": "^0.1.0", "left-pad": "1.0.0" }
    const peerDependencies = { effect: "^4.1.0", "@effect/platform-node": "^4.1.0" }

    assert.deepStrictEqual(Installed.surplusOf({ dependencies, peerDependencies }), ["left-pad"])
    assert.deepStrictEqual(Installed.surplusOf({ peerDependencies }), [])
  })
})
