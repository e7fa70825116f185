/**
 * The JavaScript of a package: few files, without comments, every name kept.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Plugin, rolldown } from "rolldown"
import * as Functions from "./Functions.ts"
import * as Groups from "./Groups.ts"
import * as Modules from "./Modules.ts"
import * as Pure from "./Pure.ts"
import * as Shared from "./Shared.ts"

/**
 * Writes it to a folder; `modules` are the public ones. An index names files, one for each module, so that bundlers leave out what is not used;
 * with `hasWholeIndex` it has all of the modules itself, which is loaded sooner.
 */
export const write = async (
  folder: string,
  modules: ReadonlyArray<string>,
  to: string,
  { hasWholeIndex = false } = {}
): Promise<void> => {
  const isNaming = (module: string) => !hasWholeIndex && Modules.isIndex(module)
  await bundle(folder, modules.filter((module) => !isNaming(module)), to)
  for (const index of modules.filter(isNaming)) save(to, index, readFileSync(sourceOf(folder, index), "utf8"))
}

const sourceOf = (folder: string, module: string): string => join(folder, "src", `${module}.ts`)

const bundle = async (folder: string, modules: ReadonlyArray<string>, to: string): Promise<void> => {
  const entries = modules.map((module) => ({ module, id: sourceOf(folder, module) }))
  const imports = new Map<string, ReadonlyArray<string>>()
  const made = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map(({ id, module }) => [module, id])),
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    platform: "neutral",
    plugins: [recording(imports)],
    transform: { target: "es2023" },
    treeshake: { moduleSideEffects: (id) => id === sourceOf(folder, "main") }
  })
  const { output } = await made.generate({
    chunkFileNames: "internal/[name].js",
    comments: { annotation: true, jsdoc: false, legal: false },
    minifyInternalExports: false,
    codeSplitting: { groups: files(() => Groups.of(entries, (id) => imports.get(id) ?? [])) }
  })
  const texts = new Map(output.flatMap((file) => file.type === "chunk" ? [[file.fileName, file.code]] : []))
  for (const [path, text] of Shared.share(texts)) put(to, path, Pure.annotate(Functions.declare(text)))
  await made.close()
}

// a file takes what its modules import with them, so those that others are made of come first
const files = (make: () => ReadonlyMap<string, string>) => {
  let groups: ReadonlyMap<string, string> | undefined
  const groupOf = (id: string) => (groups ??= make()).get(id)
  return Groups.names.map((name, index) => ({
    name,
    priority: Groups.names.length - index,
    test: (id: string) => groupOf(id) === name
  }))
}

const recording = (imports: Map<string, ReadonlyArray<string>>): Plugin => ({
  name: "recording",
  moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds)
})

/** An index has nothing but names of modules in it, which is JavaScript but for the ends of their paths. */
const save = (to: string, module: string, text: string): void =>
  put(to, `${module}.js`, text.replaceAll(/(from "\.[^"]*)\.ts"/g, `$1.js"`))

const put = (to: string, path: string, text: string): void => {
  const file = join(to, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
