/**
 * How the command tells of its usage: help on standard output when asked for it, and what was wrong in one line on standard error.
 */
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Display from "../../Display.ts"

/** What invalid usage is told by. */
export const presenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "InvalidInvocation":
        return Effect.forEach(event.errors, (error) => Console.error(describe(error, event.commandPath)), {
          discard: true
        })
      case "Version":
        return Console.log(event.version)
      case "Help":
        return CliOutput.defaultPresenter.present(event)
    }
  }
}

const describe = (error: CliError.NonShowHelpErrors, commandPath: ReadonlyArray<string>): string => {
  const [first = ""] = error.message.split("\n")
  const suggestion = "suggestions" in error && error.suggestions.length > 0
    ? ` Did you mean ${error.suggestions.join(" or ")}?`
    : ""
  const problem = Display.display(`${first.replace(/\.$/, "")}.${suggestion}`, 1_000)
  return `discover: ${problem} See ${commandPath.join(" ")} --help.`
}
