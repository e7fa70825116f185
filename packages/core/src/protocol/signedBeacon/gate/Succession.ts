/**
 * A trusted key that names the key that is going to take over (S-T6).
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Body from "../Body.ts"
import type * as Candidate from "./Candidate.ts"
import type * as Output from "./Output.ts"
import * as Rotation from "./Rotation.ts"
import * as Standing from "./Standing.ts"
import type * as State from "./State.ts"
import * as Verifying from "./Verifying.ts"

/** Has the signature of a successor verified, which was named in an accepted announcement. */
export const consider = (
  self: State.Gate,
  { body, key, origin }: { readonly key: PeerKey.PeerKey; readonly body: Body.Body; readonly origin: Output.Origin },
  now: number,
  out: State.Out
): void => {
  const next = body.successor
  if (next === undefined || next.key === key || !Standing.isTrusted(self.standing, key)) return
  switch (Rotation.judge(self.rotation, key, next.key, now)) {
    case "proven":
      return offer(self, key, next.key, out)
    case "tooSoon":
      return
    case "unknown":
      return Verifying.submit(
        self,
        { _tag: "Succession", key, next: next.key, signature: next.signature, origin },
        now,
        out
      )
  }
}

/** The successor has signed. */
export const commit = (self: State.Gate, { key, next }: Candidate.Succession, now: number, out: State.Out): void => {
  const { rotation, standing } = self
  if (!Standing.isTrusted(standing, key) || Rotation.judge(rotation, key, next, now) === "tooSoon") return
  Rotation.prove(rotation, key, next, now)
  offer(self, key, next, out)
}

const offer = ({ standing }: State.Gate, key: PeerKey.PeerKey, next: PeerKey.PeerKey, out: State.Out): void => {
  if (Standing.isDenied(standing, next) || Standing.isTrusted(standing, next)) return
  out.push({ _tag: "RotationOffered", key, next })
}
