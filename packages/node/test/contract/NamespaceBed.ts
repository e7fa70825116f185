/**
 * The bed of the network contract in namespaces of Linux: real sockets of a process for each host.
 */
import type { ContractBed } from "@effect-discovery/testing"
import { Effect, Scope } from "effect"
import * as Agent from "./Agent.ts"
import type { Arrivals, Opened } from "./Calls.ts"
import * as Wiring from "./Wiring.ts"

interface Inbox {
  readonly packets: Array<ContractBed.Packet>
  readonly errors: Array<ContractBed.SocketFailure>
}

/** A host's process, and what is known of the host. */
interface Node {
  readonly name: string
  readonly agent: Agent.Agent
  readonly inboxes: Map<number, Inbox>
  isPaused: boolean
  /** Whether its interfaces or routes are not as they were at first. */
  isChanged: boolean
}

/** The hosts of the bed. */
export type Name = Parameters<ContractBed.Bed["host"]>[0]

/** Which hosts there are, all by default, and whether they know each other's addresses of the link beforehand. */
export interface Options {
  readonly hosts?: ReadonlyArray<Name> | undefined
  readonly isAcquainted?: boolean | undefined
}

/** What it can do. */
export const capabilities: ReadonlySet<ContractBed.Capability> = new Set(
  [
    "segments",
    "ipv6",
    "interfaces",
    "routes",
    "pause",
    "privileged",
    "router",
    "plainRouter",
    "rejections"
  ] as const
)

/** Builds the bed; it goes with the scope. */
export const make = Effect.fnUntraced(function*(
  { hosts: names = ["h1", "h2", "h3", "h4", "r"], isAcquainted = false }: Options = {}
): Effect.fn.Return<ContractBed.Bed, never, Scope.Scope> {
  const wiring = yield* Wiring.make({ hosts: names, isAcquainted })
  const nodes = new Map(
    yield* Effect.forEach(
      names,
      (name) =>
        Effect.map(
          Agent.start(wiring.namespace(name), name),
          (agent) => [name, { name, agent, inboxes: new Map(), isPaused: false, isChanged: false }] as [Name, Node]
        ),
      {
        concurrency: "unbounded"
      }
    )
  )
  const lab = new Lab(wiring, nodes)
  const hosts = new Map(names.map((name) => [name, makeHost(lab, nodes.get(name)!)]))
  let port = 20_000
  return {
    name: "namespaces",
    tier: "t2",
    capabilities,
    host: (name) => hosts.get(name)!,
    settle: lab.settle,
    port: Effect.sync(() => port === 30_000 ? (port = 20_000) : ++port),
    reset: Effect.forEach(Array.from(nodes.values()), (node) => reset(lab, node), { discard: true })
  }
})

class Lab {
  readonly wiring: Wiring.Wiring
  private readonly nodes: ReadonlyMap<string, Node>
  // nothing was done since it was last settled
  private isSettled = false

  constructor(wiring: Wiring.Wiring, nodes: ReadonlyMap<string, Node>) {
    this.wiring = wiring
    this.nodes = nodes
  }

  /** From now on something may be under way. */
  disturb(): void {
    this.isSettled = false
  }

  /** Asks a host to do something. */
  ask<A>(node: Node, call: Parameters<Agent.Agent["ask"]>[0]): Effect.Effect<A, ContractBed.SocketFailure> {
    return Effect.suspend(() => {
      this.disturb()
      return node.agent.ask<A>(call)
    })
  }

  /** Changes a host from outside. */
  change(node: Node, how: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.disturb()
      node.isChanged = true
      return how
    })
  }

  // A send returns once veth and bridge have handed the datagram over, so all that was sent is there to be read.
  readonly settle: Effect.Effect<void> = Effect.suspend(() => {
    if (this.isSettled) return Effect.void
    const awake = Array.from(this.nodes.values()).filter(({ isPaused }) => !isPaused)
    return Effect.forEach(awake, collect, { concurrency: "unbounded", discard: true }).pipe(
      Effect.tap(() => Effect.sync(() => (this.isSettled = true)))
    )
  })
}

