/**
 * The nodes heard on one link: how many they are, and what is told of them to newcomers. It is another account than the registry's, which
 * keeps fewer of them and from all sources.
 *
 * @since 0.1.0
 */
import type * as Announcement from "../../Announcement.ts"
import * as Pace from "../internal/crowd/Pace.ts"
import * as Sample from "../internal/crowd/Sample.ts"
import type * as Wire from "./Wire.ts"

/** A node: what it says of itself, by how many octets, and from where. `hash` is that of its identity. */
export interface Node {
  readonly identity: string
  readonly hash: number
  readonly origin: string
  readonly announcement: Announcement.Options
  readonly octets: number
}

/** An account of nodes. */
export interface Crowd {
  /** How many there are, and how many of these were heard themselves. */
  readonly count: () => number
  readonly firsthand: () => number
  readonly has: (identity: string) => boolean
  /** Takes note of a node that holds until then; whether it is heard for the first time. Hearsay takes the place of nothing. */
  readonly hear: (node: Node, until: number, now: number, isHearsay: boolean) => boolean
  /** Whoever is there is heard for the first time once more. */
  readonly begin: () => void
  /** Forgets a node that says goodbye from where it spoke. */
  readonly forget: (identity: string, origin: string) => void
  /** Forgets all that no longer hold. */
  readonly sweep: (now: number) => void
  readonly sample: () => Sample.Sample
  readonly told: (now: number) => ReadonlyArray<Wire.Told>
}

/** The octets of all that is kept to be told. */
export const mostOctets = 1_048_576

interface Known {
  readonly hash: number
  readonly origin: string
  readonly isHearsay: boolean
  /** What is to be told; nothing of hearsay, and where there is no room. */
  announcement: Announcement.Options | undefined
  octets: number
  until: number
  /** The beginning since which it was heard. */
  beginning: number
}

/** An account of nobody. */
export const make = (): Crowd => {
  const nodes = new Map<string, Known>()
  // how many were heard from each address
  const origins = new Map<string, number>()
  let octets = 0
  let firsthand = 0
  let beginning = 0
  let sample: Sample.Sample | undefined = Sample.empty

  const keep = (known: Known, { announcement, octets: more }: Node): void => {
    drop(known)
    if (known.isHearsay || octets + more > mostOctets) return
    known.announcement = announcement
    known.octets = more
    octets += more
  }

  const drop = (known: Known): void => {
    if (known.announcement === undefined) return
    octets -= known.octets
    known.announcement = undefined
  }

  const enter = (origin: string): void => {
    firsthand++
    origins.set(origin, (origins.get(origin) ?? 0) + 1)
  }

  const leave = (origin: string): void => {
    firsthand--
    const left = origins.get(origin)! - 1
    if (left === 0) origins.delete(origin)
    else origins.set(origin, left)
  }

  // who is heard has room whatever was told
  const hasRoom = (origin: string, isHearsay: boolean): boolean =>
    isHearsay
      ? nodes.size - firsthand < Pace.mostCounted
      : firsthand < Pace.mostCounted && (origins.get(origin) ?? 0) < Pace.perOrigin

  const remove = (identity: string, known: Known): void => {
    nodes.delete(identity)
    if (!known.isHearsay) leave(known.origin)
    drop(known)
    if (sample?.includes(known.hash)) sample = undefined
  }

  const hear: Crowd["hear"] = (node, until, now, isHearsay) => {
    const { hash, identity, origin } = node
    const known = nodes.get(identity)
    const isFirst = known?.beginning !== beginning
    if (known !== undefined && known.until > now) {
      if (known.isHearsay === isHearsay && known.origin === origin) {
        keep(known, node)
        known.until = until
        known.beginning = beginning
        return isFirst
      }
      if (!known.isHearsay) return false
    }
    if (known !== undefined) remove(identity, known)
    if (!hasRoom(origin, isHearsay)) return false
    const added: Known = { hash, origin, isHearsay, announcement: undefined, octets: 0, until, beginning }
    nodes.set(identity, added)
    if (!isHearsay) enter(origin)
    sample = sample && Sample.add(sample, hash)
    keep(added, node)
    return isFirst
  }

  return {
    count: () => nodes.size,
    firsthand: () => firsthand,
    has: (identity) => nodes.has(identity),
    hear,
    begin: () => {
      beginning++
    },
    forget: (identity, origin) => {
      const known = nodes.get(identity)
      if (known !== undefined && (known.isHearsay || known.origin === origin)) remove(identity, known)
    },
    sweep: (now) => {
      for (const [identity, known] of nodes) if (known.until <= now) remove(identity, known)
    },
    sample: () => sample ??= sampleOf(nodes.values()),
    told: (now) =>
      Array.from(nodes.values()).flatMap(({ announcement, origin, until }) =>
        announcement === undefined || until <= now + soon ? [] : [{ announcement, origin, until }]
      )
  }
}

// what ends so soon is not worth telling
const soon = 1_000

const sampleOf = (nodes: Iterable<Known>): Sample.Sample => {
  let sample = Sample.empty
  for (const { hash } of nodes) sample = Sample.add(sample, hash)
  return sample
}
