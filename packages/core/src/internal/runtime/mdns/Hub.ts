/**
 * The one engine of a host at work: told what its links hear, and doing what it wants done.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Buggify from "../../../Buggify.ts"
import type * as Diagnostic from "../../../Diagnostic.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Lease from "../../../Lease.ts"
import type * as Limits from "../../../Limits.ts"
import type * as Network from "../../../Network.ts"
import * as NetworkInterface from "../../../NetworkInterface.ts"
import type * as Engine from "../../../protocol/mdns/Engine.ts"
import * as Link from "../../../protocol/mdns/Link.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import * as Renewal from "../../../protocol/mdns/Renewal.ts"
import type * as Subscription from "../../../protocol/mdns/Subscription.ts"
import * as Runner from "../Runner.ts"
import * as Session from "../Session.ts"
import * as Sockets from "../Sockets.ts"
import type { EngineMachine } from "./EngineMachine.ts"
import type * as Feed from "./Feed.ts"
import * as LinkSockets from "./LinkSockets.ts"

/** What a hub works with. */
export interface Options {
  readonly machine: EngineMachine
  readonly source: string
  readonly network: Network.Network["Service"]
  /** Every interface of the host as it is now. */
  readonly interfaces: () => ReadonlyArray<NetworkInterface.NetworkInterface>
  readonly limits: Limits.Limits
  /** The engine's own bounds, of which we say so to whoever asks for more. */
  readonly most: Engine.Limits
  /** Whether names that have their meaning everywhere may be asked for. */
  readonly allowOtherDomains: boolean
  readonly seed: number
  readonly report: (report: Diagnostic.Report, count?: number) => void
}

/** The sockets of a link while they are open; `broken` fails when one of them does. */
export interface OpenLink {
  readonly index: number
  readonly sockets: LinkSockets.LinkSockets
  readonly broken: Deferred.Deferred<never, DatagramSocket.DatagramSocketError>
  /** Told how many datagrams the link is about to send to the group, and that it has sent something. */
  readonly onSending: (count: number) => void
  readonly onSent: () => void
}

/** Who is told what becomes of a subscription or a registration, and, once, that all has ended. */
export interface Listener<in Notice> {
  /** With a `lease` the notice holds for as long as that: it is renewed when the same datagram is heard again, and then nobody is told. */
  readonly tell: (notice: Notice, lease?: Lease.Lease) => void
  /** Told that this is all for now. */
  readonly wake?: (() => void) | undefined
  /** Whether it holds by leases to the instances that it is told of, or has to be told each time. */
  readonly isLeased?: boolean | undefined
  readonly end: (cause: Feed.End) => void
}

/** A record that could not be taken back, and until when others may believe it. */
interface Owed {
  readonly record: Record.Record
  readonly until: number
}

/** What became of a service that is announced. */
export type ServiceNotice = Exclude<Engine.RegistrationNotice, { readonly _tag: "HostRenamed" }>

/** An engine at work. */
export interface Hub {
  readonly options: Options
  readonly runner: Runner.Runner<unknown, Engine.Input, Engine.Output>
  /** What is open of a link, by key, the latest last: whoever takes over opens before the other closes. */
  readonly open: Map<string, ReadonlyArray<OpenLink>>
  /** The links that the engine takes for being up, as it knows them. */
  readonly links: Map<string, Link.Link>
  /** What could not be taken back on a link, by the keys of the records: it is said when the link is open again. */
  readonly owed: Map<string, Map<string, Owed>>
  /** Addresses at which the port is held by us, and whether it was free before. */
  readonly held: Map<string, { readonly isPortOwned: boolean; count: number }>
  readonly subscribers: Map<number, Listener<Subscription.Notice>>
  readonly publishers: Map<number, Listener<ServiceNotice>>
  /** Told of every other name that the host takes. */
  onHostRenamed: (name: string) => void
  /** The subscribers that were told something and are still to be woken. */
  readonly told: Set<Listener<Subscription.Notice>>
  lastKey: number
  /** Whether the goodbyes are said: nothing is to be sent any more. */
  isClosed: boolean
  /** Why all has ended for good. */
  ended: Feed.End | undefined
}

export const make = (options: Options): Effect.Effect<Hub> =>
  Effect.map(Runner.runMachine<unknown, Engine.Input, Engine.Output>(options.machine, options.seed), (runner) => ({
    options,
    runner,
    open: new Map(),
    links: new Map(),
    owed: new Map(),
    held: new Map(),
    subscribers: new Map(),
    publishers: new Map(),
    onHostRenamed: () => {},
    told: new Set(),
    lastKey: 0,
    isClosed: false,
    ended: undefined
  }))

