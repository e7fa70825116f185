/**
 * What a program gave, as text that is the same in every run that gives the same.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** @internal */
export const format = (value: unknown): string => {
  if (value instanceof Error) return formatError(value)
  return Result.getOrElse(Result.try(() => JSON.stringify(value, plain)), () => "cyclic data") ?? typeof value
}

/** @internal What an error says, or where it says nothing, as those of sockets do, what its reason or cause says. */
export const message = (error: Error): string => {
  let told: unknown = error
  for (let depth = 0; told instanceof Error && depth < deepest; depth++) {
    if (told.message !== "") return told.message
    told = told.cause ?? ("reason" in told ? told.reason : undefined)
  }
  return ""
}

// of causes, which may well go round
const deepest = 8

const formatError = (error: Error): string => {
  const fields = JSON.stringify(fieldsOf(error), plain)
  return `${error.name} ${error.message}${fields === "{}" ? "" : ` ${fields}`}`
}

const told = new Set(["name", "message", "stack", "_tag"])

const fieldsOf = (error: Error) => Object.fromEntries(Object.entries(error).filter(([name]) => !told.has(name)))

// What is neither data nor an error, such as a service or a fiber, says nothing of how a run went.
const plain = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  // who interrupted is a number of the process, not of the run
  if ("_tag" in value && value._tag === "Interrupt" && "fiberId" in value) return "interruption"
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return value
  if (value instanceof Error) return `${value.name} ${value.message}`
  if (value instanceof Map || value instanceof Set || value instanceof Uint8Array) {
    return [...value as Iterable<unknown>]
  }
  const isData = value instanceof Data.Class || Schema.isSchema(prototype.constructor)
  return isData ? { ...value } : prototype.constructor.name
}
