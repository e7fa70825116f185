/**
 * Public keys ready for use: importing one costs a good part of what verifying a signature does, so those in use are kept.
 */
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as PeerKey from "../../../PeerKey.ts"

/** The keys, the least recently used first. */
export interface Keys {
  readonly capacity: number
  /** Whether a key stays however many others come. Only as many may as the trust list holds. */
  readonly isPinned: (key: PeerKey.PeerKey) => boolean
  readonly pinned: Map<PeerKey.PeerKey, Signature.PublicKey>
  readonly others: Map<PeerKey.PeerKey, Signature.PublicKey>
}

/** No keys. */
export const make = (capacity: number, isPinned: Keys["isPinned"]): Keys => ({
  capacity,
  isPinned,
  pinned: new Map(),
  others: new Map()
})

/** The key of these octets, `undefined` when they are none. */
export const get = (self: Keys, octets: Uint8Array): Effect.Effect<Signature.PublicKey | undefined> =>
  Effect.suspend(() => {
    const key = PeerKey.fromBytes(octets)
    const known = self.pinned.get(key) ?? self.others.get(key)
    if (known !== undefined) {
      keep(self, key, known)
      return Effect.succeed(known)
    }
    return Signature.publicKey(Signature.ed25519, octets).pipe(
      Effect.tap((imported) => Effect.sync(() => keep(self, key, imported))),
      Effect.orElseSucceed(() => undefined)
    )
  })

// what has become trusted, or is trusted no more, moves when it is used
const keep = (self: Keys, key: PeerKey.PeerKey, imported: Signature.PublicKey): void => {
  self.pinned.delete(key)
  self.others.delete(key)
  if (self.isPinned(key)) {
    self.pinned.set(key, imported)
    return
  }
  self.others.set(key, imported)
  if (self.others.size > self.capacity) self.others.delete(self.others.keys().next().value!)
}
