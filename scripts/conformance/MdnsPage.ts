/**
 * The table of mDNS as a page.
 */
import { findings, grid, heads, notes } from "./Grid.ts"
import * as Mdns from "./Mdns.ts"
import { scenarios } from "./scenarios.ts"
import * as Table from "./Table.ts"

type Row = Table.Row<Mdns.Row>

/** The page. */
export const render = (table: ReadonlyArray<Row>): string => {
  const documents = Array.from(new Set(table.map(Mdns.documentOf)))
  return `# Conformance of mDNS and DNS-SD

Every clause of RFC 6762 and RFC 6763 that says what an implementation does, and cases that broke deployed implementations, with the tests that
prove them. Made by \`pnpm conformance\`, not by hand; \`conformance.json\` names every test.

${summary(table)}

**unit** counts tests of a part, **simulated** those through the whole library on a simulated LAN in virtual time, **real** those on real sockets,
beside other implementations. A role is Q for queriers, R for responders, B for both, T for sockets, A for what an application sees.

${
    documents.map((document) => part(document, table.filter((row) => Mdns.documentOf(row) === document))).join(
      "\n\n"
    )
  }

## Scenarios of Apple's conformance tool

${grid(["scenario", "rows", "status"], scenarios.map((scenario) => played(table, scenario)))}

## Notes

${notes(table)}
`
}

/** What the table says in short. */
export const summary = (table: ReadonlyArray<Row>): string => {
  const [must, should, may] = (["MUST", "SHOULD", "MAY"] as const).map((strength) => Table.score(table, strength))
  const share = ({ applicable, passed }: { readonly passed: number; readonly applicable: number }) =>
    `${passed} of ${applicable}`
  return `**${share(must!)} MUST rows pass, ${share(should!)} SHOULD rows, ${
    share(may!)
  } others.** Of ${table.length} rows ${Table.provenIn(table, "simulated")} have a test in the simulated network, ${
    Table.provenIn(table, "real")
  } one on real sockets.`
}

const part = (document: string, rows: ReadonlyArray<Row>): string =>
  `## ${document}\n\n${grid(["id", "level", "role", "what it asks for", ...heads], rows.map(line))}`

const line = (row: Row): ReadonlyArray<string> => [
  row.id,
  row.level,
  row.role,
  row.requirement,
  ...findings(row)
]

const played = (table: ReadonlyArray<Row>, [name, ids]: typeof scenarios[number]): ReadonlyArray<string> => {
  const isPassed = ids.every((id) => table.some((row) => row.id === id && row.status === "pass"))
  return [name, ids.join(" "), isPassed ? "pass" : "**not yet**"]
}
