import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Declarations from "../bundle/Declarations.ts"
import * as Functions from "../bundle/Functions.ts"
import * as Groups from "../bundle/Groups.ts"
import * as Modules from "../bundle/Modules.ts"
import * as Pure from "../bundle/Pure.ts"
import * as Scripts from "../bundle/Scripts.ts"
import * as Shared from "../bundle/Shared.ts"

const core = join(import.meta.dirname, "../../packages/core")
const modules = Modules.publicOf(core)

// to bundle takes seconds where much else goes on
const patience = 60_000

let folder: string

// where what it imports is found
beforeAll(async () => {
  folder = mkdtempSync(join(core, "node_modules/.published-"))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", sideEffects: [] }))
  await Scripts.write(core, modules, folder)
}, patience)

afterAll(() => rmSync(folder, { recursive: true }))

/** What is left of ours in a bundle, and the modules of effect that there is something of. */
const bundled = async (program: string) => {
  const { metafile, outputFiles: [file] } = await build({
    bundle: true,
    format: "esm",
    logLevel: "silent",
    metafile: true,
    outdir: folder,
    stdin: { contents: program, resolveDir: folder },
    write: false
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  const left = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  return { text: file!.text, effect: left.filter((path) => path.includes("/effect/")) }
}

const importing = (name: string, module: string) => bundled(`import { ${name} } from "${module}"\nconsole.log(${name})`)

describe("what is published", { timeout: patience }, () => {
  it("gives each module with the names that its source exports", async () => {
    await Promise.all(modules.map(async (module) => {
      const [published, source] = await Promise.all([
        import(join(folder, `${module}.js`)),
        import(join(core, "src", `${module}.ts`))
      ])

      assert.deepStrictEqual(Object.keys(published).toSorted(), Object.keys(source).toSorted(), module)
    }))
  })

  it("does what a class does when it is declared", () => {
    const text = readFileSync(join(folder, "internal/Mdns.js"), "utf8")

    assert.match(text, /static \{\s+expose/)
    assert.notMatch(text, /^\s*this\.prototype;$/m)
  })

  it("declares functions", () => {
    const text = readFileSync(join(folder, "internal/Mdns.js"), "utf8")

    assert.match(text, /^function \w+\(/m)
    assert.notMatch(text, /^const \w+ = (async )?(\([^()]*\)|\w+) =>/m)
  })

  it("has a few files beside the public modules", () => {
    const files = Groups.names.filter((name) => existsSync(join(folder, "internal", `${name}.js`)))

    assert.deepStrictEqual(files, ["plain", "schema", "stream", "socket", "workers"])
  })

  it("has no two files of which one loads the other look for the same module of effect", () => {
    const importsOf = (file: string) =>
      [...readFileSync(join(folder, "internal", file), "utf8").matchAll(/^(?:import|export) .* from "(.*)";$/gm)]
        .map(([, name = ""]) => name)
    const mdns = importsOf("Mdns.js")
    const sought = (file: string) => importsOf(file).filter((name) => name.startsWith("effect/"))
    const files = [...new Set(mdns.filter((name) => name.startsWith("./")))]
    const loaded = new Set(files.flatMap((name) => sought(name.slice(2))))

    assert.deepStrictEqual(
      files.toSorted(),
      ["plain", "schema", "socket", "stream"].map((name) => `./${name}.js`)
    )
    assert.deepStrictEqual(sought("Mdns.js").filter((name) => loaded.has(name)), [])
  })

  it("has no module as an object, which would keep all of it", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"))

    assert.deepStrictEqual(files.filter((file) => readFileSync(join(folder, file), "utf8").includes("__exportAll")), [])
  })

  it("leaves nothing in a bundle that uses nothing", async () => {
    const { text } = await bundled(`import "./index.js"\nimport "./protocol/index.js"`)

    assert.strictEqual(text.replaceAll(/^\/\/.*$/gm, "").trim(), "")
  })

  it("leaves in a bundle of one module only what that needs", async () => {
    const { effect, text } = await importing("Seed", "./index.js")

    assert.deepStrictEqual(effect, [])
    assert.notInclude(text, "Buggify")
  })

  it("leaves no other protocol in a bundle of one", async () => {
    const { text } = await importing("Peerage", "./protocol/index.js")

    assert.notMatch(text, /_tcp|JsonBeacon|SignedBeacon|PeerWorker|TrustStore/)
  })

  it("has no comment but of where it comes from and of what is pure", () => {
    const text = readFileSync(join(folder, "internal/schema.js"), "utf8")

    assert.deepStrictEqual(
      [...new Set(text.match(/^\s*\/\/.*|\/\*.*?\*\//gm))].filter((each) =>
        !/^\/\/ (src\/|\\0rolldown)|^\/\* @__PURE__ \*\/$/.test(each)
      ),
      []
    )
  })
})

describe("what is published for tests", { timeout: patience }, () => {
  it("has all of its modules in its index", async () => {
    const testing = join(import.meta.dirname, "../../packages/testing")
    const folder = mkdtempSync(join(testing, "node_modules/.published-"))
    await Scripts.write(testing, Modules.publicOf(testing), folder, { hasWholeIndex: true })
    const names = (all: Record<string, object>) =>
      Object.entries(all).map(([name, each]) => [name, Object.keys(each).toSorted()])
    const [published, source] = await Promise.all([
      import(join(folder, "index.js")),
      import("@effect-discovery/testing")
    ])
    const text = readFileSync(join(folder, "index.js"), "utf8")
    rmSync(folder, { recursive: true })

    assert.deepStrictEqual(names(published).toSorted(), names(source).toSorted())
    assert.notMatch(text, /from "\.\/[A-Z]/)
  })
})

describe("isPublic", () => {
  const exports = { ".": "./src/index.ts", "./*": "./src/*.ts", "./part/*": "./src/part/*.ts", "./part/inner/*": null }

  it("the pattern that says most decides", () => {
    assert.isTrue(Modules.isPublic(exports, "One"))
    assert.isTrue(Modules.isPublic(exports, "part/One"))
    assert.isFalse(Modules.isPublic(exports, "part/inner/One"))
  })
})

describe("Groups", () => {
  const imports: Record<string, ReadonlyArray<string>> = {
    Plain: ["deep", "lone"],
    Plainest: ["Plain"],
    One: ["lone", "only"],
    Model: ["deep", "effect/Schema"],
    Runs: ["Model", "inner", "effect/Stream"],
    PeerWorker: ["Runs", "work"],
    Pool: ["PeerWorker"],
    A: ["Model", "shared"],
    B: ["shared"],
    C: ["shared", "own"],
    OfOne: ["@effect-discovery/core/protocol/A", "Model"]
  }
  const entries = Object.keys(imports).map((id) => ({ id, module: id.length === 1 ? `protocol/${id}` : id }))
  const groups = Groups.of(entries, (id) => imports[id] ?? [])

  it("a module is where the least is that needs it", () => {
    assert.deepStrictEqual(
      ["Plain", "deep", "Model", "Runs", "inner", "PeerWorker", "work"].map((id) => groups.get(id)),
      [
        "plain",
        "plain",
        "schema",
        "stream",
        "stream",
        "workers",
        "workers"
      ]
    )
  })

  it("what one module alone needs is with it", () => {
    assert.deepStrictEqual(["One", "only", "Pool", "lone"].map((id) => groups.get(id)), [
      undefined,
      undefined,
      undefined,
      "plain"
    ])
  })

  it("what needs a protocol is loaded with no other", () => {
    assert.isUndefined(groups.get("OfOne"))
  })

  it("protocols have files of their own, and share what is where the sockets are", () => {
    assert.deepStrictEqual(["A", "B", "own", "shared"].map((id) => groups.get(id)), [
      undefined,
      undefined,
      undefined,
      "socket"
    ])
  })
})

describe("Pure", () => {
  it("marks calls that make what is declared", () => {
    assert.strictEqual(
      Pure.annotate("const a = f(g()), b = new C()"),
      "const a = /* @__PURE__ */ f(/* @__PURE__ */ g()), b = /* @__PURE__ */ new C()"
    )
    assert.strictEqual(Pure.annotate("class A extends B(1)() {}"), "class A extends /* @__PURE__ */ B(1)() {}")
  })

  it("leaves what functions call, and what is done for its effect", () => {
    for (
      const text of [
        "const f = () => g()",
        "function f() { g() }",
        "run(1)",
        "class A { static { run(this) } }",
        "export { a } from \"b\""
      ]
    ) {
      assert.strictEqual(Pure.annotate(text), text)
    }
  })
})

describe("Functions", () => {
  it("declares what is an arrow function as a function", () => {
    assert.strictEqual(
      Functions.declare("const a = 1;\nconst f = (b) => { b(); };\n"),
      "const a = 1;\nfunction f(b) { b(); }\n"
    )
    assert.strictEqual(Functions.declare("const f = b => ({ ...b });"), "function f(b) {\n\treturn ({ ...b });\n}")
    assert.strictEqual(Functions.declare("const f = async () => 1;"), "async function f() {\n\treturn 1;\n}")
    assert.strictEqual(
      Functions.declare("const f = (g = (a) => a, { b } = {}) => (c) => b;"),
      "function f(g = (a) => a, { b } = {}) {\n\treturn (c) => b;\n}"
    )
  })

  it("leaves what is no constant, what uses this of its module, and what has comments that would mean something else", () => {
    for (
      const text of [
        "let f = () => 1;",
        "const a = () => 1, b = 2;",
        "const f = () => this;",
        "const f = function() {};",
        "const f = g(() => 1);",
        "run(() => 1);",
        "const f = () => /* of\ntwo lines */ 1;",
        "const f = (a /* => */) => a;"
      ]
    ) {
      assert.strictEqual(Functions.declare(text), text)
    }
  })
})

describe("Shared", () => {
  const share = (files: Record<string, string>) => Object.fromEntries(Shared.share(new Map(Object.entries(files))))

  it("has a module imported by the file that is loaded first, and gives others its members", () => {
    const shared = share({
      "internal/low.js": "import * as Effect from \"effect/Effect\";\nexport const low = Effect.void;\n",
      "high.js":
        "import { low } from \"./internal/low.js\";\nimport * as E from \"effect/Effect\";\nexport const high = E.map(low, E.never);\n"
    })

    assert.deepStrictEqual(shared, {
      "internal/low.js": "export { map as Effect$map, never as Effect$never } from \"effect/Effect\";\n" +
        "import * as Effect from \"effect/Effect\";\nexport const low = Effect.void;\n",
      "high.js": "import { Effect$map, Effect$never } from \"./internal/low.js\";\n" +
        "import { low } from \"./internal/low.js\";\nexport const high = Effect$map(low, Effect$never);\n"
    })
  })

  it("leaves what no file before it loads, and what is used as a whole", () => {
    const low = "import * as Effect from \"effect/Effect\";\n"
    const whole = `import "./low.js";\n${low}export { Effect };\n`
    const declared = `import "./low.js";\n${low}export const f = (Effect) => Effect.map;\n`
    const files = { "low.js": low, "other.js": `${low}Effect.void;\n`, "whole.js": whole, "declared.js": declared }

    assert.deepStrictEqual(share(files), files)
  })

  it("takes keys for no use of a module", () => {
    const low = "import * as Link from \"effect/Link\";\n"
    const high = `import "./low.js";\n${low}export const all = { Link: Link.make, of: all.Link };\n`

    assert.include(
      share({ "low.js": low, "high.js": high })["high.js"],
      "export const all = { Link: Link$make, of: all.Link };"
    )
  })

  it("refuses two modules whose members would have one name", () => {
    const import_ = (local: string, module: string) => `import * as ${local} from "${module}";\n`
    const low = import_("A", "effect/Link") + import_("B", "effect/net/Link")

    assert.throws(
      () => share({ "low.js": low, "high.js": `import "./low.js";\n${low}A.make(B.make);\n` }),
      "Link$make is both make effect/Link and make effect/net/Link"
    )
  })
})

describe("Declarations", () => {
  it("without comments have the lines that say something", () => {
    const text = "/** A. */\nexport interface A {\n    /**\n     * B.\n     */\n    readonly b: \"/** c */\" // d\n}\n"

    assert.strictEqual(Declarations.withoutComments(text), "export interface A {\n    readonly b: \"/** c */\"\n}\n")
  })

  it("keep those of what is named, and of what that is made of", () => {
    const [a, b, c] = [
      "/** A. */\nexport interface A extends B {\n}\n",
      "/** B. */\ninterface B {\n    /** C. */\n    readonly c: string;\n}\n",
      "/** D. */\nexport declare const d: () => A;\n"
    ]

    assert.strictEqual(
      Declarations.withoutComments(`/** All. */\nimport type * as E from "e";\n${a}${b}${c}`, new Set(["A"])),
      `import type * as E from "e";\n${a}${b}export declare const d: () => A;\n`
    )
  })
})
