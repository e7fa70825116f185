/**
 * The boundaries of the packages, as pure functions: parsed source files in, violations out.
 */
import { posix } from "node:path"
import { shortestCycles } from "./cycles.ts"
import * as Repetition from "./Repetition.ts"
import { type SourceFile, type Use } from "./SourceFile.ts"

export interface Violation {
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly message: string
}

export const format = (self: Violation): string => `${self.file}:${self.line} ${self.rule}: ${self.message}`

/** Every violation in a repository, given all of its TypeScript files. */
export const check = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Violation> => {
  const sources = files.filter((file) => packageOf(file.path) !== undefined)
  return [
    ...files.flatMap(closedInternals),
    ...sources.flatMap((file) => sourceRules.flatMap((rule) => rule(file))),
    ...importCycles(sources)
  ]
}

const MAX_LINES = 450

/** What each package may import besides its own files; nothing that looks up or connects to what a datagram may have named (S-P11). */
const DEPENDENCIES: Readonly<Record<string, RegExp>> = {
  core: /^effect(\/|$)/,
  testing: /^(effect|@effect-discovery\/core)(\/|$)/,
  node: /^(node:(?!(dns|http|https|http2|tls)(\/|$))|(effect|@effect\/platform-node|@effect-discovery\/core)(\/|$))/
}

/** Packages that run anywhere: time and chance are arguments there, bytes are `Uint8Array`. */
const PORTABLE: ReadonlySet<string> = new Set(["core", "testing"])

const AMBIENT: ReadonlySet<string> = new Set([
  "Buffer",
  "process",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "Date.now",
  "new Date",
  "Date()",
  "Math.random",
  "crypto",
  "fetch",
  "WebSocket",
  "EventSource"
])

/** The files of core where effects live; all others are pure. */
const EFFECTFUL_FILES =
  /^packages\/core\/src\/((Buggify|Dial|Discovery|DiscoveryMetrics|Network|Source|Trust|TrustStore|PeerWorkers?|protocol\/(Mdns|Libp2p|SignedBeacon|Ppspp))\.ts$|internal\/runtime\/)/
const EFFECTFUL_MODULES =
  /^effect\/((Effect|Stream|Layer|Scope|Ref|Queue|PubSub|Fiber\w*|Clock|Random|Schedule)$|socket(\/|$))/

const closedInternals = (file: SourceFile): ReadonlyArray<Violation> =>
  file.imports
    .filter(({ name }) => /^@effect-discovery\/[^/]+\/(.*\/)?internal(\/|$)/.test(name))
    .map((use) => violation(file, use, "internal", `"${use.name}" is closed to other packages.`))

const dependencies = (file: SourceFile): ReadonlyArray<Violation> => {
  const name = packageOf(file.path)!
  return file.imports
    .filter((use) => isRelative(use) ? packageOf(resolve(file, use)) !== name : !DEPENDENCIES[name]?.test(use.name))
    .map((use) => violation(file, use, "dependency", `packages/${name} may not import "${use.name}".`))
}

const noBarrel = (file: SourceFile): ReadonlyArray<Violation> =>
  file.imports
    .filter(({ name }) => name === "effect")
    .map((use) => violation(file, use, "barrel", `import the module ("effect/Effect"), not all of "effect".`))

const noAmbient = (file: SourceFile): ReadonlyArray<Violation> =>
  PORTABLE.has(packageOf(file.path)!)
    ? file.ambient
      .filter(({ name }) => AMBIENT.has(name))
      .map((use) => violation(file, use, "ambient", `${use.name} is not for portable code: take it as an argument.`))
    : []

const pureCore = (file: SourceFile): ReadonlyArray<Violation> =>
  packageOf(file.path) === "core" && !EFFECTFUL_FILES.test(file.path)
    ? file.imports
      .filter(({ name }) => EFFECTFUL_MODULES.test(name))
      .map((use) => violation(file, use, "pure-core", `"${use.name}" belongs in internal/runtime; this file is pure.`))
    : []

const separateProtocols = (file: SourceFile): ReadonlyArray<Violation> => {
  const own = protocolOf(file.path)
  if (own === undefined || own === "index") return []
  return file.imports.filter(isRelative).flatMap((use) => {
    const other = protocolOf(resolve(file, use))
    return other === undefined || other === own || SHARED_BY_PROTOCOLS.has(other) || PROFILES.get(own) === other
      ? []
      : [violation(file, use, "protocol", `${own} may not import ${other}: a protocol stands alone.`)]
  })
}

const SHARED_BY_PROTOCOLS: ReadonlySet<string> = new Set(["beacon", "internal"])

/** Profiles of a protocol, which stand on it. */
const PROFILES: ReadonlyMap<string, string> = new Map([["libp2p", "mdns"]])

// what comes from the wire decides how long a match takes
const noBacktracking = (file: SourceFile): ReadonlyArray<Violation> =>
  packageOf(file.path) === "core" || packageOf(file.path) === "node"
    ? file.patterns.flatMap((use) => {
      const fault = Repetition.fault(use.name, use.flags)
      return fault === undefined ? [] : [violation(file, use, "backtracking", `/${use.name}/: ${fault}.`)]
    })
    : []

// packages promise it to bundlers (`sideEffects`); only the program does something when it is loaded
const noEffects = (file: SourceFile): ReadonlyArray<Violation> =>
  file.path === "packages/node/src/main.ts"
    ? []
    : file.effects.map((use) =>
      violation(file, use, "effects", "a module declares, and does nothing when it is loaded.")
    )

const shortFiles = (file: SourceFile): ReadonlyArray<Violation> =>
  file.lineCount > MAX_LINES
    ? [
      violation(
        file,
        { line: MAX_LINES + 1 },
        "length",
        `${file.lineCount} lines, at most ${MAX_LINES}: split it by concept.`
      )
    ]
    : []

const sourceRules = [
  dependencies,
  noBarrel,
  noAmbient,
  pureCore,
  separateProtocols,
  noBacktracking,
  noEffects,
  shortFiles
]

const importCycles = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Violation> => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const targets = (file: SourceFile) => file.imports.filter(isRelative).map((use) => resolve(file, use))
  const graph = new Map(files.map((file) => [file.path, targets(file).filter((path) => byPath.has(path))]))
  return shortestCycles(graph).map(([first, second, ...rest]) => {
    const file = byPath.get(first)!
    const use = file.imports.find((use) => isRelative(use) && resolve(file, use) === second)!
    const names = [first, second, ...rest].map((path) => posix.basename(path, ".ts"))
    return violation(file, use, "cycle", `${names.join(" → ")} is an import cycle.`)
  })
}

const violation = (file: SourceFile, { line }: Pick<Use, "line">, rule: string, message: string): Violation => ({
  file: file.path,
  line,
  rule,
  message
})

const packageOf = (path: string): string | undefined => /^packages\/(\w+)\/src\//.exec(path)?.[1]

/** `mdns` for `protocol/Mdns.ts` and for everything in `protocol/mdns/`. */
const protocolOf = (path: string): string | undefined =>
  /^packages\/core\/src\/protocol\/([^/]+?)(\.ts$|\/)/.exec(path)?.[1]?.toLowerCase()

const isRelative = ({ name }: Use): boolean => name.startsWith(".")

const resolve = (file: SourceFile, use: Use): string => posix.join(posix.dirname(file.path), use.name)
