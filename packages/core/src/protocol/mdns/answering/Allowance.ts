/**
 * How often we answer by unicast: to one source, and in all, so that we are no amplifier.
 */
import type * as Engine from "../Engine.ts"

/** What is left of an allowance that fills up in a second. */
interface Bucket {
  left: number
  at: number
}

export interface Allowance {
  readonly limits: Pick<Engine.Limits, "unicastPerSource" | "unicastAnswers">
  readonly all: Bucket
  /** By the source's address, the one that was least recently answered first. */
  readonly sources: Map<string, Bucket>
}

/** Sources that are remembered; of one that was forgotten, the allowance of all is what is left. */
const maxSources = 1_024

export const make = (limits: Allowance["limits"]): Allowance => ({
  limits,
  all: { left: limits.unicastAnswers, at: -Infinity },
  sources: new Map()
})

/** Takes one answer to a source out of its allowance; `false` when there is none. */
export const spend = ({ all, limits, sources }: Allowance, source: string, now: number): boolean => {
  const bucket = sources.get(source) ?? { left: limits.unicastPerSource, at: now }
  fill(bucket, limits.unicastPerSource, now)
  fill(all, limits.unicastAnswers, now)
  if (bucket.left < 1 || all.left < 1) return false
  bucket.left -= 1
  all.left -= 1
  sources.delete(source)
  sources.set(source, bucket)
  if (sources.size > maxSources) sources.delete(sources.keys().next().value!)
  return true
}

const fill = (bucket: Bucket, perSecond: number, now: number): void => {
  bucket.left = Math.min(perSecond, bucket.left + Math.max(0, now - bucket.at) * perSecond / 1_000)
  bucket.at = now
}
