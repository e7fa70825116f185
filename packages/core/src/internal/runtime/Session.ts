/**
 * One protocol on one interface and in one address family: its sockets, its machine and its fibers.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
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
import * as Outbox from "./Outbox.ts"
import * as Runner from "./Runner.ts"
import * as Senders from "./Senders.ts"
import * as Sending from "./Sending.ts"
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
  readonly outbox: Outbox.Outbox
  readonly sending: Sending.Sending
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
  /** Whether it has nothing more to say but goodbye. */
  isEnding: boolean
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
    isEnding: false,
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
    const { advertised, limits, protocol: { hearsReplies = false } } = self.options
    yield* Buggify.inject("session.open.fails", Effect.suspend(() => Effect.fail(unlucky(self))))
    const receivers = yield* Effect.forEach(self.options.endpoints, (endpoint) => openReceiver(self, endpoint))
    const sender = yield* Sockets.sender({ ...self.options, hearsReplies })
    self.isHealthy = false
    yield* Effect.addFinalizer(() => tellUnsaid(self))
    const { broken } = yield* connect(self, sender)
    // a session that failed is to be back soon: only one that is ended says goodbye
    yield* Effect.addFinalizer((exit) => Exit.hasInterrupts(exit) ? sayGoodbye(self) : Effect.void)
    yield* sayOwed(self)
    yield* dispatchAll(self, Array.from(advertised.values(), (input) => ({ ...input, isOpening: true })))
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
      // a goodbye that waited for what has failed is said by the same sockets: there may be none for long
      Effect.tapError(Deferred.await(broken), () => within(limits.goodbye, settled(self))),
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
  const acquire = Effect.sync(() => {
    const outbox = Outbox.make()
    const open: Open = { outbox, sending: sendingBy(self, writer, outbox), broken: Deferred.makeUnsafe() }
    self.open = open
    Senders.add(senders, host, address.port)
    return open
  })
  const release = ({ outbox }: Open) =>
    Effect.sync(() => {
      self.open = undefined
      owe(self, Outbox.close(outbox))
      Senders.remove(senders, host, address.port)
    })
  return Effect.tap(
    Effect.acquireRelease(acquire, release),
    (open) => Effect.forkScoped(Outbox.run(open.outbox, (round) => write(open, round)), { startImmediately: true })
  )
}

const sendingBy = (self: Session, writer: DatagramSocket.Writer, outbox: Outbox.Outbox): Sending.Sending => {
  const { advertised, limits, networkInterface } = self.options
  return {
    writer,
    networkInterface,
    patience: {
      clock: self.runner.now,
      limit: limits.send,
      // what hangs leaves a goodbye half of its time
      least: Math.min(limits.send, limits.goodbye / 2),
      isUrgent: () => Outbox.isAwaited(outbox)
    },
    // it may have been withdrawn while it waited
    isWanted: ({ key }) => key === undefined || (!self.isEnding && advertised.has(key)),
    onSent: () => {
      self.isHealthy = true
    }
  }
}

// a stand-in for what the system can refuse at any time
const unlucky = (self: Session) =>
  Sockets.failure(self.options, Endpoint.format(self.options.endpoints[0]), Sockets.refused("simulated misfortune"))

type Told = Protocol.Advertise | Protocol.Withdraw

/**
 * Tells the machine something and sends what it wants sent; what it gives waits until it is sent. A failure to send breaks the session, not
 * the caller.
 */
export const tell = (self: Session, input: Told): Effect.Effect<void> => {
  Intake.forgetRepeats(self.intake)
  const said = self.runner.step(input, self.runner.now())
  const outputs = isFarewell(input) ? said.map(unconditional) : said
  const goodbyes = isFarewell(input) ? outputs : renounced(outputs)
  if (self.open !== undefined) {
    return Outbox.put(self.open.outbox, transmitsOf(self, outputs), transmitsOf(self, goodbyes))
  }
  owe(self, goodbyes)
  return Effect.void
}

// what is signed ends by an announcement of its own
const isFarewell = (input: Told): boolean =>
  input._tag === "Withdraw" || (input.announcement.ttl !== undefined && Duration.isZero(input.announcement.ttl))

// it may wait for longer than what it ends is advertised
const unconditional = (output: Protocol.Output): Protocol.Output =>
  output._tag === "Transmit" ? { ...output, key: undefined } : output

// beside what announces a key, the goodbyes to what that was before
const renounced = (outputs: ReadonlyArray<Protocol.Output>): ReadonlyArray<Protocol.Output> =>
  outputs.some(hasKey) ? outputs.filter((output) => !hasKey(output)) : none

const hasKey = (output: Protocol.Output): boolean => output._tag === "Transmit" && output.key !== undefined

const none: ReadonlyArray<Protocol.Output> = []

const dispatchAll = (self: Session, inputs: ReadonlyArray<Told>): Effect.Effect<void> =>
  Effect.suspend(() => waitForAll(inputs.map((input) => tell(self, input))))

