/**
 * Keys that nothing more is taken from.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import * as Challenges from "./Challenges.ts"
import * as Held from "./Held.ts"
import * as Presences from "./Presences.ts"
import * as Rotation from "./Rotation.ts"
import type * as State from "./State.ts"
import * as Verification from "./Verification.ts"

/** Ends what a key has announced, and forgets what waits in its name. Its floor stays. */
export const drop = (self: State.Gate, key: PeerKey.PeerKey, out: State.Out): void => {
  distrust(self, key)
  Verification.remove(self.verification, key)
  const origins = Presences.remove(self.presences, key)
  if (origins.length > 0) out.push({ _tag: "Withdrawn", key, origins })
}

/** Forgets what only trusted keys have. */
export const distrust = ({ challenges, held, rotation }: State.Gate, key: PeerKey.PeerKey): void => {
  Held.remove(held, key)
  Challenges.remove(challenges, key)
  Rotation.remove(rotation, key)
}
