/**
 * A link made ready to ask for every datagram: one path for unicast, one for what goes to many.
 */
import type { Loss } from "../../Loss.ts"
import type { Lost } from "../kernel/Lost.ts"
import type * as Link from "./Data.ts"
import * as Quantile from "./Quantile.ts"

/** @internal Which fault's event set each part of a link, and what it sets for multicast. */
export interface Causes extends Parts {
  readonly multicast?: Parts
}

type Parts = { readonly [Part in Exclude<keyof Link.Link, "multicast">]?: number }

/** @internal */
export interface Change {
  readonly link: Link.Link
  readonly causes: Causes
}

/** @internal Both of one link. */
export interface Paths {
  readonly unicast: Path
  readonly multicast: Path
}

/** @internal Times in microseconds, sizes in octets. */
export interface Path {
  /** The time it takes, where nothing else can happen to a datagram; otherwise -1. */
  readonly fixed: number
  /** The same for the way from the sender to where the ways to the receivers part: it takes none. */
  readonly isOpen: boolean
  readonly latency: Delay
  readonly jitter: Delay
  readonly loss: Losing | undefined
  readonly commonLoss: Losing | undefined
  readonly duplicate: number
  readonly duplicateCause: number
  readonly reorder: { readonly probability: number; readonly gap: number; readonly within: number } | undefined
  readonly reorderCause: number
  readonly corrupt: typeof Link.Corrupt.Type | undefined
  readonly corruptCause: number
  readonly corrupted: Lost
  /** Bits a second. */
  readonly bandwidth: number
  readonly queue: number
  readonly overflow: Lost
  readonly mtu: number
  /** Departures are put off to the next multiple of it. */
  readonly period: number
}

/** @internal */
export interface Delay {
  readonly constant: number
  readonly quantile: Quantile.Quantile | undefined
}

/** @internal */
export interface Losing {
  readonly model: Loss
  readonly whole: Lost
  readonly fragment: Lost
}

// 1,000 full datagrams would be 1.5 MB: the order of what an ordinary interface queues.
const ordinaryQueue = 1024 ** 2

/** @internal What a change does not name stays, for multicast as well. */
export const merge = (base: Change, change: Change): Change => {
  const kept = <A extends object>(parts: A | undefined): Partial<A> =>
    Object.fromEntries(
      Object.entries(parts ?? {}).filter(([part]) => change.link[part as keyof Link.Link] === undefined)
    ) as Partial<A>
  return {
    link: {
      ...base.link,
      ...change.link,
      multicast: { ...kept(base.link.multicast), ...change.link.multicast }
    },
    causes: {
      ...base.causes,
      ...change.causes,
      multicast: { ...kept(base.causes.multicast), ...change.causes.multicast }
    }
  }
}

/** @internal */
export const compile = ({ causes, link }: Change): Paths => {
  const period = link.powersave === undefined || link.powersave === "none"
    ? 0
    : Math.round(link.powersave.beacon * link.powersave.dtim * 1000)
  return {
    unicast: path(link, causes, 0),
    multicast: path({ ...link, ...link.multicast }, { ...causes, ...causes.multicast }, period)
  }
}

const path = (link: Link.Link, causes: Causes, period: number): Path => {
  const latency = delay(link.latency)
  const jitter = delay(link.jitter)
  const loss = losing(link.loss, causes.loss)
  const commonLoss = losing(link.commonLoss, causes.commonLoss)
  const duplicate = link.duplicate ?? 0
  const reorder = link.reorder !== undefined && link.reorder.probability > 0 ? link.reorder : undefined
  const corrupt = link.corrupt !== undefined && link.corrupt.probability > 0 ? link.corrupt : undefined
  const isPlain = latency.quantile === undefined && jitter.quantile === undefined && loss === undefined &&
    duplicate === 0 && reorder === undefined && corrupt === undefined && period === 0
  const bandwidth = link.bandwidth === undefined || link.bandwidth === "unlimited" ? Infinity : link.bandwidth
  return {
    fixed: isPlain ? latency.constant + jitter.constant : -1,
    isOpen: commonLoss === undefined && bandwidth === Infinity,
    latency,
    jitter,
    loss,
    commonLoss,
    duplicate,
    duplicateCause: causes.duplicate ?? 0,
    reorder: reorder && { ...reorder, within: Math.round(reorder.within * 1000) },
    reorderCause: causes.reorder ?? 0,
    corrupt,
    corruptCause: causes.corrupt ?? 0,
    corrupted: { reason: "corrupt", rule: 46, cause: causes.corrupt ?? 0 },
    bandwidth,
    queue: link.queue ?? ordinaryQueue,
    overflow: { reason: "queue", rule: 44, cause: causes.queue ?? causes.bandwidth ?? 0 },
    mtu: link.mtu ?? Infinity,
    period
  }
}

const delay = (distribution: Link.Link["latency"]): Delay => {
  if (distribution === undefined) return { constant: 0, quantile: undefined }
  const constant = Quantile.constantOf(distribution)
  return constant === undefined
    ? { constant: 0, quantile: Quantile.make(distribution) }
    : { constant, quantile: undefined }
}

const losing = (model: Loss | undefined, cause = 0): Losing | undefined => {
  if (model === undefined || (model._tag === "Independent" && model.probability === 0)) return undefined
  return {
    model,
    whole: { reason: "loss", rule: 117, cause },
    fragment: { reason: "fragment", rule: 37, cause }
  }
}