/** Tells the engine something and does what it wants done. A failure to send breaks the link, not the caller. */
export const dispatch = (self: Hub, input: Engine.Input): Effect.Effect<void> =>
  Effect.suspend(() => {
    const done = step(self, input, self.runner.now())
    wake(self)
    return perform(self, done)
  })

/** Tells the engine that a link is up, or is as it is now. One that was made anew by its name is another one. */
export const linkUp = (self: Hub, link: Link.Link): Effect.Effect<void> =>
  Effect.suspend(() => {
    const before = self.links.get(link.key)
    const up = Effect.suspend(() => {
      self.links.set(link.key, link)
      return dispatch(self, { _tag: "LinkUp", link, unsaid: takeOwed(self, link.key) })
    })
    return before === undefined || before.index === link.index
      ? up
      : Effect.andThen(linkDown(self, link.key, false), up)
  })

/** Tells the engine that a link is gone, and says goodbye there if that can be heard. */
export const linkDown = (self: Hub, link: string, canSend: boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    const unsaid = takeOwed(self, link)
    return self.links.delete(link) ? dispatch(self, { _tag: "LinkDown", link, canSend, unsaid }) : Effect.void
  })

/** Tells the engine of the links whose interfaces have other addresses now. */
export const refresh = (self: Hub): Effect.Effect<void> =>
  Effect.suspend(() => {
    const changed = Array.from(self.links.values()).flatMap((link) => {
      const now = self.options.interfaces().find(({ index, name }) => name === link.interface && index === link.index)
      return now === undefined ||
          NetworkInterface.key(now) === NetworkInterface.key({ ...now, addresses: link.addresses })
        ? []
        : [{ ...link, addresses: now.addresses }]
    })
    return Effect.forEach(changed, (link) => linkUp(self, link), { discard: true })
  })

/** What is to be sent, and why something was refused. All else has been told to those whom it concerns. */
export interface Done {
  readonly transmits: Array<Engine.Transmit>
  readonly reasons: Array<string>
  /** What a datagram stands for, if it has done nothing else. */
  readonly renewal?: Renewal.Renewal | undefined
}

/** Tells the engine something and those who listen what it says. They are to be woken, after this or after several. */
export const step = (self: Hub, input: Engine.Input, now: number): Done => {
  const done: Done = { transmits: [], reasons: [] }
  if (self.isClosed) return done
  const outputs = self.runner.step(input, now)
  const last = outputs.at(-1)
  if (last?._tag === "Renewed") {
    for (const output of outputs) tellRenewed(self, output, last.renewal, now)
    return { ...done, renewal: last.renewal }
  }
  for (let index = 0; index < outputs.length; index++) tell(self, outputs[index]!, done)
  return done
}

const tellRenewed = (self: Hub, output: Engine.Output, renewal: Renewal.Renewal, now: number): void => {
  if (output._tag !== "ServiceSeen") return
  const subscriber = self.subscribers.get(output.key)
  const lease = subscriber?.isLeased === true
    ? leaseOf(output.subject, Math.round(output.ttl), Math.floor(now))
    : undefined
  Renewal.hold(renewal, lease ?? unheld)
  tellSubscriber(self, output, lease)
}

const unheld: Lease.Lease = { ...Lease.make(0, 0), isPending: false }

// one for all datagrams that renew an instance, or the lease of one of them might never be heard of; a pointer that is said for longer or
// shorter than before renews nothing, but is told
const leaseOf = (subject: Subscription.Subject, ttl: number, now: number): Lease.Lease => {
  const known = subject.lease
  if (known !== undefined && Renewal.isLive(known)) {
    Lease.renew(known, now)
    return known
  }
  const lease = Lease.make(ttl, now)
  supersede(subject, lease)
  return lease
}

// the notice that the lease before went with may wait still, and give way to this one: then nobody ever hears of that lease
const supersede = (subject: Subscription.Subject, lease: Lease.Lease | undefined): void => {
  if (subject.lease !== undefined) subject.lease.isPending = false
  subject.lease = lease
}

const tell = (self: Hub, output: Engine.Output, done: Done): void => {
  switch (output._tag) {
    case "Transmit":
      return void done.transmits.push(output)
    case "Rejected":
      return void done.reasons.push(output.reason)
    case "Renewed":
      return
    case "PortShared":
      return tellShared(self, self.links.get(output.link)?.interface)
    case "HostRenamed":
      return self.onHostRenamed(output.name)
    case "Probing":
    case "Registered":
    case "Renamed":
    case "Unsettled":
      return self.publishers.get(output.key)?.tell(output)
    default:
      if (output._tag === "ServiceSeen") supersede(output.subject, undefined)
      return tellSubscriber(self, output)
  }
}

