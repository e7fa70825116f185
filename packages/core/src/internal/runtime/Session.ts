/**
 * One protocol on one interface and in one address family: its sockets, its machine and its fibers.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Buggify from "../../Buggify.ts"
import type * as Diagnostic from "../../Diagnostic.ts"
import * as Endpoint from "../../Endpoint.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import type * as PeerRegistry from "../../PeerRegistry.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Intake from "./Intake.ts"
import * as Runner from "./Runner.ts"
import * as Senders from "./Senders.ts"
import * as Shortcut from "./Shortcut.ts"
import * as Sockets from "./Sockets.ts"

/** What a session works with. */
export interface Options extends Sockets.Options {
  readonly protocol: Protocol.Protocol<unknown>
  readonly interfaces: () => ReadonlyArray<NetworkInterface.NetworkInterface>
  readonly seed: number
  readonly report: (report: Diagnostic.Report, count?: number) => void
  /** Hands on what was heard; waits when the registry is behind. */
  readonly emit: (inputs: ReadonlyArray<PeerRegistry.Input>) => Effect.Effect<unknown>
  /** The addresses of all sockets that this source sends from. */
  readonly senders: Senders.Senders
  /** The address that it sends from. */
  readonly from: string
  /** What the source advertises now. */
  readonly advertised: ReadonlyMap<number, Protocol.Advertise>
}

/** The sockets of a session while they are open; `broken` fails when one of them does. */
interface Open {
  readonly writer: DatagramSocket.Writer
  readonly broken: Deferred.Deferred<never, DatagramSocket.DatagramSocketError>
}

/** A session, with or without open sockets. Its machine lives on while its sockets are opened anew. */
export interface Session {
  readonly options: Options
  readonly intake: Intake.Intake
  readonly runner: Runner.Runner<unknown, Protocol.Input, Protocol.Output>
  open: Open | undefined
  /** Whether the session worked since its sockets were opened: it sent, or it heard and had nothing to send. */
  isHealthy: boolean
  /** Goodbyes that could not be sent, since the sockets were being opened anew. */
  owed: ReadonlyArray<Protocol.Output>
  /** Whether another session on the same address has taken over, so that a goodbye would end what that one announces. */
  isReplaced: boolean
}

export const make = Effect.fnUntraced(function*(options: Options) {
  const runner = yield* Runner.runMachine<unknown, Protocol.Input, Protocol.Output>(options.protocol, options.seed)
  const { isPrivileged } = options.protocol
  const intake = Intake.make({
    ...options,
    protocol: {
      ...options.protocol,
      isPrivileged: isPrivileged && ((payload) => isPrivileged(payload, runner.state()))
    },
    isOwn: (host, port) => Senders.has(options.senders, host, port),
    step: runner.step
  }, runner.now())
  const session: Session = {
    options,
    intake,
    runner,
    open: undefined,
    isHealthy: false,
    owed: [],
    isReplaced: false
  }
  return session
})

/**
 * Opens the sockets and serves the protocol until one of them fails. `onOpen` runs once all are open and what is
 * advertised has been announced.
 *
 * When it is interrupted it says goodbye while the sockets are still open, then leaves the groups and closes them.
 */
export const serve = Effect.fnUntraced(
  function*(self: Session, onOpen: Effect.Effect<unknown>) {
    const { advertised, protocol: { hearsReplies = false } } = self.options
    yield* Buggify.inject("session.open.fails", Effect.suspend(() => Effect.fail(unlucky(self))))
    const receivers = yield* Effect.forEach(self.options.endpoints, (endpoint) => openReceiver(self, endpoint))
    const sender = yield* Sockets.sender({ ...self.options, hearsReplies })
    self.isHealthy = false
    const broken = yield* connect(self, sender)
    // a session that failed is to be back soon: only one that is ended says goodbye
    yield* Effect.addFinalizer((exit) => Exit.hasInterrupts(exit) ? sayGoodbye(self) : Effect.void)
    yield* sayOwed(self)
    for (const input of Array.from(advertised.values())) yield* dispatch(self, input)
    yield* onOpen
    const readers: ReadonlyArray<Receiver> = hearsReplies
      ? [...receivers, { endpoint: unicast, reader: sender.reader }]
      : receivers
    for (const receiver of readers) {
      yield* Effect.forkScoped(breaking(broken, receive(self, receiver)), { startImmediately: true })
    }
    const timer = self.runner.timer((outputs) => transmit(self, outputs))
    yield* Effect.forkScoped(breaking(broken, timer), { startImmediately: true })
    return yield* Effect.mapError(
      Deferred.await(broken),
      (error) => Sockets.failure(self.options, Endpoint.format(self.options.endpoints[0]), error)
    )
  },
  Effect.scoped
)

