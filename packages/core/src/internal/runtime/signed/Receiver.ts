/**
 * What a source hears of another one that carries envelopes: those that prove themselves, and what carries none as it is.
 *
 * A batch is worked through before the next one is taken, so that what waits for its signature to be verified is bounded by the carrying
 * source's queue, and beyond that by the system's.
 */
import * as Cause from "effect/Cause"
import type * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Claim from "../../../Claim.ts"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Lease from "../../../Lease.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as PeerRegistry from "../../../PeerRegistry.ts"
import * as Carriage from "../../../protocol/signedBeacon/Carriage.ts"
import type * as Gate from "../../../protocol/signedBeacon/Gate.ts"
import * as Stamp from "../../../protocol/signedBeacon/Stamp.ts"
import * as Statement from "../../../protocol/signedBeacon/Statement.ts"
import type * as Source from "../../../Source.ts"
import type * as Trust from "../../../Trust.ts"
import * as Refusals from "../Refusals.ts"
import * as Runner from "../Runner.ts"
import * as Company from "./Company.ts"
import * as GateMachine from "./GateMachine.ts"
import type * as Group from "./Group.ts"
import * as Heard from "./Heard.ts"
import * as Keys from "./Keys.ts"
import * as Places from "./Places.ts"

/** What a receiver works with. */
export interface Options {
  readonly inner: Source.Open
  readonly carriage: Carriage.Carriage
  readonly gate: Omit<Gate.Options, "seed">
  readonly settings: Source.Settings
  readonly wallNow: () => number
  readonly signature: Signature.Signature["Service"]
  readonly group: Group.Group | undefined
  readonly trust: Trust.Trust["Service"]
  /** Sends a challenge; gives the nonce that it has drawn to `open` first. */
  readonly challenge: (
    challenge: Gate.Challenge,
    open: (nonce: Uint8Array) => void
  ) => Effect.Effect<void>
  readonly prove: (prove: Gate.Prove) => Effect.Effect<void>
  /** Who is there, where that matters to who announces. */
  readonly company: Company.Company | undefined
}

interface Receiver {
  readonly options: Options
  readonly runner: Runner.Runner<Gate.Gate, GateMachine.Input, Gate.Output>
  readonly keys: Keys.Keys
  readonly places: Places.Places
  readonly queue: Queue.Queue<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>
}

/** What came of some outputs: what the registry is to hear, what takes longer, and what was refused. */
interface Outcome {
  readonly inputs: Array<PeerRegistry.Input>
  readonly work: Array<Effect.Effect<void>>
  readonly refused: Refusals.Refusals<Heard.Heard>
}

/** Starts to receive; what was proven, and what claims no proof, comes out. */
export const open = Effect.fnUntraced(function*(options: Options) {
  const { inner, settings: { limits, seed }, trust } = options
  const self: Receiver = {
    options,
    runner: yield* Runner.runMachine<Gate.Gate, GateMachine.Input, Gate.Output>(GateMachine.make(options.gate), seed),
    keys: Keys.make(limits.importedKeys, (key) => trust.stateOfUnsafe(key) !== "unknown"),
    places: Places.make(limits.unverifiedPeers + limits.verifiedPeers),
    queue: yield* Queue.bounded<PeerRegistry.Input, DiscoveryError.DiscoveryError | Cause.Done>(limits.receiveQueue)
  }
  yield* recall(self)
  const receive = Stream.runForEachArray(inner.inputs, (batch) => settle(self, hear(self, batch)))
  for (const effect of [receive, followTrust(self), followResets(self), wake(self)]) {
    yield* Effect.forkScoped(Effect.catchCause(effect, (cause) => Queue.failCause(self.queue, cause)), {
      startImmediately: true
    })
  }
  return Stream.fromQueue(self.queue)
})

// before the first datagram: what is older than what was taken before the program started anew is not taken again
const recall = Effect.fnUntraced(function*(self: Receiver) {
  const { trust } = self.options
  for (const { key } of yield* trust.entries) tell(self, { _tag: "Trust", key, state: trust.stateOfUnsafe(key) })
  for (const [key, floor] of yield* trust.floors) tell(self, { _tag: "RestoreFloor", key, floor })
})

const tell = (self: Receiver, input: GateMachine.Input): ReadonlyArray<Gate.Output> =>
  self.runner.step(input, self.runner.now())

const followTrust = (self: Receiver): Effect.Effect<void> =>
  Stream.runForEach(
    self.options.trust.states,
    ({ key, state }) => perform(self, tell(self, { _tag: "Trust", key, state }))
  )

