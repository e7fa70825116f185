/**
 * A part of the terminal that is drawn again and again in place.
 */
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Semaphore from "effect/Semaphore"
import * as Terminal from "effect/Terminal"
import * as Display from "../../Display.ts"
import type * as PeerTable from "./PeerTable.ts"

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
const bold = (line: string): string => `\u001b[1m${line}\u001b[0m`
const upAndErase = (lines: number): string => `\u001b[${lines}A\u001b[J`

/** Shows lines in the place of those before. */
export interface Screen {
  readonly size: Effect.Effect<PeerTable.Size>
  readonly draw: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError.PlatformError>
  /** Takes the lines away while something else is written, which then stands above them. */
  readonly makeWay: <A, E, R>(write: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PlatformError.PlatformError, R>
}

/** Takes over the terminal, without the cursor, which is back when the scope closes. `isBold` for the first line. */
export const open = Effect.fnUntraced(function*(options: { readonly isBold: boolean }) {
  const terminal = yield* Terminal.Terminal
  const turn = Semaphore.withPermit(yield* Semaphore.make(1))
  let drawn: ReadonlyArray<string> = []
  let columns = 0
  yield* Effect.acquireRelease(
    terminal.display(hideCursor),
    () => Effect.ignore(terminal.display(showCursor))
  )

  const size = Effect.all({ columns: terminal.columns, rows: terminal.rows }).pipe(
    Effect.map(({ columns, rows }) => ({ columns: columns || 80, rows: rows || 24 }))
  )

  // lines that were drawn wider wrap when the terminal gets narrower, and then take more rows than there are lines
  const rowsTaken = (now: number) => drawn.reduce((rows, line) => rows + (now < columns ? rowsOf(line, now) : 1), 0)

  const draw = (lines: ReadonlyArray<string>) =>
    Effect.flatMap(size, (now) => {
      if (now.columns === columns && isSame(drawn, lines)) return Effect.void
      const erase = drawn.length === 0 ? "" : upAndErase(rowsTaken(now.columns))
      drawn = lines
      columns = now.columns
      const text = lines.map((line, at) => at === 0 && options.isBold ? bold(line) : line).join("\n")
      return terminal.display(`${erase}${text}\n`)
    })

  const screen: Screen = {
    size,
    draw: (lines) => turn(draw(lines)),
    makeWay: (write) =>
      turn(Effect.flatMap(size, (now) => {
        const erase = drawn.length === 0 ? Effect.void : terminal.display(upAndErase(rowsTaken(now.columns)))
        drawn = []
        return Effect.andThen(erase, write)
      }))
  }
  return screen
})

// a letter of two columns is never split: it goes to the next row when one column is left
const rowsOf = (line: string, columns: number): number => {
  let rows = 1
  let used = 0
  for (const character of line) {
    const width = Display.width(character)
    if (used + width > columns) {
      rows++
      used = 0
    }
    used += width
  }
  return rows
}

const isSame = (self: ReadonlyArray<string>, that: ReadonlyArray<string>): boolean =>
  self.length === that.length && self.every((line, at) => line === that[at])