const unicast = { _tag: "Unicast" } as const

interface Receiver {
  readonly endpoint: Intake.Way
  readonly reader: DatagramSocket.Reader
  readonly shortcut?: Shortcut.Shortcut | undefined
}

const openReceiver = (self: Session, endpoint: Endpoint.Endpoint) => {
  const shortcut = self.options.protocol.isIdempotent ? Shortcut.make(atOnce(self), self.runner.now) : undefined
  return Effect.map(
    Sockets.receiver(self.options, endpoint, shortcut?.intercept),
    (reader): Receiver => ({ endpoint, reader, shortcut })
  )
}

// The steady state: no fiber, no batch, no object for the datagram.
const atOnce = (self: Session): Shortcut.Take => {
  const { advertised } = self.options
  return (payload, host, port, now) => {
    if (!Intake.takeAtOnce(self.intake, payload, host, port, now)) return false
    if (advertised.size === 0) self.isHealthy = true
    return true
  }
}

// the sender is the session's for as long as the scope is open
const connect = (self: Session, { address, writer }: Sockets.Sender) => {
  const { senders } = self.options
  const host = NetAddress.formatIp(address.address)
  return Effect.acquireRelease(
    Effect.sync(() => {
      const broken = Deferred.makeUnsafe<never, DatagramSocket.DatagramSocketError>()
      self.open = { writer, broken }
      Senders.add(senders, host, address.port)
      return broken
    }),
    () =>
      Effect.sync(() => {
        self.open = undefined
        Senders.remove(senders, host, address.port)
      })
  )
}

// a stand-in for what the system can refuse at any time
const unlucky = (self: Session) =>
  Sockets.failure(self.options, Endpoint.format(self.options.endpoints[0]), Sockets.refused("simulated misfortune"))

/** Tells the machine something and sends what it wants sent. A failure to send breaks the session, not the caller. */
export const dispatch = (self: Session, input: Protocol.Advertise | Protocol.Withdraw): Effect.Effect<void> =>
  Effect.suspend(() => {
    Intake.forgetRepeats(self.intake)
    const outputs = self.runner.step(input, self.runner.now())
    if (self.open !== undefined) return transmit(self, outputs)
    if (input._tag === "Withdraw") self.owed = [...self.owed, ...outputs].slice(-mostOwed)
    return Effect.void
  })

const mostOwed = 64

const sayOwed = (self: Session): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { owed } = self
    self.owed = []
    return transmit(self, owed)
  })

const sayGoodbye = (self: Session): Effect.Effect<void> => {
  const { advertised, limits } = self.options
  if (self.isReplaced) return Effect.void
  const withdrawals = Effect.forEach(advertised.keys(), (key) => dispatch(self, { _tag: "Withdraw", key }), {
    concurrency: "unbounded",
    discard: true
  })
  return within(limits.goodbye, Effect.andThen(delay, Effect.andThen(sayOwed(self), withdrawals)))
}

const delay = Buggify.inject("goodbye.slow", Effect.sleep("300 millis"))

/** Says goodbye for a session that is ended while it waits to be restarted. */
export const farewell = (self: Session): Effect.Effect<void> =>
  self.isReplaced || self.options.advertised.size + self.owed.length === 0
    ? Effect.void
    : within(
      self.options.limits.goodbye,
      Sockets.sender(self.options).pipe(
        Effect.flatMap((sender) => connect(self, sender)),
        Effect.andThen(sayGoodbye(self)),
        Effect.scoped,
        Effect.ignore
      )
    )

/** Waits for a goodbye to be sent, though not longer than `limit`: the system may never call back. */
export const within = (limit: number, goodbye: Effect.Effect<void>): Effect.Effect<void> =>
  goodbye.pipe(Effect.interruptible, Effect.timeoutOption(limit), Effect.asVoid)

const breaking = <E>(
  broken: Deferred.Deferred<never, E>,
  effect: Effect.Effect<never, E>
): Effect.Effect<void> => Effect.catchCause(effect, (cause) => Effect.asVoid(Deferred.failCause(broken, cause)))

// One pull, one pass, and nothing else when all of the batch was known.
const receive = (
  self: Session,
  { endpoint, reader, shortcut }: Receiver
): Effect.Effect<never, DatagramSocket.DatagramSocketError> => {
  const { emit, report, source } = self.options
  const { name } = self.options.networkInterface()
  let dropped = 0
  return Sockets.forEachBatch(reader, self.runner.now, (datagrams, now) => {
    if (self.options.advertised.size === 0) self.isHealthy = true
    if (reader.dropped() > dropped) {
      const more = reader.dropped() - dropped
      dropped += more
      report({ _tag: "DatagramsDropped", source, interface: name }, more)
    }
    // whole milliseconds are numbers that need no object of their own
    const taken = Intake.take(self.intake, datagrams, endpoint, Math.floor(now))
    if (taken === undefined) return undefined
    const heard = taken.inputs.length === 0 ? Effect.void : Effect.andThen(hesitation, emit(taken.inputs))
    return taken.transmits.length === 0 ? heard : Effect.andThen(heard, transmit(self, taken.transmits))
  }, shortcut)
}