const collect = (node: Node): Effect.Effect<void> =>
  Effect.map(
    Effect.orDie(node.agent.ask<ReadonlyArray<Arrivals>>({ call: "settle" })),
    (arrivals) => {
      for (const { errors, packets, socket } of arrivals) {
        const inbox = node.inboxes.get(socket)
        inbox?.packets.push(...packets)
        inbox?.errors.push(...errors.map(Agent.failure))
      }
    }
  )

const makeHost = (lab: Lab, node: Node): ContractBed.ContractHost => {
  const { name } = node
  const interfaces = Effect.orDie(lab.ask<ReadonlyArray<ContractBed.ListedInterface>>(node, { call: "interfaces" }))
  return {
    name,
    a: Wiring.attachment(name, "A"),
    b: Wiring.attachment(name, "B"),
    interfaces,
    indexOf: (wanted) => Effect.map(interfaces, (all) => all.find((each) => each.name === wanted)?.index ?? 0),
    open: (options) =>
      Effect.gen(function*() {
        const scope = yield* Effect.scope
        const opened = yield* lab.ask<Opened>(node, { call: "open", options })
        const socket = makeSocket(lab, node, opened)
        yield* Scope.addFinalizer(scope, socket.close)
        return socket
      }),
    interface: (wanted) => control(lab, node, wanted),
    defaultRoute: (wanted) => lab.change(node, lab.wiring.defaultRoute(name, wanted)),
    whilePaused: (self) => Effect.acquireUseRelease(pause(lab, node, true), () => self, () => pause(lab, node, false))
  }
}

const pause = (lab: Lab, node: Node, isPaused: boolean): Effect.Effect<void> =>
  Effect.sync(() => {
    lab.disturb()
    node.isPaused = isPaused
    process.kill(node.agent.pid, isPaused ? "SIGSTOP" : "SIGCONT")
  })

const makeSocket = (lab: Lab, node: Node, { address, port, socket }: Opened): ContractBed.ContractSocket => {
  const inbox: Inbox = { packets: [], errors: [] }
  node.inboxes.set(socket, inbox)
  let isOpen = true
  return {
    address,
    port,
    join: (options) =>
      Effect.map(
        lab.ask<number>(node, { call: "join", socket, options }),
        (membership) => ({ leave: Effect.orDie(lab.ask<void>(node, { call: "leave", membership })) })
      ),
    send: (payload, to) => lab.ask<void>(node, { call: "send", socket, payload, to }),
    sendAll: (payloads, to) => lab.ask<void>(node, { call: "sendAll", socket, payloads, to }),
    received: Effect.andThen(lab.settle, Effect.sync(() => inbox.packets.splice(0))),
    errors: Effect.andThen(lab.settle, Effect.sync(() => inbox.errors.splice(0))),
    close: Effect.suspend(() => {
      if (!isOpen) return Effect.void
      isOpen = false
      return Effect.orDie(lab.ask<void>(node, { call: "close", socket }))
    })
  }
}

const control = (lab: Lab, node: Node, name: string): ContractBed.InterfaceControl => {
  const ip = (commands: string) => lab.change(node, lab.wiring.ip(node.name, commands))
  return {
    down: ip(`link set ${name} down`),
    up: lab.change(node, lab.wiring.up(node.name, name)),
    carrier: (isThere) => lab.change(node, lab.wiring.carrier(node.name, name, isThere)),
    addAddress: (address) => ip(`addr add ${address} dev ${name} ${address.includes(":") ? "nodad" : "broadcast +"}`),
    removeAddress: (address) => ip(`addr del ${address} dev ${name}`),
    remove: ip(`link del ${name}`),
    recreate: lab.change(node, lab.wiring.recreate(node.name, name)),
    mtu: (octets) => ip(`link set ${name} mtu ${octets}`)
  }
}

const reset = (lab: Lab, node: Node): Effect.Effect<void> =>
  Effect.suspend(() => {
    for (const [id] of node.inboxes) node.inboxes.delete(id)
    if (!node.isChanged) return Effect.void
    return Effect.forEach(Object.keys(Wiring.hosts[node.name]!), (name) => lab.wiring.recreate(node.name, name), {
      discard: true
    }).pipe(Effect.tap(() => Effect.sync(() => (node.isChanged = false))))
  })
