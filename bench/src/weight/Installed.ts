/**
 * The packages as they would be published, installed in a folder of their own: what others import is not the sources.
 */
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

export const packages = ["core", "node", "testing"] as const

export type Package = (typeof packages)[number]

/** What was installed where. */
export interface Installed {
  readonly folder: string
  /** Octets of each package as it is sent to who installs it. */
  readonly packed: Readonly<Record<Package, number>>
}

/** The fields of a manifest that tell what has to be installed as well. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Builds, packs and installs the packages; the folder is gone when the scope closes. */
export const make = Effect.acquireRelease(
  Effect.sync(() => install()),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** The manifest of a package as it is published. */
export const manifestOf = ({ folder }: Installed, name: Package): Manifest =>
  JSON.parse(readFileSync(join(folderOf(folder, name), "package.json"), "utf8")) as Manifest

/** What a package needs at run time beside effect, its platform package and our own. */
export const surplusOf = ({ dependencies, peerDependencies }: Manifest): ReadonlyArray<string> =>
  Object.keys({ ...dependencies, ...peerDependencies }).filter((name) =>
    !name.startsWith("@effect-discovery/") && name !== "effect" && name !== "@effect/platform-node"
  )

/** Every module that a package lets be imported: its index, and what lies beside it. */
export const entriesOf = ({ folder }: Installed, name: Package): ReadonlyArray<string> => {
  const own = `@effect-discovery/${name}`
  const below = (path: string): ReadonlyArray<string> =>
    readdirSync(join(folderOf(folder, name), "dist", path))
      .filter((file) => file.endsWith(".js") && file !== "index.js" && file !== "main.js")
      .map((file) => `${own}/${join(path, file.slice(0, -3))}`)
  return name === "core" ? [own, `${own}/protocol`, ...below("."), ...below("protocol")] : [own, ...below(".")]
}

const root = join(import.meta.dirname, "../../..")

const folderOf = (folder: string, name: Package): string => join(folder, "node_modules/@effect-discovery", name)

const pnpm = (cwd: string, ...args: ReadonlyArray<string>): void =>
  void execFileSync("pnpm", args, { cwd, stdio: ["ignore", "ignore", "pipe"] })

const install = (): Installed => {
  // an import tells the path it was found at, without links
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "weight-"))
  pnpm(root, "exec", "tsc", "-b", "tsconfig.packages.json")
  pnpm(root, "exec", "node", "scripts/bundle-packages.ts")
  const packed = Object.fromEntries(packages.map((name) => [name, unpack(folder, name)])) as Record<Package, number>
  for (const name of ["effect", "@effect/platform-node"]) link(folder, name)
  return { folder, packed }
}

const unpack = (folder: string, name: Package): number => {
  const tarball = join(folder, `${name}.tgz`)
  pnpm(join(root, "packages", name), "--silent", "pack", "--out", tarball)
  const target = folderOf(folder, name)
  mkdirSync(target, { recursive: true })
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: target })
  return statSync(tarball).size
}

const link = (folder: string, name: string): void => {
  const target = join(folder, "node_modules", name)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(realpathSync(join(root, "bench/node_modules", name)), target)
}
