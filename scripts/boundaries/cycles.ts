/**
 * Import cycles.
 */
export type Graph = ReadonlyMap<string, ReadonlyArray<string>>
export type Cycle = readonly [first: string, second: string, ...rest: ReadonlyArray<string>]

/** One shortest cycle through each file that is on any, without naming a file in two; each ends where it starts. */
export const shortestCycles = (graph: Graph): ReadonlyArray<Cycle> => {
  const named = new Set<string>()
  const cycles: Array<Cycle> = []
  for (const start of [...graph.keys()].toSorted()) {
    const cycle = named.has(start) ? undefined : shortestCycle(graph, start)
    if (cycle === undefined) continue
    cycle.forEach((node) => named.add(node))
    cycles.push(cycle)
  }
  return cycles
}

const shortestCycle = (graph: Graph, start: string): Cycle | undefined => {
  const seen = new Set<string>()
  let paths: ReadonlyArray<ReadonlyArray<string>> = [[start]]
  while (paths.length > 0) {
    const longer = paths.flatMap((path) => (graph.get(path.at(-1)!) ?? []).map((next) => [...path, next]))
    const closed = longer.find((path) => path.at(-1) === start)
    if (closed !== undefined) return closed as unknown as Cycle
    paths = longer.filter((path) => !seen.has(path.at(-1)!) && seen.add(path.at(-1)!))
  }
  return undefined
}
