/**
 * Where two runs of a program differ, apart from what may differ.
 */
import * as Equal from "effect/Equal"
import type { Difference, Op, Outcome, Program, Step } from "../../SocketProgram.ts"

/** @internal */
export const difference = (program: Program, simulated: Outcome, real: Outcome): Difference | undefined => {
  const shared = sharing(program.ops)
  for (const [at, op] of program.ops.entries()) {
    const [one, other] = [simulated[at], real[at]]
    if (one === undefined || other === undefined) return undefined
    if (op.op === "send" && op.payloads.length > 1 && (isRefused(one) || isRefused(other))) continue
    const isUnicast = op.op === "send" && !isToMany(addressOf(program, op))
    if (!Equal.equals(normal(one, isUnicast, shared), normal(other, isUnicast, shared))) {
      return { at, simulated: one, real: other }
    }
  }
  return undefined
}

// Rule 78: whether the next send of a burst fails or the socket is told, is a race of that send with the ICMP message.
const isRefused = ({ errors, result }: Step): boolean =>
  result.startsWith("ECONNREFUSED") || Object.values(errors).some((codes) => codes.includes("ECONNREFUSED"))

/** @internal Where a datagram goes, as the program has it. */
export const addressOf = (program: Program, { socket, to }: Extract<Op, { readonly op: "send" }>): string => {
  const opened = program.ops.find((op) => op.op === "open" && op.socket === socket)
  return to ?? (opened?.op === "open" ? opened.options.connect ?? "" : "")
}

/** @internal Whether every matching socket gets a copy. */
export const isToMany = (address: string): boolean =>
  /^\[?(::ffff:)?(\{g|224\.|ff0|255\.255|127\.255)/.test(address) || /\.255:/.test(address)

const normal = (step: Step, isUnicast: boolean, shared: ReadonlyMap<string, string>): Step => {
  if (!isUnicast) return step
  // Rule 21: which of the sockets that share by `reusePort` gets it is the choice of a hash.
  const received: Record<string, ReadonlyArray<string>> = {}
  for (const [socket, packets] of Object.entries(step.received)) {
    const holder = shared.get(socket) ?? socket
    received[holder] = [...received[holder] ?? [], ...packets].toSorted()
  }
  return { ...step, received }
}

/** Sockets that share a port by `reusePort`, each with what it has in common with the others. */
const sharing = (ops: ReadonlyArray<Op>): ReadonlyMap<string, string> =>
  new Map(ops.flatMap((op) => {
    if (op.op !== "open" || op.options.reusePort !== true || op.options.connect !== undefined) return []
    const { dualStack, family, scope } = op.options
    const { address = family === "IPv4" ? "0.0.0.0" : "::" } = op.options
    return [[op.socket, JSON.stringify([op.host, op.port, family, address, scope, dualStack])] as const]
  }))
