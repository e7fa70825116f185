/**
 * A host of the contract's bed in a process of its own: it carries out calls, a line of JSON each, on the real network, and answers
 * each with a line.
 *
 * usage: node hostProgram.ts <name>
 */
import { NodeNetwork } from "@effect-discovery/node"
import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
import { Effect, Exit, Scope } from "effect"
import { createInterface } from "node:readline"
import type { Answer, Arrivals, Call } from "./Calls.ts"
import * as Quiet from "./Quiet.ts"
import { Settling } from "./Settling.ts"

const [name = "h1"] = process.argv.slice(2)

interface Held {
  readonly socket: ContractBed.ContractSocket
  isOpen: boolean
}

const program = Effect.gen(function*() {
  const settling = new Settling((self) => Quiet.until(() => self.arrivals))
  const network = settling.watch(yield* NodeNetwork.make())
  const host = NetworkContract.fromNetwork({ name, network, settle: Effect.void })
  const scope = yield* Effect.scope
  const sockets = new Map<number, Held>()
  const memberships = new Map<number, Effect.Effect<void>>()
  let last = 0

  const held = (id: number): ContractBed.ContractSocket => sockets.get(id)!.socket

  const arrivals: Effect.Effect<ReadonlyArray<Arrivals>> = Effect.gen(function*() {
    const all: Array<Arrivals> = []
    for (const [socket, held] of sockets) {
      const packets = yield* held.socket.received
      const errors = yield* held.socket.errors
      if (packets.length + errors.length > 0) all.push({ socket, packets, errors: errors.map(plain) })
    }
    return all
  })

  const settle = Effect.gen(function*() {
    settling.disturb()
    yield* settling.settle
    const all = yield* arrivals
    for (const [id, { isOpen }] of sockets) if (!isOpen) sockets.delete(id)
    return all
  })

  const carryOut = (call: Call): Effect.Effect<unknown, ContractBed.SocketFailure> => {
    switch (call.call) {
      case "open":
        return Effect.map(Scope.provide(host.open(call.options), scope), (socket) => {
          sockets.set(++last, { socket, isOpen: true })
          return { socket: last, address: socket.address, port: socket.port }
        })
      case "join":
        return Effect.map(held(call.socket).join(call.options), ({ leave }) => {
          memberships.set(++last, leave)
          return last
        })
      case "leave":
        return memberships.get(call.membership)!
      case "send":
        return held(call.socket).send(call.payload, call.to)
      case "sendAll":
        return held(call.socket).sendAll(call.payloads, call.to)
      case "close":
        sockets.get(call.socket)!.isOpen = false
        return held(call.socket).close
      case "interfaces":
        return host.interfaces
      case "settle":
        return settle
    }
  }

  yield* Effect.callback<void>((resume) => {
    const lines = createInterface({ input: process.stdin })
    lines.on("line", (line) => {
      const { id, ...call } = JSON.parse(line) as Call & { readonly id: number }
      Effect.runCallback(carryOut(call as Call), { onExit: (exit) => answer(id, exit) })
    })
    lines.on("close", () => resume(Effect.void))
    process.stdout.write("{}\n")
  })
})

const plain = ({ code, description, kind }: ContractBed.SocketFailure) => ({ code, kind, description })

const answer = (id: number, exit: Exit.Exit<unknown, ContractBed.SocketFailure>): void => {
  const answer: Answer = Exit.match(exit, {
    onSuccess: (value): Answer => ({ id, value: value ?? null }),
    onFailure: (cause): Answer => {
      const failure = cause.reasons.find((reason) => reason._tag === "Fail")?.error
      return failure === undefined ? { id, defect: String(cause) } : { id, failure: plain(failure) }
    }
  })
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

// what is open when the bed ends goes with the process
Effect.runPromise(Effect.scoped(program)).then(() => process.exit(0))
