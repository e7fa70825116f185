/**
 * Senders of signed announcements whose signatures are told from forged ones by an octet, and a gate whose tickets are answered by it.
 */
import { Limits, PeerKey } from "@effect-discovery/core"
import { Result } from "effect"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Gate from "../../../src/protocol/signedBeacon/Gate.ts"

export const realmTag = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
/** When the story begins, by the wall clock. */
export const epoch = Date.UTC(2026, 0, 1)

/** One of many keys. */
export const key = (index: number): PeerKey.PeerKey => {
  const octets = new Uint8Array(32).fill(9)
  new DataView(octets.buffer).setUint32(0, index)
  return PeerKey.fromBytes(octets)
}

export const ada = key(1)
export const grace = key(2)
export const self = key(3)

export const origin = (address = "10.0.0.2", networkInterface = "eth0"): Gate.Origin => ({
  source: "SignedBeacon",
  interface: networkInterface,
  address,
  port: 21_077
})

const good = 1

/** A signature as the fake verifier takes it, or not. */
export const signature = (isGood = true, salt = 0): Uint8Array => {
  const octets = new Uint8Array(64).fill(5)
  octets[63] = 0
  new DataView(octets.buffer).setUint32(4, salt)
  octets[32] = isGood ? good : 0
  return octets
}

export interface Words extends Partial<Omit<Envelope.Parts, "body">> {
  readonly at?: number
  readonly body?: Partial<Body.Body> | Uint8Array
  readonly isForged?: boolean
  readonly salt?: number
}

const bodyOf = (body: Words["body"]): Uint8Array =>
  body instanceof Uint8Array ? body : Result.getOrThrow(Body.encode({ ...Body.empty, ...body }))

/** A datagram by Ada, `at` milliseconds after the epoch, unless it is said otherwise. */
export const datagram = ({ at = 0, body, isForged = false, salt, ...parts }: Words = {}): Uint8Array => {
  const kind = parts.kind ?? "announce"
  return Envelope.encode(
    Envelope.encodeUnsigned({
      kind,
      isClocked: true,
      realmTag,
      key: ada,
      stamp: { ms: epoch + at, counter: 0 },
      instance: 1,
      ttl: kind === "announce" ? 90 : 0,
      ...parts,
      body: bodyOf(body)
    }),
    signature(!isForged, salt)
  )
}

export const options: Gate.Options = {
  realm: "demo",
  realmTag,
  limits: Limits.defaults,
  seed: 7,
  clock: { policy: "prefer", skew: 300_000, builtAt: epoch - 86_400_000 },
  maxTtl: 7_200,
  challenges: false,
  policy: "strict",
  ring: [],
  acceptPlain: false,
  own: new Set(),
  instance: undefined
}

/** What was said. `t` says it short: the tag, or the reason of a refusal. */
export type Said = Gate.Output

export const short = (outputs: ReadonlyArray<Said>): ReadonlyArray<string> =>
  outputs.map((output) => output._tag === "Rejected" ? output.reason : output._tag)

/** A gate by hand, whose tickets are answered at once. */
export class Bench {
  readonly gate: Gate.Gate
  now = 0
  /** How far the wall clock is from the epoch plus `now`. */
  wallOffset = 0
  /** Signatures verified. */
  verifications = 0

  constructor(overrides: Partial<Gate.Options> = {}) {
    this.gate = Gate.make({ ...options, ...overrides })
  }

  wallNow = (): number => epoch + this.now + this.wallOffset

  /** What is said of a datagram, tickets answered. */
  hear(payload: Uint8Array, from: Gate.Origin = origin()): ReadonlyArray<Said> {
    return this.#do((out) => Gate.receive(this.gate, { payload, origin: from, wallNow: this.wallNow() }, this.now, out))
  }

  trust(key: PeerKey.PeerKey, state: Parameters<typeof Gate.trust>[2] = "trusted"): ReadonlyArray<Said> {
    return this.#do((out) => Gate.trust(this.gate, key, state, this.now, out))
  }

  ask(key: PeerKey.PeerKey, to: Gate.Origin = origin()): ReadonlyArray<Said> {
    return this.#do((out) => void Gate.challenge(this.gate, key, to, this.now, out))
  }

  /** Lets time pass, waking the gate when it is due. */
  wait(milliseconds: number): ReadonlyArray<Said> {
    const until = this.now + milliseconds
    return this.#do((out) => {
      for (let due = Gate.wakeAt(this.gate); due <= until; due = Gate.wakeAt(this.gate)) {
        this.now = Math.max(this.now, due)
        Gate.wake(this.gate, this.now, out)
        this.#answer(out)
      }
      this.now = until
    })
  }

  #do(act: (out: Array<Said>) => void): ReadonlyArray<Said> {
    const out: Array<Said> = []
    act(out)
    this.#answer(out)
    return out
  }

  #answer(out: Array<Said>): void {
    for (let i = 0; i < out.length; i++) {
      const output = out[i]!
      if (output._tag === "Verify") {
        this.verifications++
        Gate.verified(this.gate, output.ticket, output.signature[32] === good, this.now, out)
      } else if (output._tag === "Open") Gate.opened(this.gate, output.ticket, unsealed(output), this.now, out)
      else if (output._tag === "Challenge") Gate.challenged(this.gate, output.ticket, nonceOf(output.ticket), this.now)
      else continue
      if (output._tag !== "Challenge") out.splice(i--, 1)
    }
  }
}

export const nonceOf = (ticket: number): Uint8Array => new Uint8Array(16).fill(ticket)

/** A seal that hides nothing: `keyId` and the inner datagram between zeros. */
export const sealed = (inner: Uint8Array, keyId = 0xaabbccdd): Uint8Array => {
  const octets = new Uint8Array(28 + inner.length + 16)
  octets.set([0xd1, 0x53, 0xc0, 0x57, 1, 1, 0, 0])
  new DataView(octets.buffer).setUint32(8, keyId)
  octets.set(inner, 28)
  return octets
}

export const keyId = "aabbccdd"

const unsealed = ({ sealed }: Gate.Open): Uint8Array | undefined =>
  sealed.at(-1) === 0 ? sealed.subarray(0, -16) : undefined
