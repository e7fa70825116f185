import { assert, describe, it } from "@effect/vitest"
import { Effect, Terminal } from "effect"
import * as Screen from "../../src/internal/cli/Screen.ts"

const unused = Effect.die("unused")

/** A terminal that keeps what it is told to display. */
const terminal = () => {
  const shown: Array<string> = []
  const size = { columns: 10 }
  const service = Terminal.make({
    columns: Effect.sync(() => size.columns),
    rows: Effect.succeed(24),
    size: unused,
    readInput: unused,
    readLine: unused,
    display: (text) => Effect.sync(() => void shown.push(text))
  })
  return { shown, size, provide: Effect.provideService(Terminal.Terminal, service) }
}

describe("open", () => {
  it.effect("hides the cursor until the scope closes", () => {
    const { provide, shown } = terminal()
    return Effect.gen(function*() {
      yield* Effect.scoped(Screen.open({ isBold: false }))

      assert.deepStrictEqual(shown, ["\u001b[?25l", "\u001b[?25h"])
    }).pipe(provide)
  })

  it.effect("draws in the place of what was drawn, and only what is new", () => {
    const { provide, shown } = terminal()
    return Effect.gen(function*() {
      const screen = yield* Screen.open({ isBold: false })
      yield* screen.draw(["one", "two"])
      yield* screen.draw(["one", "two"])
      yield* screen.draw(["one"])

      assert.deepStrictEqual(shown.slice(1), ["one\ntwo\n", "\u001b[2A\u001b[Jone\n"])
    }).pipe(provide)
  })

  it.effect("takes away also what has wrapped in a terminal made narrower", () => {
    const { provide, shown, size } = terminal()
    return Effect.gen(function*() {
      const screen = yield* Screen.open({ isBold: false })
      yield* screen.draw(["0123456789", "a"])
      size.columns = 5
      yield* screen.draw(["01234", "a"])

      assert.strictEqual(shown.at(-1), "\u001b[3A\u001b[J01234\na\n")
    }).pipe(provide)
  })

  it.effect("takes away what has wrapped also before other lines, and splits no wide letter", () => {
    const { provide, shown, size } = terminal()
    return Effect.gen(function*() {
      const screen = yield* Screen.open({ isBold: false })
      yield* screen.draw(["研究室研究"])
      size.columns = 5
      yield* screen.makeWay(Effect.sync(() => shown.push("other\n")))

      assert.deepStrictEqual(shown.slice(-2), ["\u001b[3A\u001b[J", "other\n"])
    }).pipe(provide)
  })

  it.effect("makes way for other lines", () => {
    const { provide, shown } = terminal()
    return Effect.gen(function*() {
      const screen = yield* Screen.open({ isBold: true })
      yield* screen.draw(["one"])
      yield* screen.makeWay(Effect.sync(() => shown.push("other\n")))
      yield* screen.draw(["one"])

      assert.deepStrictEqual(shown.slice(1), [
        "\u001b[1mone\u001b[0m\n",
        "\u001b[1A\u001b[J",
        "other\n",
        "\u001b[1mone\u001b[0m\n"
      ])
    }).pipe(provide)
  })
})
