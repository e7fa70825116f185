/**
 * Which modules share a file. To load a file takes longer than most modules do, so all that needs the same of Effect is in one; a
 * protocol is loaded only when it is used, and so is a program.
 */

/** What importing a module loads: other modules before it runs, by id. */
export type Imports = (id: string) => ReadonlyArray<string>

/** A public module of a package. */
export interface Entry {
  readonly module: string
  readonly id: string
}

// the parts of Effect, and one of ours, that take long to load: a module belongs where the last of those that it needs is
const tiers = [
  { name: "plain", needs: undefined },
  { name: "schema", needs: "effect/Schema" },
  { name: "stream", needs: "effect/Stream" },
  { name: "socket", needs: "effect/socket/DatagramSocket" },
  { name: "workers", needs: "PeerWorker" }
]

/** All files, each before those that need it. */
export const names: ReadonlyArray<string> = tiers.map(({ name }) => name)

/** What as many protocols have in common is where the sockets are that all of them open, though one of them may not need all of it. */
const common = 3

/** The name of the file that each module is in; of one that is not there, whoever imports it decides. */
export const of = (entries: ReadonlyArray<Entry>, importsOf: Imports): ReadonlyMap<string, string> => {
  const loaded = new Map(entries.map(({ id }) => [id, loadedBy(id, importsOf)]))
  const protocols = entries.filter(({ module }) => module.startsWith("protocol/"))
  const others = entries.filter(({ id, module }) => module !== "main" && !hasProtocol(module, loaded.get(id)!))
  const groups = new Map<string, string>()
  const users = counted([...loaded.values()])
  for (const { id, name } of inTiers(others, loaded)) {
    for (const each of loaded.get(id)!) {
      // what one public module alone needs is in the file of that module
      if (users.get(each)! > 1) groups.set(each, groups.get(each) ?? name)
    }
  }
  for (const [id, count] of counted(protocols.map(({ id }) => loaded.get(id)!))) {
    if (count >= common && !groups.has(id)) groups.set(id, "socket")
  }
  return groups
}

// what is made for one protocol is loaded no sooner than it is
const hasProtocol = (module: string, loaded: ReadonlySet<string>): boolean =>
  [module, ...loaded].some((each) => /^(@effect-discovery\/core\/)?protocol\//.test(each))

const inTiers = (entries: ReadonlyArray<Entry>, loaded: ReadonlyMap<string, ReadonlySet<string>>) => {
  const tierOf = ({ id }: Entry) =>
    tiers.findLastIndex(({ needs }) => needs === undefined || [...loaded.get(id)!].some(isModule(needs)))
  return entries
    .map((entry) => ({ id: entry.id, tier: tierOf(entry) }))
    .toSorted((one, other) => one.tier - other.tier)
    .map(({ id, tier }) => ({ id, name: tiers[tier]!.name }))
}

const isModule = (name: string) => (id: string): boolean => id === name || id.endsWith(`/src/${name}.ts`)

const loadedBy = (id: string, importsOf: Imports): ReadonlySet<string> => {
  const loaded = new Set<string>()
  const waiting = [id]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (loaded.has(next)) continue
    loaded.add(next)
    waiting.push(...importsOf(next))
  }
  return loaded
}

const counted = (sets: ReadonlyArray<ReadonlySet<string>>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const set of sets) {
    for (const id of set) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}
