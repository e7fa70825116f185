/**
 * Whether core runs in a browser: its bundle for one may not import from `node:`.
 */
import { build, type Message } from "esbuild"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { type Violation } from "./rules.ts"

const ENTRY_POINTS = ["packages/core/src/index.ts", "packages/core/src/protocol/index.ts"]

export const check = async (root: string): Promise<ReadonlyArray<Violation>> => {
  const found = await Promise.all(
    ENTRY_POINTS.filter((entry) => existsSync(join(root, entry))).map((entry) => bundle(root, entry))
  )
  return found.flat()
}

const bundle = async (root: string, entry: string): Promise<ReadonlyArray<Violation>> => {
  const { errors, metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: [entry],
    external: ["node:*"],
    format: "esm",
    logLevel: "silent",
    metafile: true,
    outdir: "dist",
    platform: "browser",
    write: false
  }).catch((failure: { readonly errors: ReadonlyArray<Message> }) => ({ errors: failure.errors, metafile: undefined }))
  const kept = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports)
  return [
    ...errors.map(({ location, text }) => unportable(location?.file ?? entry, location?.line ?? 1, text)),
    ...kept.map(({ path }) => unportable(entry, 1, `a bundle of this file for a browser imports "${path}"`))
  ]
}

const unportable = (file: string, line: number, text: string): Violation => ({
  file,
  line,
  rule: "browser",
  message: `${text}.`
})
