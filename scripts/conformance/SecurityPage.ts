/**
 * The table of security as a page, after what it defends against.
 */
import { findings, grid, heads, notes } from "./Grid.ts"
import * as Security from "./Security.ts"
import * as Table from "./Table.ts"

/** The page. */
export const render = (table: ReadonlyArray<Table.Row>): string => {
  const parts = Array.from(new Set(table.map(Security.partOf)))
  const noted = notes(table)
  return `# Security

${model}

## The rules

Every rule has tests that name it. Made by \`pnpm conformance\`, not by hand; \`security.json\` names every test.

${summary(table)}

**unit** counts tests of a part, **simulated** those through the whole library on a simulated LAN in virtual time, **real** those on real sockets.

${parts.map((name) => part(name, table.filter((row) => Security.partOf(row) === name))).join("\n\n")}
${noted === "" ? "" : `\n## Notes\n\n${noted}\n`}`
}

const attackers = [
  ["a host elsewhere", "send to our ports, if something routes it there", "speak on the link"],
  [
    "any host on the link",
    "send anything from any address, as fast as the link carries, and hear, repeat, hold back or race everybody else",
    "read what a group sealed, or sign for a key"
  ],
  [
    "the holder of a key that nobody trusts",
    "announce under as many keys as it likes, each validly signed",
    "be dialed under the default policy"
  ],
  ["a member of the group", "the same inside the seal", "sign for another member"],
  [
    "a peer that is trusted",
    "claim any name and address for itself",
    "speak for others, or take more room than one key has"
  ],
  ["whoever runs the program", "choose the wrong interface, clock or file", ""]
]

const model =
  `Discovery is a hint. An announcement says that somebody claimed an address a moment ago; a signed one says that somebody who holds a key did.
That the holder of the key is _at_ that address is shown by the connection alone, when its handshake proves the key. So a peer is a reason to
dial, never a reason to trust what answers, and no event of discovery ends a connection that works.

## Who could do what

${grid(["who", "can", "cannot"], attackers)}

What is not defended against: a jammed link, a fault of the system's kernel, and whoever stole a private key, beside retiring it. That somebody
is present on a link can always be seen there.

## What is kept safe

- **The process.** Whatever arrives is decoded or refused with a word; nothing throws, hangs or grows without a bound.
- **The memory.** Every structure has a cap, and when it is full a flood displaces itself before it displaces who was there first.
- **The network.** A datagram makes us send less than it would take to be worth sending us one.
- **The list of peers.** Nobody overwrites what another source said, and nobody's goodbye ends what was signed.
- **The decision to connect.** Only keys that are trusted are dialed, unless the program chose another policy.
- **Who reads the screen.** Names are data: what would move a cursor, hide or turn text is spelled out.
- **Who would rather not be seen.** Listening sends nothing, and default names say nothing.`

/** What the table says in short. */
export const summary = (table: ReadonlyArray<Table.Row>): string => {
  const { applicable, passed } = Table.score(table, "MUST")
  return `**${passed} of ${applicable} rules of security have tests that pass.** Of them ${
    Table.provenIn(table, "simulated")
  } have a test in the simulated network, ${Table.provenIn(table, "real")} one on real sockets.`
}

const part = (name: string, rows: ReadonlyArray<Table.Row>): string =>
  `### ${name}\n\n${grid(["id", "what it asks for", ...heads], rows.map(line))}`

const line = (row: Table.Row): ReadonlyArray<string> => [row.id, row.requirement, ...findings(row)]