const hesitation = Buggify.inject("intake.slow", Effect.sleep("300 millis"))

const transmit = (self: Session, outputs: ReadonlyArray<Protocol.Output>): Effect.Effect<void> => {
  const transmits = outputs.filter((output): output is Protocol.Transmit =>
    // a protocol of both families has a session for each, and says the same in both
    output._tag === "Transmit" && isReachable(self, output.to)
  )
  const [first] = transmits
  if (first === undefined) return Effect.void
  if (transmits.length === 1) return send(self, first)
  const datagrams = datagramsOf(self.options.networkInterface(), transmits)
  return datagrams === undefined
    ? Effect.forEach(transmits, (transmit) => send(self, transmit), { discard: true })
    : Effect.forEach(Sockets.inBatches(datagrams), (batch) => sendBatch(self, batch), { discard: true })
}

/** What is to be written; `undefined` when some of it goes to several addresses, of which one is enough. */
const datagramsOf = (
  networkInterface: NetworkInterface.NetworkInterface,
  transmits: ReadonlyArray<Protocol.Transmit>
): ReadonlyArray<DatagramSocket.OutgoingDatagram> | undefined => {
  const addresses = new Map<Protocol.Transmit["to"], NetAddress.InetAddress>()
  const datagrams: Array<DatagramSocket.OutgoingDatagram> = []
  for (const { payload, to } of transmits) {
    const [address, ...more] = addresses.has(to) ? [addresses.get(to)!] : destinations(networkInterface, to)
    if (address === undefined || more.length > 0) return undefined
    addresses.set(to, address)
    datagrams.push({ payload, address })
  }
  return datagrams
}

const sendBatch = (self: Session, batch: Sockets.Batch): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { open } = self
    if (open === undefined) return Effect.void
    const write = Sockets.inTime(Effect.andThen(obstacles, open.writer.writeAll(batch)), self.options.limits.send)
    return Effect.flatMap(Effect.exit(write), (exit) => {
      if (Exit.isFailure(exit)) return Effect.asVoid(Deferred.failCause(open.broken, exit.cause))
      self.isHealthy = true
      return Effect.void
    })
  })

/** Whether a session can send there: an address of its own family. */
export const isReachable = ({ options }: Session, to: Protocol.Transmit["to"]): boolean =>
  Endpoint.family(options.endpoints[0]) === (isAddress(to) ? NetAddress.familyOf(to.address) : Endpoint.family(to))

const isAddress = (to: Protocol.Transmit["to"]): to is NetAddress.InetAddress => "address" in to

/** Sends a datagram. A failure to send breaks the session, not the caller. */
export const send = (self: Session, output: Protocol.Transmit): Effect.Effect<void> => {
  const { open } = self
  if (open === undefined) return Effect.void
  const { payload } = output
  const { limits, networkInterface } = self.options
  const writes = destinations(networkInterface(), output.to).map((address) =>
    Effect.exit(Sockets.inTime(Effect.andThen(obstacles, open.writer.write({ payload, address })), limits.send))
  )
  return Effect.flatMap(Effect.all(writes), (exits) => {
    const failed = exits.find(Exit.isFailure)
    // one of several broadcast addresses is enough
    if (failed === undefined || exits.some(Exit.isSuccess)) {
      self.isHealthy = true
      return Effect.void
    }
    return Effect.asVoid(Deferred.failCause(open.broken, failed.cause))
  })
}

const obstacles = Effect.andThen(
  Buggify.inject("send.slow", Effect.sleep("300 millis")),
  Buggify.inject("send.fails", Effect.suspend(() => Effect.fail(Sockets.refused("simulated misfortune"))))
)

const destinations = (
  networkInterface: NetworkInterface.NetworkInterface,
  to: Protocol.Transmit["to"]
): ReadonlyArray<NetAddress.InetAddress> => {
  switch (to._tag) {
    case "Broadcast":
      return NetworkInterface.broadcastAddresses(networkInterface, to).map((address) =>
        NetAddress.inetAddressUnsafe(address, to.port)
      )
    case "Multicast":
      return [
        NetAddress.isIpv6Address(to.group)
          ? NetAddress.inetAddressFromInputUnsafe({ address: to.group, port: to.port, scopeId: networkInterface.index })
          : NetAddress.inetAddressUnsafe(to.group, to.port)
      ]
    default:
      return [to]
  }
}
