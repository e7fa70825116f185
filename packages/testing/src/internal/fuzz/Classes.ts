/**
 * The kinds of behaviour that a run showed.
 */
import type { Op, Outcome, Program, Step } from "../../SocketProgram.ts"
import * as Compare from "./Compare.ts"

interface Seen {
  readonly sockets: Map<string, Extract<Op, { readonly op: "open" }>>
  /** The groups each socket has joined. */
  readonly joined: Map<string, Set<string>>
  readonly classes: Set<string>
  isShaken: boolean
}

/** @internal */
export const of = (program: Program, outcome: Outcome): ReadonlySet<string> => {
  const seen: Seen = { sockets: new Map(), joined: new Map(), classes: new Set(), isShaken: false }
  for (const [at, op] of program.ops.entries()) {
    const step = outcome[at]
    if (step !== undefined && step.result !== "skipped") look(seen, program, op, step)
  }
  return seen.classes
}

const look = (seen: Seen, program: Program, op: Op, step: Step): void => {
  const { classes, joined, sockets } = seen
  if (!step.result.startsWith("ok")) classes.add(`${op.op} fails with ${step.result.split(" ")[0]}`)
  else if (op.op === "open") sockets.set(op.socket, op)
  else if (op.op === "join") joined.set(op.socket, (joined.get(op.socket) ?? new Set()).add(op.options.group))
  else if (op.op === "interface") seen.isShaken = true
  for (const codes of Object.values(step.errors)) for (const code of codes) classes.add(`told of ${code}`)
  if (op.op === "send") { for (const [socket] of Object.entries(step.received)) arrival(seen, program, op, socket) }
}

const arrival = (
  { classes, isShaken, joined, sockets }: Seen,
  program: Program,
  op: Extract<Op, { readonly op: "send" }>,
  receiver: string
): void => {
  const [from, to] = [sockets.get(op.socket), sockets.get(receiver)]
  if (from === undefined || to === undefined) return
  const address = Compare.addressOf(program, op)
  const kind = kindOf(address)
  classes.add(`${kind} ${address.startsWith("[") && !address.includes("::ffff:") ? "IPv6" : "IPv4"}`)
  if (from.host === to.host) classes.add(`${kind} to the sending host`)
  if (op.socket === receiver) classes.add(`${kind} to the sending socket`)
  if (kind === "multicast") {
    const group = address.replace(/^\[?(::ffff:)?/, "").replace(/[\]%:].*$/, "")
    const isJoined = Array.from(joined.get(receiver) ?? []).includes(group)
    classes.add(isJoined ? "multicast to a socket that joined" : "multicast to a socket that never joined")
  }
  if (to.options.dualStack === true && from.options.family === "IPv4") {
    classes.add(`${kind} IPv4 to a dual-stack socket`)
  }
  if (to.options.reusePort === true) classes.add(`${kind} to a reusePort socket`)
  if (to.options.connect !== undefined) classes.add(`${kind} to a connected socket`)
  if (to.options.address !== undefined) classes.add(`${kind} to a socket bound to an address`)
  if (op.payloads[0] === "") classes.add("an empty datagram")
  if (op.payloads.length > 1) classes.add("a burst")
  if (typeof op.payloads[0] === "object") classes.add("a large datagram")
  if (isShaken) classes.add("after a change of an interface")
}

const kindOf = (address: string): "broadcast" | "multicast" | "unicast" => {
  if (!Compare.isToMany(address)) return "unicast"
  return /\.255[:\]]/.test(address) ? "broadcast" : "multicast"
}
