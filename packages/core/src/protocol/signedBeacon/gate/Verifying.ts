/**
 * From candidates to verifications.
 */
import * as PeerKey from "../../../PeerKey.ts"
import * as Body from "../Body.ts"
import * as Ed25519 from "../Ed25519.ts"
import * as Envelope from "../Envelope.ts"
import type * as Candidate from "./Candidate.ts"
import type * as Output from "./Output.ts"
import * as State from "./State.ts"
import * as Suspects from "./Suspects.ts"
import * as Verification from "./Verification.ts"

/** Has a candidate verified, now or later, or never when there are too many. */
export const submit = (self: State.Gate, candidate: Candidate.Candidate, now: number, out: State.Out): void => {
  const key = candidate._tag === "Signed" ? candidate.envelope.key : candidate.key
  const isReserved = State.isReserved(self, key)
  const lost = Verification.submit(self.verification, candidate, isReserved, () => State.draw(self), now)
  if (lost !== undefined) State.refuse(self, "budget", lost.origin, out)
  pump(self, now, out)
}

/** Has verified what can be now. */
export const pump = (self: State.Gate, now: number, out: State.Out): void => {
  for (;;) {
    const candidate = Verification.pick(self.verification, () => State.draw(self), now)
    if (candidate === undefined) return
    const question = questionOf(self, candidate)
    if (isSound(question)) ask(self, candidate, question, now, out)
    else refuse(self, candidate, now, out)
  }
}

/** A signature was not good. */
export const refuse = (self: State.Gate, candidate: Candidate.Candidate, now: number, out: State.Out): void => {
  State.refuse(self, "signature", candidate.origin, out)
  if (candidate._tag === "Succession") return
  Suspects.blame(self.verification.suspects, candidate.origin, candidate.envelope.key, now)
}

const ask = (
  self: State.Gate,
  candidate: Candidate.Candidate,
  question: Question,
  now: number,
  out: State.Out
): void => {
  const ticket = State.nextTicket(self)
  Verification.start(self.verification, ticket, candidate, now)
  out.push({ _tag: "Verify", ticket, ...question })
}

type Question = Pick<Output.Verify, "key" | "signature" | "message">

const isSound = ({ key, signature }: Question): boolean =>
  Ed25519.isCanonicalSignature(signature) && !Ed25519.isWeakKey(key)

const questionOf = ({ options }: State.Gate, candidate: Candidate.Candidate): Question => {
  if (candidate._tag === "Succession") {
    return {
      key: PeerKey.toBytes(candidate.next),
      signature: candidate.signature,
      message: Body.successorInput(candidate.key, candidate.next)
    }
  }
  const envelope = Envelope.complete(candidate.envelope, candidate.payload)
  return {
    key: Envelope.keyOctets(envelope),
    signature: envelope.signature,
    message: Envelope.signedInput(options.realm, envelope.signed)
  }
}
