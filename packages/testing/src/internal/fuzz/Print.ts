/**
 * Programs and what became of them, for people.
 */
import type { Difference, Op, Outcome, Program, Step } from "../../SocketProgram.ts"

/** @internal */
export const program = ({ ops, place, seed }: Program, outcome?: Outcome): string =>
  [
    `${place}, seed ${seed}`,
    ...ops.map((each, at) => {
      const became = outcome?.[at]
      return `${String(at + 1).padStart(3)}  ${op(each)}${became === undefined ? "" : `   -> ${step(became)}`}`
    })
  ].join("\n")

/** @internal */
export const difference = (self: Program, { at, real, simulated }: Difference): string =>
  [
    program({ ...self, ops: self.ops.slice(0, at + 1) }),
    `     simulated: ${step(simulated)}`,
    `     real:      ${step(real)}`
  ].join("\n")

const op = (self: Op): string => {
  switch (self.op) {
    case "open":
      return `${self.socket} = ${self.host} open ${[...options(self.options), `port ${self.port}`].join(" ")}`
    case "join": {
      const { group, interface: chosen, source } = self.options
      const where = `${chosen === undefined ? "" : ` on ${chosen}`}${source === undefined ? "" : ` from ${source}`}`
      return `${self.membership} = ${self.socket} join ${group}${where}`
    }
    case "leave":
      return `leave ${self.membership}`
    case "send":
      return `${self.socket} send ${self.payloads.map(payload).join(" ")} to ${self.to ?? "its peer"}`
    case "close":
      return `${self.socket} close`
    case "interface":
      return `${self.host} ${self.name} ${typeof self.change === "string" ? self.change : JSON.stringify(self.change)}`
  }
}

const options = (self: Extract<Op, { readonly op: "open" }>["options"]): ReadonlyArray<string> =>
  Object.entries(self).map(([name, value]) => {
    if (name === "family") return String(value)
    return value === true ? name : `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`
  })

const payload = (self: string | { readonly octets: number }): string =>
  typeof self === "string" ? JSON.stringify(self) : `${self.octets} octets`

const step = ({ errors, received, result }: Step): string =>
  [
    result,
    ...Object.entries(received).map(([socket, packets]) => `${socket} got ${packets.join(", ")}`),
    ...Object.entries(errors).map(([socket, codes]) => `${socket} is told ${codes.join(", ")}`)
  ].join("; ")
