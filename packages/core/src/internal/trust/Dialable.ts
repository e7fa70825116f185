/**
 * Which peers a policy allows to connect to.
 */
import * as Claim from "../../Claim.ts"
import type * as Peer from "../../Peer.ts"
import type * as TrustState from "../../TrustState.ts"

/** Whether a policy allows to connect to a peer whose key is in this state. */
export const isAllowed = (
  policy: TrustState.Policy,
  state: TrustState.TrustState,
  peer: Peer.Peer,
  allowClaimed: boolean
): boolean => {
  if (state === "denied" || !peer.addresses.some((address) => Claim.isDialable(address, undefined))) return false
  if (policy === "group") return peer.authentication === "group" || (isProven(peer) && peer.group !== undefined)
  if (!isProven(peer) && !(allowClaimed && isNamed(peer))) return false
  switch (policy) {
    case "strict":
      return state === "trusted"
    case "tofu":
      return state === "trusted" || state === "pinned"
    case "open":
      return true
  }
}

const isProven = ({ authentication, key }: Peer.Peer): boolean => authentication === "signed" && key !== undefined

const isNamed = ({ authentication, key }: Peer.Peer): boolean => authentication === "claimed" && key !== undefined