const followResets = (self: Receiver): Effect.Effect<void> =>
  Stream.runForEach(
    self.options.trust.changes,
    (event) =>
      event._tag === "FloorReset" ? perform(self, tell(self, { _tag: "ResetFloor", key: event.key })) : Effect.void
  )

const wake = (self: Receiver): Effect.Effect<void> => self.runner.timer((outputs) => perform(self, outputs))

const perform = (self: Receiver, outputs: ReadonlyArray<Gate.Output>): Effect.Effect<void> => {
  const outcome = nothing()
  for (const output of outputs) take(self, output, outcome)
  return settle(self, outcome)
}

const nothing = (): Outcome => ({ inputs: [], work: [], refused: Refusals.make() })

const verifyingAtOnce = 16

const settle = (self: Receiver, { inputs, refused, work }: Outcome): Effect.Effect<void> => {
  for (const [reason, { count, latest }] of refused) {
    self.options.settings.report(Refusals.describe(latest, reason), count)
  }
  const emit = inputs.length === 0 ? Effect.void : Effect.asVoid(Queue.offerAll(self.queue, inputs))
  if (work.length === 0) return emit
  return Effect.andThen(
    emit,
    Effect.forEach(work, (effect) => effect, { concurrency: verifyingAtOnce, discard: true })
  )
}

const hear = (self: Receiver, batch: ReadonlyArray<PeerRegistry.Input>): Outcome => {
  const outcome = nothing()
  const wallNow = self.options.wallNow()
  for (const input of batch) {
    if (input._tag === "Announced") hearClaim(self, input, wallNow, outcome)
    else if (input._tag === "Withdrawn") hearGoodbye(self, input, outcome)
    else outcome.inputs.push(input)
  }
  return outcome
}

const hearClaim = (self: Receiver, input: PeerRegistry.Announced, wallNow: number, outcome: Outcome): void => {
  // whose envelope others pass on is proven, but not where it is
  if (input.isHearsay === true) return
  const payload = Carriage.take(input.claim)
  const origin = payload && Heard.make(input, payload, self.options.carriage.hasCandidates)
  if (payload === undefined || origin === undefined) {
    outcome.inputs.push(input)
    return
  }
  const { company } = self.options
  if (company !== undefined) Company.hear(company, origin.address, self.runner.now())
  for (const output of tell(self, { _tag: "Received", payload, origin, wallNow })) take(self, output, outcome)
}

// nobody can unsay by another format what a key has signed (S-U3); that its interface is gone, only this host can know
const hearGoodbye = (self: Receiver, input: PeerRegistry.Withdrawn, outcome: Outcome): void => {
  const key = Places.keyAt(self.places, input.provenance, input.identity)
  if (key === undefined) outcome.inputs.push(input)
  else if (input.reason === "InterfaceLost") {
    Places.forget(self.places, input.provenance, input.identity)
    tell(self, { _tag: "Lost", key, place: input.provenance })
    outcome.inputs.push({ ...input, identity: key, key })
  }
}

const take = (self: Receiver, output: Gate.Output, outcome: Outcome): void => {
  const { challenge, prove, trust } = self.options
  switch (output._tag) {
    case "Open":
      return void outcome.work.push(unseal(self, output))
    case "Verify":
      return void outcome.work.push(verify(self, output))
    case "Accepted":
    case "SeenAlso":
      return accept(self, output, outcome)
    case "Confirmed":
      return confirm(self, output, outcome)
    case "Withdrawn":
      return withdraw(self, output, outcome)
    case "Retired":
      return trust.retireUnsafe(output.key)
    case "RotationOffered":
      return trust.offerRotationUnsafe(output.key, output.next)
    case "FloorRaised":
      return trust.raiseFloorUnsafe(output.key, output.floor, { isUrgent: output.hasEnded })
    case "Challenge":
      return void outcome.work.push(
        challenge(output, (nonce) => void tell(self, { _tag: "Challenged", ticket: output.ticket, nonce }))
      )
    case "Prove":
      return void outcome.work.push(prove(output))
    case "Rejected":
      return reject(self, output, outcome)
  }
}

// What holds is no news, unless the registry made room for others and knows nothing of it any more: it is then announced for the rest of
// its time.
const reject = (self: Receiver, { origin, original, reason }: Gate.Rejected, outcome: Outcome): void => {
  const heard = origin as Heard.Heard
  if (original === undefined) return refuse(heard, reason, outcome)
  const { key, stamp, ttl } = original
  const known = Places.at(self.places, provenanceOf(heard), nodeOf(self, heard, key))
  const isIt = known?.claim.key === key && Stamp.compare(known.stamp, stamp) === 0
  if (!isIt || !Places.hasLapsed(known)) return refuse(heard, reason, outcome)
  announce(self, heard, { claim: { ...known.claim, ttl }, stamp }, outcome)
}

