/**
 * What the library logs, on standard error: standard output is for what was asked for.
 */
import * as Cause from "effect/Cause"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Display from "../../Display.ts"

// a key and its value may each be anything
const annotation = ([key, value]: readonly [string, unknown]): string =>
  `${Display.display(key)}=${Display.display(typeof value === "string" ? value : Display.json(value ?? null))}`

/** One line for an event: what happened and why, then what it happened to, each shown as it can do no harm (S-D2). */
export const format = Logger.make<unknown, string>(({ cause, fiber, logLevel, message }) => {
  const annotations = Object.entries(fiber.getRef(References.CurrentLogAnnotations))
  const parts = Array.isArray(message) ? message : [message]
  const words = parts.map((part) => Display.display(typeof part === "string" ? part : Display.json(part ?? null), 500))
  const reasons = Cause.prettyErrors(cause).map((error) => Display.display(error.message, 500))
  return [`discover: ${logLevel.toLowerCase()}:`, ...words, ...reasons, ...annotations.map(annotation)].join(" ")
})

/** Writes them. */
export const layer = Logger.layer([Logger.withConsoleError(format)])