/** Waits for what is going on already. */
export const waitForAll = (all: ReadonlyArray<Effect.Effect<void>>): Effect.Effect<void> =>
  Effect.forEach(all, (each) => each, { discard: true })

const owe = (self: Session, goodbyes: ReadonlyArray<Protocol.Output>): void => {
  self.owed = [...self.owed, ...goodbyes].slice(-mostOwed)
}

const mostOwed = 64

const sayOwed = (self: Session, isGoodbye = false): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { open, owed } = self
    self.owed = []
    const transmits = transmitsOf(self, owed)
    return open === undefined ? Effect.void : Outbox.put(open.outbox, transmits, isGoodbye ? transmits : [])
  })

const sayGoodbye = (self: Session): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (self.isReplaced) return Effect.void
    withdrawAll(self)
    return within(self.options.limits.goodbye, sayLast(self))
  })

const sayLast = (self: Session): Effect.Effect<void> =>
  Effect.andThen(delay, Effect.andThen(sayOwed(self, true), settled(self)))

const settled = (self: Session): Effect.Effect<void> =>
  Effect.suspend(() => self.open === undefined ? Effect.void : Outbox.settled(self.open.outbox))

// what it has to say then is owed
const withdrawAll = (self: Session): void => {
  const { options: { advertised }, runner } = self
  self.isEnding = true
  const goodbyes = Array.from(advertised.keys(), (key) => runner.step({ _tag: "Withdraw", key }, runner.now()))
  self.owed = [...self.owed, ...goodbyes.flat()]
}

const delay = Buggify.inject("goodbye.slow", Effect.sleep("300 millis"))

// those who heard of us find out when what they heard has expired
const tellUnsaid = (self: Session): Effect.Effect<void> =>
  Effect.sync(() => {
    const { isEnding, options: { networkInterface, report, source }, owed } = self
    if (isEnding && owed.length > 0) report({ _tag: "GoodbyeUnsaid", source, interface: networkInterface().name })
  })

/** Says goodbye for a session that is ended while it waits to be restarted, or is. */
export const farewell = (self: Session): Effect.Effect<void> =>
  Effect.suspend(() => {
    // one whose sockets were open when it ended has tried already
    if (self.isReplaced || self.isEnding) return Effect.void
    withdrawAll(self)
    if (self.owed.length === 0) return Effect.void
    const goodbye = Sockets.sender(self.options).pipe(
      Effect.flatMap((sender) => connect(self, sender)),
      Effect.andThen(sayLast(self)),
      Effect.scoped,
      Effect.ignore
    )
    return Effect.andThen(within(self.options.limits.goodbye, goodbye), tellUnsaid(self))
  })

/** Waits for a goodbye to be sent, though not longer than `limit`: the system may never call back. */
export const within = (limit: number, goodbye: Effect.Effect<void>): Effect.Effect<void> =>
  goodbye.pipe(Effect.interruptible, Effect.timeoutOption(limit), Effect.asVoid)

const breaking = <E>(broken: Deferred.Deferred<never, E>, effect: Effect.Effect<void, E>): Effect.Effect<void> =>
  Effect.catchCause(effect, (cause) => Effect.asVoid(Deferred.failCause(broken, cause)))

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

/** Sends these, and waits until they are sent. A failure to send breaks the session, not the caller. */
export const transmit = (self: Session, outputs: ReadonlyArray<Protocol.Output>): Effect.Effect<void> =>
  Effect.suspend(() => self.open === undefined ? Effect.void : Outbox.put(self.open.outbox, transmitsOf(self, outputs)))

// a protocol of both families has a session for each, and says the same in both
const transmitsOf = (self: Session, outputs: ReadonlyArray<Protocol.Output>): Outbox.Round => {
  const transmits: Array<Protocol.Transmit> = []
  let last: Protocol.Transmit["to"] | undefined
  let isIn = false
  for (const output of outputs) {
    if (output._tag !== "Transmit") continue
    if (output.to !== last) {
      last = output.to
      isIn = isReachable(self, last)
    }
    if (isIn) transmits.push(output)
  }
  return transmits
}

// goes on after a failure, or whoever waits for a later round would wait for ever; tells whether all was written
const write = ({ broken, sending }: Open, round: Outbox.Round): Effect.Effect<boolean> =>
  Effect.matchCause(Effect.suspend(() => Sending.sendAll(sending, round)), {
    onSuccess: () => true,
    onFailure: (cause) => {
      Deferred.doneUnsafe(broken, Exit.failCause(cause))
      return false
    }
  })

/** Whether a session sends there: to an endpoint of its own family, or to an address of its own link (S-A1). */
export const isReachable = ({ options }: Session, to: Protocol.Transmit["to"]): boolean => {
  const family = Endpoint.family(options.endpoints[0])
  if (!Sending.isAddress(to)) return Endpoint.family(to) === family
  const { address } = to
  return NetAddress.familyOf(address) === family &&
    (NetworkInterface.isOnLink(options.networkInterface(), address) || NetAddress.isLinkLocal(address))
}
