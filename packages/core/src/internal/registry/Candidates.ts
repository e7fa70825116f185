/**
 * Where a peer can be dialed, the likeliest first (S-U2).
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Claim from "../../Claim.ts"
import { isSameAddress } from "../Same.ts"

type Addresses = ReadonlyArray<NetAddress.InetAddress>

/**
 * The addresses of all claims, each once and `limit` at most: what is signed, then what worked last, then as the claims are given, the
 * best proven and oldest first.
 */
export const rank = (
  claims: ReadonlyArray<Claim.Content>,
  worked: Addresses | undefined,
  limit: number
): Addresses => {
  const first = claims[0]!.addresses
  if (worked !== undefined) return rankWorked(claims, worked, limit)
  return claims.length === 1 && first.length <= limit ? first : union(claims.map(({ addresses }) => addresses), limit)
}

const rankWorked = (claims: ReadonlyArray<Claim.Content>, worked: Addresses, limit: number): Addresses => {
  const signed: Array<Addresses> = []
  const others: Array<Addresses> = []
  for (const { addresses, authentication } of claims) (authentication === "signed" ? signed : others).push(addresses)
  return union([signed, others].flatMap((lists) => [worked.filter((address) => isIn(lists, address)), ...lists]), limit)
}

const isIn = (lists: ReadonlyArray<Addresses>, address: NetAddress.InetAddress): boolean =>
  lists.some((addresses) => includes(addresses, address))

const includes = (addresses: Addresses, address: NetAddress.InetAddress): boolean =>
  addresses.some((known) => isSameAddress(known, address))

const union = (lists: ReadonlyArray<Addresses>, limit: number): Addresses => {
  const all: Array<NetAddress.InetAddress> = []
  for (const addresses of lists) {
    for (const address of addresses) {
      if (all.length >= limit) return all
      if (!includes(all, address)) all.push(address)
    }
  }
  return all
}