const tellSubscriber = (self: Hub, notice: Subscription.Notice, lease?: Lease.Lease): void => {
  const subscriber = self.subscribers.get(notice.key)
  if (subscriber === undefined) return
  subscriber.tell(notice, lease)
  self.told.add(subscriber)
}

/** Wakes those who were told something: once for all that they were told together, since waking is what costs most. */
export const wake = (self: Hub): void => {
  for (const subscriber of self.told) {
    self.told.delete(subscriber)
    subscriber.wake?.()
  }
}

/** Says that another program has the port. */
export const tellShared = ({ options: { report, source } }: Hub, local: string | undefined): void => {
  if (local !== undefined) report({ _tag: "PortShared", source, interface: local, port: Link.port })
}

/** Sends what is to be sent, link by link in order, all links at once. */
export const perform = (self: Hub, { transmits }: Done): Effect.Effect<void> => {
  if (transmits.length === 0) return Effect.void
  const byLink = new Map<string, Array<Engine.Transmit>>()
  for (const transmit of transmits) byLink.set(transmit.link, [...byLink.get(transmit.link) ?? [], transmit])
  const sends = Array.from(byLink, ([key, transmits]) => {
    const open = self.open.get(key)?.at(-1)
    // what else a link that is being opened anew has missed is made up for by its coming up
    if (open === undefined) return Effect.sync(() => owe(self, key, transmits))
    return Effect.forEach(runsOf(transmits), (run) => sendRun(self, open, run), { discard: true })
  })
  return Effect.all(sends, { concurrency: "unbounded", discard: true })
}

// records of a service with what it alone needs; a link that has more to take back had many that came and went
const mostOwed = 16

const owe = (self: Hub, link: string, transmits: ReadonlyArray<Engine.Transmit>): void => {
  const gone = transmits.flatMap(({ gone = [] }) => gone)
  if (gone.length === 0 || !self.links.has(link)) return
  const owed = self.owed.get(link) ?? new Map<string, Owed>()
  const now = self.runner.now()
  for (const record of gone) owed.set(Record.key(record), { record, until: now + record.ttl * 1_000 })
  for (const key of owed.keys()) {
    if (owed.size <= mostOwed * self.options.most.registrations) break
    owed.delete(key)
  }
  self.owed.set(link, owed)
}

// each with the rest of its ttl, so that what is refused again and again is not owed for ever
const takeOwed = ({ owed, runner }: Hub, link: string): ReadonlyArray<Record.Record> => {
  const now = runner.now()
  const known = Array.from(owed.get(link)?.values() ?? []).filter(({ until }) => until > now)
  owed.delete(link)
  return known.map(({ record, until }) => ({ ...record, ttl: (until - now) / 1_000 }))
}

/** What goes to the group goes together, as far as nothing else is to be sent in between. */
const runsOf = (
  transmits: ReadonlyArray<Engine.Transmit>
): ReadonlyArray<Arr.NonEmptyReadonlyArray<Engine.Transmit>> => {
  if (!Arr.isReadonlyArrayNonEmpty(transmits)) return []
  return Arr.groupWith(transmits, (one, other) => one.to === "group" && other.to === "group")
}

const sendRun = (self: Hub, open: OpenLink, run: Arr.NonEmptyReadonlyArray<Engine.Transmit>): Effect.Effect<void> => {
  if (run.length === 1) return send(self, open, run[0])
  const { group, senders } = open.sockets
  return Effect.forEach(
    Sockets.inBatches(run),
    (batch) =>
      Effect.suspend(() => {
        open.onSending(batch.length)
        const write = senders[0].writer.writeAll(Arr.map(batch, ({ payload }) => ({ payload, address: group })))
        return afterwards(self, open, batch, Sockets.inTime(Effect.andThen(obstacles, write), self.options.limits.send))
      }),
    { discard: true }
  )
}

const send = (self: Hub, open: OpenLink, transmit: Engine.Transmit): Effect.Effect<void> => {
  const { payload, to } = transmit
  const { sockets } = open
  const sender = to === "group" ? sockets.senders[0] : LinkSockets.senderTo(sockets, to)
  const address = to === "group" ? sockets.group : LinkSockets.withScope(to, open.index)
  const write = Effect.andThen(obstacles, sender.writer.write({ payload, address }))
  if (to === "group") open.onSending(1)
  return afterwards(self, open, [transmit], Sockets.inTime(write, self.options.limits.send))
}

