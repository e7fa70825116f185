/**
 * Carries a program out on a bed.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as ContractBed from "../../ContractBed.ts"
import type { HostName, Op, Outcome, Program, Step } from "../../SocketProgram.ts"
import * as Confine from "./Confine.ts"
import * as Interfaces from "./Interfaces.ts"
import { Names } from "./Names.ts"

interface Held {
  readonly host: HostName
  readonly socket: ContractBed.ContractSocket
  readonly options: Extract<Op, { readonly op: "open" }>["options"]
}

interface Running {
  readonly bed: ContractBed.Bed
  readonly names: Names
  /** Whether nothing may leave the machine's loopback interface. */
  readonly isConfined: boolean
  readonly sockets: Map<string, Held>
  readonly memberships: Map<string, Effect.Effect<void>>
  readonly interfaces: Interfaces.States
}

/** @internal */
export const run = (program: Program, bed: ContractBed.Bed): Effect.Effect<Outcome> =>
  Effect.scoped(Effect.gen(function*() {
    const base = yield* bed.port
    // the three ports of a program follow each other
    yield* bed.port
    yield* bed.port
    const running: Running = {
      bed,
      isConfined: program.place === "loopback",
      names: new Names(bed, program.place, base),
      sockets: new Map(),
      memberships: new Map(),
      interfaces: new Map()
    }
    const steps: Array<Step> = []
    for (const op of program.ops) steps.push(yield* step(running, op))
    return steps
  })).pipe(Effect.tap(() => program.ops.some(({ op }) => op === "interface") ? bed.reset : Effect.void))

const step = (running: Running, op: Op): Effect.Effect<Step, never, Scope.Scope> =>
  Effect.gen(function*() {
    const result = yield* Effect.match(carryOut(running, op), {
      onSuccess: (result) => result,
      onFailure: ({ code, kind }) => [code, kind].filter((part) => part !== undefined).join(" ")
    })
    if (op.op !== "send") return { result, received: {}, errors: {} }
    const received: Record<string, ReadonlyArray<string>> = {}
    const errors: Record<string, ReadonlyArray<string>> = {}
    for (const [name, { host, socket }] of running.sockets) {
      const packets = yield* socket.received
      const failures = yield* socket.errors
      // a socket that was opened while the interface was not in the list of Node cannot tell the sender's zone, and drops it
      const known = (yield* told(running, host, packets)).filter((packet) => !packet.includes("%?"))
      if (known.length > 0) received[name] = known
      if (failures.length > 0) errors[name] = failures.map(({ code, kind }) => code ?? kind ?? "")
    }
    return { result, received, errors }
  })

const carryOut = (
  running: Running,
  op: Op
): Effect.Effect<string, ContractBed.SocketFailure, Scope.Scope> => {
  const { isConfined, memberships, names, sockets } = running
  switch (op.op) {
    case "open":
      return open(running, op)
    case "join": {
      const held = sockets.get(op.socket)
      if (held === undefined || !isSeen(running, held.host, op.options.interface)) return skipped
      const { socket } = held
      if (isConfined && !Confine.isJoinKept(op.options)) return skipped
      const { group, interface: chosen, source } = op.options
      const options = { group: names.address(group), interface: chosen, source }
      return Effect.map(socket.join(options), ({ leave }) => {
        memberships.set(op.membership, leave)
        return "ok"
      })
    }
    case "leave": {
      const leave = memberships.get(op.membership)
      memberships.delete(op.membership)
      return leave === undefined ? skipped : Effect.as(leave, "ok")
    }
    case "send": {
      const from = sockets.get(op.socket)
      const to = op.to === undefined ? undefined : names.endpoint(op.to)
      if (from === undefined || (op.to !== undefined && to === undefined)) return skipped
      if (op.to !== undefined && !isZoneSeen(running, from.host, op.to)) return skipped
      if (isConfined && op.to !== undefined && !Confine.isKept(op.to, from.options)) return skipped
      const { socket } = from
      const [first = "", ...rest] = op.payloads
      return Effect.as(rest.length === 0 ? socket.send(first, to) : socket.sendAll(op.payloads, to), "ok")
    }
    case "close": {
      const socket = sockets.get(op.socket)?.socket
      sockets.delete(op.socket)
      return socket === undefined ? skipped : Effect.as(socket.close, "ok")
    }
    case "interface":
      return change(running, op)
  }
}

// Whether the layer above the system names an interface that is down depends on when it has last looked at the list.
const isSeen = ({ interfaces }: Running, host: HostName, name: string | undefined): boolean => {
  if (name === undefined || !name.startsWith("eth")) return true
  return Interfaces.isUsable(Interfaces.of(interfaces, host, name))
}

// So does whether it knows a zone, and with a zone that it still knows the system decides.
const isZoneSeen = (running: Running, host: HostName, to: string): boolean =>
  isSeen(running, host, /%(eth\d)/.exec(to)?.[1])

const skipped = Effect.succeed("skipped")

const open = (
  running: Running,
  { host, options, port, socket: name }: Extract<Op, { readonly op: "open" }>
): Effect.Effect<string, ContractBed.SocketFailure, Scope.Scope> =>
  Effect.gen(function*() {
    const { bed, isConfined, names, sockets } = running
    const number = names.port(port)
    const connect = options.connect === undefined ? undefined : names.endpoint(options.connect)
    if (number === undefined || (options.connect !== undefined && connect === undefined)) return "skipped"
    if (!isSeen(running, host, options.multicast?.interface)) return "skipped"
    if (options.connect !== undefined && !isZoneSeen(running, host, options.connect)) return "skipped"
    if (isConfined && options.connect !== undefined && !Confine.isKept(options.connect, options)) return "skipped"
    const socket = yield* bed.host(host).open({
      ...options,
      port: number,
      address: options.address === undefined ? undefined : names.address(options.address),
      connect
    })
    sockets.set(name, { host, socket, options })
    names.add(name, { host, port: socket.port })
    const known = yield* interfacesFor(running, host, [socket.address])
    return `ok ${names.tellAddress(socket.address, known)} ${names.tellPort(socket.port)}`
  })

/** Changes an interface, unless the change means nothing as it is. */
const change = (running: Running, { change, host, name }: Extract<Op, { readonly op: "interface" }>) => {
  const state = Interfaces.of(running.interfaces, host, name)
  if (!Interfaces.isPossible(state, change)) return skipped
  Interfaces.apply(state, change)
  return Effect.as(Interfaces.carryOut(running.bed.host(host).interface(name), change), "ok")
}

const told = (
  running: Running,
  host: HostName,
  packets: ReadonlyArray<ContractBed.Packet>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    interfacesFor(running, host, packets.map(({ from }) => from)),
    (known) =>
      packets.map(({ from, payload }) =>
        `${running.names.tellEndpoint(from, known)} ${typeof payload === "string" ? `"${payload}"` : payload.octets}`
      )
  )

/** The names of interfaces by their indexes, asked for only where an address has one. */
const interfacesFor = (
  { bed }: Running,
  host: HostName,
  addresses: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<number, string>> =>
  addresses.some((address) => address.includes("%"))
    ? Effect.map(bed.host(host).interfaces, (all) => new Map(all.map(({ index, name }) => [index, name])))
    : Effect.succeed(new Map())