const unseal = (self: Receiver, open: Gate.Open): Effect.Effect<void> =>
  Effect.flatMap(
    orElse(self.options.group?.open(open) ?? Effect.undefined, undefined),
    (inner) => perform(self, tell(self, { _tag: "Opened", ticket: open.ticket, inner }))
  )

const verify = (self: Receiver, { key, message, signature, ticket }: Gate.Verify): Effect.Effect<void> => {
  const isGood = Effect.flatMap(
    Keys.get(self.keys, key),
    (imported) =>
      imported === undefined ? Effect.succeed(false) : self.options.signature.verify(imported, signature, message)
  )
  return Effect.flatMap(
    orElse(isGood, false),
    (isValid) => perform(self, tell(self, { _tag: "Verified", ticket, isValid }))
  )
}

// whatever goes wrong costs one datagram (S-F1)
const orElse = <A, E>(effect: Effect.Effect<A, E>, otherwise: A): Effect.Effect<A> =>
  Effect.catchCause(
    effect,
    (cause) => Cause.hasInterrupts(cause) ? Effect.interrupt : Effect.succeed(otherwise)
  )

const accept = (self: Receiver, statement: Gate.Accepted | Gate.SeenAlso, outcome: Outcome): void => {
  const { gate: { realm }, settings: { limits }, trust } = self.options
  // the gate gives back what it was given
  const heard = statement.origin as Heard.Heard
  const { body, envelope, group, key } = statement
  const excess = Claim.excess({ ...plain, name: body.name ?? key, attributes: body.attributes, identity: key }, limits)
  if (excess !== undefined) return refuse(heard, excess, outcome)
  const claim = Statement.claimOf(statement, { ...heard, isSource: statement._tag === "Accepted" })
  const provenance = provenanceOf(heard)
  if (self.options.carriage.hasCandidates) {
    // before it proved itself it may have been known without proof
    outcome.inputs.push({ _tag: "Withdrawn", provenance, identity: heard.identity })
  }
  announce(self, heard, { claim, stamp: envelope.stamp }, outcome)
  if (statement._tag === "Accepted") {
    const { company } = self.options
    if (company !== undefined) Company.add(company, key, heard.address, self.runner.now() + statement.ttl)
    trust.seenUnsafe({ key, name: claim.name, realm, authentication: "signed", group })
  }
}

const announce = (
  self: Receiver,
  heard: Heard.Heard,
  { claim, stamp }: Pick<Places.Proven, "claim" | "stamp">,
  outcome: Outcome
): void => {
  const { networkInterface } = heard
  const provenance = provenanceOf(heard)
  const lease = Lease.make(claim.ttl, self.runner.now())
  outcome.inputs.push({ _tag: "Announced", provenance, claim, lease, networkInterface })
  Places.add(self.places, provenance, nodeOf(self, heard, claim.key!), { claim, stamp, lease })
}

const plain: Pick<Claim.Claim, "addresses" | "ttl" | "authentication"> = {
  addresses: [],
  ttl: 0,
  authentication: "none"
}

// what a carrier of nothing but envelopes knows nodes as is the same for all
const nodeOf = ({ options }: Receiver, { identity }: Heard.Heard, key: PeerKey.PeerKey): string =>
  options.carriage.hasCandidates ? identity : key

const provenanceOf = ({ address, interface: name, source }: Gate.Origin) => ({ source, interface: name, address })

const confirm = (self: Receiver, { key, origins, ttl }: Gate.Confirmed, outcome: Outcome): void => {
  for (const origin of origins) {
    const heard = origin as Heard.Heard
    const known = Places.at(self.places, provenanceOf(origin), nodeOf(self, heard, key))
    if (known?.claim.key !== key) continue
    announce(self, heard, { claim: { ...known.claim, ttl }, stamp: known.stamp }, outcome)
  }
}

const withdraw = (self: Receiver, { key, origins }: Gate.Withdrawn, outcome: Outcome): void => {
  if (self.options.company !== undefined) Company.remove(self.options.company, key)
  for (const origin of origins) {
    const provenance = provenanceOf(origin)
    Places.forget(self.places, provenance, nodeOf(self, origin as Heard.Heard, key))
    outcome.inputs.push({ _tag: "Withdrawn", provenance, identity: key, key })
  }
}

const refuse = (heard: Heard.Heard, reason: string, { refused }: Outcome): void => Refusals.add(refused, heard, reason)
