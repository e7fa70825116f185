/**
 * What makes a datagram mean something else than it did when it was heard before.
 *
 * Nearly always it is something about the records of one host, and says nothing of the datagrams of others: so each source of records has an
 * era of its own. A network of thousands, of which some change all the time, would else never be at rest.
 */
import * as Origins from "../../../internal/Origins.ts"
import type * as State from "./State.ts"

/** Something about a record: whoever says that, or something else of its name, may mean something else by it. */
export const ofEntry = (self: State.Querier, { node, source }: State.Entry): void => {
  self.disturbances++
  source.era++
  // what one shared pointer says is nothing to the others, but a unique one would replace it
  ofRecords(node)
}

/** Something about a name, such as that it is asked for. */
export const ofNode = (self: State.Querier, node: State.Node | undefined): void => {
  self.disturbances++
  // what nobody wanted until now may be kept when it is heard again
  self.wants++
  if (node !== undefined) ofRecords(node)
}

const ofRecords = ({ index, last }: State.Node): void => {
  if (index !== undefined) {
    for (const source of index.sources.keys()) source.era++
    return
  }
  let entry = last
  do {
    if (entry === undefined) return
    entry.source.era++
    entry = entry.next
  } while (entry !== last)
}

/** Something about whatever a source says. */
export const ofSource = (self: State.Querier, host: string): void => {
  self.disturbances++
  const source = Origins.get(self.cache.sources.byHost, host)
  if (source !== undefined) source.era++
}
