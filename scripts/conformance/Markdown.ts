/**
 * The table of conformance as a page.
 */
import * as Checklist from "./Checklist.ts"
import { scenarios } from "./scenarios.ts"
import * as Table from "./Table.ts"

/** The page. */
export const render = (table: ReadonlyArray<Table.Row>): string => {
  const documents = Array.from(new Set(table.map(Checklist.documentOf)))
  return `# Conformance of mDNS and DNS-SD

Every clause of RFC 6762 and RFC 6763 that says what an implementation does, and cases that broke deployed implementations, with the tests that
prove them. Made by \`pnpm conformance\`, not by hand; \`conformance.json\` names every test.

${summary(table)}

**unit** counts tests of a part, **simulated** those through the whole library on a simulated LAN in virtual time, **real** those on real sockets,
beside other implementations. A role is Q for queriers, R for responders, B for both, T for sockets, A for what an application sees.

${
    documents.map((document) => part(document, table.filter((row) => Checklist.documentOf(row) === document))).join(
      "\n\n"
    )
  }

## Scenarios of Apple's conformance tool

${grid(["scenario", "rows", "status"], scenarios.map((scenario) => played(table, scenario)))}

## Notes

${table.flatMap(({ id, note }) => note === undefined ? [] : [`- **${id}**: ${note}`]).join("\n")}
`
}

/** What the table says in short. */
export const summary = (table: ReadonlyArray<Table.Row>): string => {
  const [must, should, may] = (["MUST", "SHOULD", "MAY"] as const).map((strength) => Table.score(table, strength))
  const share = ({ applicable, passed }: { readonly passed: number; readonly applicable: number }) =>
    `${passed} of ${applicable}`
  return `**${share(must!)} MUST rows pass, ${share(should!)} SHOULD rows, ${
    share(may!)
  } others.** Of ${table.length} rows ${Table.provenIn(table, "simulated")} have a test in the simulated network, ${
    Table.provenIn(table, "real")
  } one on real sockets.`
}

const part = (document: string, rows: ReadonlyArray<Table.Row>): string =>
  `## ${document}\n\n${
    grid(["id", "level", "role", "what it asks for", "status", "unit", "simulated", "real"], rows.map(line))
  }`

const line = (row: Table.Row): ReadonlyArray<string> => [
  row.id,
  row.level,
  row.role,
  row.requirement,
  row.status === "pass" ? "pass" : `**${row.status}**`,
  ...(["unit", "simulated", "real"] as const).map((place) => count(row, place))
]

const played = (table: ReadonlyArray<Table.Row>, [name, ids]: typeof scenarios[number]): ReadonlyArray<string> => {
  const isPassed = ids.every((id) => table.some((row) => row.id === id && row.status === "pass"))
  return [name, ids.join(" "), isPassed ? "pass" : "**not yet**"]
}

const count = ({ seeds, tests }: Table.Row, place: Table.Place): string => {
  const { length } = tests.filter(({ file }) => Table.placeOf(file) === place)
  if (length === 0) return ""
  return place === "simulated" && seeds !== undefined ? `${length} (${seeds} seeds)` : `${length}`
}

const grid = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll("|", "\\|")))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n")
}
