/**
 * Which of several SRV records to use (RFC 2782; RFC 6763, section 5).
 */
import * as Chance from "../Chance.ts"
import type * as Record from "../Record.ts"

/** What an SRV record says. */
export type Service = Extract<Record.Data, { readonly _tag: "Service" }>

/** One of the lowest priority, each as likely as its weight says; one of weight zero is chosen when no other has any. */
export const choose = <A extends Service>(services: ReadonlyArray<A>, chance: Chance.Chance): A | undefined => {
  const lowest = Math.min(...services.map(({ priority }) => priority))
  const candidates = services.filter(({ priority }) => priority === lowest)
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  if (candidates.length < 2) return candidates[0]
  if (total === 0) return candidates[Chance.between(chance, 0, candidates.length - 1)]
  let remaining = Chance.between(chance, 1, total)
  return candidates.find(({ weight }) => (remaining -= weight) <= 0)
}