const afterwards = (
  self: Hub,
  open: OpenLink,
  transmits: Arr.NonEmptyReadonlyArray<Engine.Transmit>,
  write: Effect.Effect<void, DatagramSocket.DatagramSocketError>
): Effect.Effect<void> =>
  Effect.map(Effect.exit(write), (exit) => {
    const [{ link, to }] = transmits
    if (Exit.isSuccess(exit)) open.onSent()
    // what one address cannot be told says nothing of the link: anybody can make us answer one that is not there
    else if (to === "group") {
      owe(self, link, transmits)
      // one that ends is not opened again
      if (!self.isClosed) Deferred.doneUnsafe(open.broken, Exit.failCause(exit.cause))
    }
  }).pipe(
    // all has ended, and the time to say so is over
    Effect.onInterrupt(() => Effect.sync(() => self.isClosed && owe(self, transmits[0].link, transmits)))
  )

const obstacles = Effect.andThen(
  Buggify.inject("mdns.send.slow", Effect.sleep("300 millis")),
  Buggify.inject("mdns.send.fails", Effect.suspend(() => Effect.fail(Sockets.refused("simulated misfortune"))))
)

/** Serves the engine's deadline, for ever. */
export const timer = (self: Hub): Effect.Effect<never> =>
  self.runner.timer((outputs) => {
    const done: Done = { transmits: [], reasons: [] }
    if (self.isClosed) return Effect.void
    for (const output of outputs) tell(self, output, done)
    wake(self)
    return perform(self, done)
  })

// How often to look whether time has passed unnoticed, and how much of it makes a sleep. The wall clock, which can be set, says nothing.
const lookout = 30_000
const sleep = 10_000

/** Notices that the host was asleep, for ever. */
export const watchSleep = (self: Hub): Effect.Effect<never> =>
  Effect.forever(Effect.suspend(() => {
    const due = self.runner.now() + lookout
    const resume = Effect.suspend(() =>
      self.runner.now() - due > sleep ? dispatch(self, { _tag: "Resumed" }) : Effect.void
    )
    return Effect.andThen(Effect.sleep(lookout), resume)
  }))

/** Says goodbye for everything while the sockets are still open, and tells of the links where it cannot be said. */
export const close = (self: Hub): Effect.Effect<void> =>
  Effect.suspend(() => {
    const done = step(self, { _tag: "Close" }, self.runner.now())
    self.isClosed = true
    wake(self)
    const goodbyes = Session.within(self.options.limits.goodbye, Effect.andThen(delay, perform(self, done)))
    return Effect.andThen(goodbyes, tellUnsaid(self))
  })

const delay = Buggify.inject("mdns.goodbye.slow", Effect.sleep("300 millis"))

// those who heard of us find out when what they heard has expired
const tellUnsaid = ({ links, options: { report, source }, owed }: Hub): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const link of owed.keys()) report({ _tag: "GoodbyeUnsaid", source, interface: links.get(link)!.interface })
  })

/** Ends all: those who listen are told why, and nothing is done any more. */
export const end = (self: Hub, cause: Feed.End): Effect.Effect<void> =>
  Effect.sync(() => {
    if (self.ended !== undefined) return
    self.ended = cause
    for (const { end } of [...self.subscribers.values(), ...self.publishers.values()]) end(cause)
  })

/** What whoever comes too late is told: the error, or nothing but that there is no going on. */
export const whyEnded = (cause: Feed.End): Effect.Effect<never, DiscoveryError.DiscoveryError> =>
  Effect.catchIf(Effect.failCause(cause), Cause.isDone, () => Effect.interrupt)

/** The error of asking for more at a time than there is room for, or of announcing more. */
export const noRoom = (
  { options: { most } }: Hub,
  what: "subscriptions" | "registrations"
): DiscoveryError.DiscoveryError =>
  DiscoveryError.make(
    new DiscoveryError.Unsupported({
      operation: `Having more than ${most[what]} ${what} at a time`,
      advice: "End some of them first."
    })
  )

/** A key that no subscription and no registration has had. */
export const nextKey = (self: Hub): number => ++self.lastKey

/** The link that a place is, as the engine is to know it. */
export const linkKey = (networkInterface: NetworkInterface.NetworkInterface, family: NetAddress.IpFamily): string =>
  `${networkInterface.name}/${family}`
