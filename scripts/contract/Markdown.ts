/**
 * The table of the contract as a page.
 */
import * as Table from "./Table.ts"
import { unsaid } from "./unsaid.ts"

const names: { readonly [layer: string]: string } = {
  simulated: "simulated",
  t1: "loopback (t1)",
  t2: "namespaces (t2)",
  raw: "`node:dgram`"
}

/** The page. */
export const render = (table: Table.Table): string => {
  const reasons = new Map<string, number>()
  const rows = table.rules.map((rule) => row(rule, reasons))
  const notes = table.rules.flatMap(({ note, number }) => note === undefined ? [] : [`- **${number}**: ${note}`])
  return `# The network contract

What sockets do, rule by rule, and on which implementations of \`Network\` tests have shown it. Made by \`pnpm contract\`, not by hand.

${summary(table)}

A number is how many tests passed; a letter stands for the reason why there is none. A rule's mark tells how it was checked when it was
written down: **V** by experiment, **V\\*** by experiment against what documentation says, **D** from documentation. Tier **t1** can be shown on
the loopback interface, **t2** in network namespaces, **t3** on a simulated network only. The system is the one whose behaviour it
is: any, Linux, or Node.js. Where a rule is about the socket object of Node.js, 99 to 116 above all, its title is what \`Network\` promises in its
place, and the last column is the rule itself.

${grid(["rule", "what it says", "mark", "tier", "system", ...Table.layers.map((layer) => names[layer]!)], rows)}

## Reasons

${Array.from(reasons, ([reason, index]) => `- **${letter(index)}**: ${reason}`).join("\n")}

## Where real sockets say more than the rule

${notes.join("\n")}

## What the rules do not say

Random programs, run alike on simulated and on real sockets (\`pnpm contract:fuzz\`), found what the text of these rules leaves out. The
simulation does as Linux does.

${unsaid.map(([rule, what]) => `- **${rule}**: ${what}`).join("\n")}
`
}

/** What the table says in short. */
export const summary = (table: Table.Table): string => {
  const { possible, shown } = Table.onRealSockets(table)
  const counts = Table.layers.map((layer) =>
    `${table.rules.filter((rule) => Table.passes(rule, layer)).length} on ${names[layer]}`
  )
  return `**${shown} of ${possible} t1 and t2 rules pass on real sockets** (${table.platform}). Of all ${table.rules.length} rules: ${
    counts.join(", ")
  }.`
}

const row = (rule: Table.Row, reasons: Map<string, number>): ReadonlyArray<string> => [
  `${rule.number}`,
  rule.title,
  rule.mark.replaceAll("*", "\\*"),
  rule.tier,
  rule.system,
  ...Table.layers.map((layer) => cell(rule.layers[layer], reasons))
]

const cell = (self: Table.Cell, reasons: Map<string, number>): string => {
  if ("failed" in self) return self.failed === 0 ? `${self.passed}` : `**${self.failed} failed**`
  if (!reasons.has(self.reason)) reasons.set(self.reason, reasons.size)
  return letter(reasons.get(self.reason)!)
}

const letter = (index: number): string => String.fromCharCode(97 + index)

const grid = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}
