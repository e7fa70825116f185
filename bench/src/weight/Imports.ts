/**
 * What importing something takes and loads, in processes that do nothing else.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The modules that an import loads: those of effect, and our own. */
export interface Loaded {
  readonly effect: ReadonlyArray<string>
  readonly own: ReadonlyArray<string>
}

const timer = `const from = performance.now()
if (process.argv[2] !== undefined) await import(process.argv[2])
console.log(performance.now() - from)
`

const lister = `import { registerHooks } from "node:module"
const urls = []
registerHooks({
  load(url, context, next) {
    urls.push(url)
    return next(url, context)
  }
})
process.on("exit", () => console.log(JSON.stringify(urls)))
`

/** Writes the programs that the others run. */
export const prepare = (folder: string): void => {
  writeFileSync(join(folder, "time.mjs"), timer)
  writeFileSync(join(folder, "list.mjs"), lister)
}

/** Milliseconds that importing something takes in a fresh process. */
export const time = (folder: string, specifier?: string): number =>
  Number(node(folder, ["time.mjs", ...(specifier === undefined ? [] : [specifier])]))

/** What importing something loads. */
export const list = (folder: string, specifier: string): Loaded => {
  const urls = JSON.parse(node(folder, ["--import", "./list.mjs", "time.mjs", specifier]).split("\n").at(-1)!)
  return sort(urls as ReadonlyArray<string>)
}

/** Modules by whose they are. */
export const sort = (urls: ReadonlyArray<string>): Loaded => ({
  effect: urls.filter((url) => url.startsWith("file:") && !isOwn(url) && /\/(effect|@effect\/[^/]+)\/dist\//.test(url)),
  own: urls.filter(isOwn)
})

/** Writes a module that imports nothing but these; gives what to import it by. */
export const together = (folder: string, name: string, urls: ReadonlyArray<string>): string => {
  const file = `${name.replaceAll(/\W+/g, "-")}.mjs`
  writeFileSync(join(folder, file), urls.map((url) => `import ${JSON.stringify(url)}\n`).join(""))
  return `./${file}`
}

/** Whether modules of ours import Schema, or the sockets of effect or its platform package, which do. */
export const needsSchema = ({ effect, own }: Loaded): boolean =>
  effect.some((url) => /\/effect\/dist\/socket\/DatagramSocket\.js$|\/@effect\/platform-node\//.test(url)) ||
  own.some((url) => /from "effect\/Schema"/.test(read(url)))

/** Whether Schema was loaded. */
export const loadsSchema = ({ effect }: Loaded): boolean => effect.some((url) => url.endsWith("/effect/dist/Schema.js"))

const isOwn = (url: string): boolean => url.includes("/@effect-discovery/")

const texts = new Map<string, string>()

const read = (url: string): string => {
  const text = texts.get(url) ?? readFileSync(fileURLToPath(url), "utf8")
  texts.set(url, text)
  return text
}

const node = (cwd: string, args: ReadonlyArray<string>): string =>
  execFileSync(process.execPath, [...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim()
