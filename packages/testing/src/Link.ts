/**
 * What a link does to the datagrams that cross it: plain data, with presets for links as they are met.
 *
 * A link belongs to a segment, to a host, or to one direction between two hosts. Whatever it does not name is as in the link it changes. All
 * chance comes from the seed of the network: each datagram has draws of its own for each receiver and each purpose, so that a change to one link
 * shifts nothing on another.
 *
 * @since 0.1.0
 */
import type * as Result from "effect/Result"
import * as Distribution from "./Distribution.ts"
import * as Check from "./internal/links/Check.ts"
import * as Data from "./internal/links/Data.ts"
import * as Loss from "./Loss.ts"
import type { SimulatedNetworkError } from "./SimulatedNetworkError.ts"

export type { Bandwidth, Size } from "./internal/links/Data.ts"

/**
 * Datagrams that others overtake.
 *
 * **Details**
 *
 * With its `probability` a datagram is held back until `gap` later ones of the same sender to the same receiver have passed, or `within`
 * milliseconds are over.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reorder: typeof Data.Reorder = Data.Reorder

/**
 * Datagrams that are damaged.
 *
 * **Details**
 *
 * `drop` is what happens in reality: the checksum finds it, and the receiver never hears of it. With `deliver` one to three bits of the payload are
 * turned and it arrives, as when a checksum fits by chance or is not computed (UDP semantics, rule 46).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Corrupt: typeof Data.Corrupt = Data.Corrupt

/**
 * An access point that keeps multicast for stations that sleep.
 *
 * **Details**
 *
 * It sends what it kept with every `dtim`-th beacon, and beacons come every `beacon` milliseconds: 102.4 by default of the standard.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Powersave: typeof Data.Powersave = Data.Powersave

/**
 * A link as it is stored: times in milliseconds, sizes in octets, rates in bits a second.
 *
 * **Details**
 *
 * `latency` and `jitter` add up, never to less than nothing. `loss` is drawn for each receiver, `commonLoss` once for all receivers of a
 * datagram, as on the way from the sender to the switch (UDP semantics, rule 117). `duplicate` is a probability. `bandwidth` is what the
 * sender's side carries, and what waits for it is in a `queue` that loses what does not fit. What is larger than `mtu` crosses in
 * fragments, each of which can be lost (rule 37). `multicast` holds for multicast and broadcast instead of the rest, `powersave` for them alone.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Link: typeof Data.Link = Data.Link

/**
 * A link, or a change to one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Link extends Data.Link {}

/**
 * What a link does, as one writes it down.
 *
 * **Details**
 *
 * A duration as `latency` is constant, as `jitter` it is the most that is added, any share of it equally likely. A number as `loss` is a
 * probability. `reorder` has a gap of 3 and waits for 100 milliseconds at most unless told otherwise; `corrupt` drops. `queue` is
 * 1 MiB by default.
 *
 * @category models
 * @since 0.1.0
 */
export interface Impairments extends Data.Impairments {}

/**
 * A link as one writes it down. A `Link` is one, too.
 *
 * @category models
 * @since 0.1.0
 */
export interface Input extends Data.Input {}

/**
 * A link of what is written down, or what is wrong with it. What takes a link takes an `Input` too and does this itself.
 *
 * **Example** (A link of one's own)
 *
 * ```ts
 * import { Distribution, Link, Loss } from "@effect-discovery/testing"
 *
 * export const link = Link.make({
 *   latency: Distribution.exponential({ mean: "1 millis", min: "100 micros" }),
 *   loss: Loss.gilbertElliott({ p: 0.01, r: 0.3, lossBad: 0.8 }),
 *   duplicate: 0.001,
 *   reorder: { probability: 0.01, gap: 3 },
 *   corrupt: { probability: 0.00001, mode: "drop" },
 *   bandwidth: "20 Mbit",
 *   queue: "64 KiB",
 *   mtu: 1500
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: Input): Result.Result<Link, SimulatedNetworkError> => Check.link(input)

const preset = (input: Input): Link => Check.normalize({ ...nothing, ...input })

const nothing: Input = {
  latency: 0,
  jitter: 0,
  loss: 0,
  commonLoss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
  bandwidth: "unlimited",
  multicast: {},
  powersave: "none"
}

/**
 * Nothing happens to a datagram, and it takes no time: for tests of logic alone. Mimics nothing there is.
 *
 * @category presets
 * @since 0.1.0
 */
export const perfect: Link = preset({})

/**
 * Gigabit Ethernet through one switch: 100 microseconds, a little more under load, one datagram in a million lost.
 *
 * **Details**
 *
 * Storing and forwarding 1,500 octets takes 12 microseconds a hop at this rate; the rest is the time the two hosts need. The queue is
 * that of an ordinary interface, about a thousand full datagrams.
 *
 * @category presets
 * @since 0.1.0
 */
export const wired: Link = preset({
  latency: Distribution.exponential({ mean: "120 micros", min: "80 micros", max: "5 millis" }),
  loss: 0.000_001,
  bandwidth: "1 Gbit",
  queue: "1536 KiB"
})

/**
 * Wi-Fi at home on a good day: 3 milliseconds as a rule, 20 one time in ten.
 *
 * **Details**
 *
 * The latencies are those that Sui and others measured on 47,000 devices (Characterizing and Improving WiFi Latency in Large-Scale
 * Operational Networks, MobiSys 2016: half below 3 ms, one in ten above 20 ms, one in a hundred above 250 ms), cut off at 250. Unicast is
 * acknowledged and sent again, so next to none of it is lost. Multicast is not, and goes at the lowest rate of all stations (RFC 9119, section 3.1): it
 * is slower, and one in fifty is lost here.
 *
 * @category presets
 * @since 0.1.0
 */
export const wifi: Link = preset({
  latency: Distribution.logNormal({ median: "3 millis", sigma: 1.48, max: "250 millis" }),
  loss: 0.0005,
  duplicate: 0.0002,
  bandwidth: "100 Mbit",
  queue: "256 KiB",
  multicast: {
    latency: Distribution.logNormal({ median: "6 millis", sigma: 1.2, max: "250 millis" }),
    loss: Loss.gilbertElliott({ p: 0.01, r: 0.5, lossGood: 0.005, lossBad: 0.8 }),
    duplicate: 0,
    bandwidth: "6 Mbit"
  }
})

/**
 * Wi-Fi two walls away from the access point: losses come in bursts, and of multicast one in eight is lost.
 *
 * **Details**
 *
 * RFC 9119 (section 3.1.1) calls a loss of 5 % and more nothing unusual for multicast over Wi-Fi; this is the "more". Retries save most of
 * the unicast, at the price of time and of now and then a second copy, when an acknowledgement is lost.
 *
 * @category presets
 * @since 0.1.0
 */
export const wifiLossy: Link = preset({
  latency: Distribution.logNormal({ median: "5 millis", sigma: 1.5, max: "500 millis" }),
  loss: Loss.gilbertElliott({ p: 0.01, r: 0.3, lossGood: 0.001, lossBad: 0.5 }),
  duplicate: 0.002,
  bandwidth: "20 Mbit",
  queue: "256 KiB",
  multicast: {
    latency: Distribution.logNormal({ median: "10 millis", sigma: 1.2, max: "500 millis" }),
    loss: Loss.gilbertElliott({ p: 0.05, r: 0.3, lossGood: 0.02, lossBad: 0.8 }),
    duplicate: 0,
    bandwidth: "1 Mbit"
  }
})

/**
 * Wi-Fi in a block of flats in the evening: the channel is taken, queues are long, and what does not fit them is lost.
 *
 * **Details**
 *
 * Half of the datagrams take more than 20 milliseconds and one in ten more than 100, as Pei and others measured on a campus (WiFi Can Be the
 * Weakest Link of Round Trip Network Latency in the Wild, INFOCOM 2016).
 *
 * @category presets
 * @since 0.1.0
 */
export const wifiCongested: Link = preset({
  latency: Distribution.logNormal({ median: "20 millis", sigma: 1.26, max: "1 second" }),
  loss: Loss.gilbertElliott({ p: 0.005, r: 0.2, lossGood: 0.001, lossBad: 0.5 }),
  commonLoss: 0.005,
  duplicate: 0.001,
  bandwidth: "5 Mbit",
  queue: "64 KiB",
  multicast: {
    latency: Distribution.logNormal({ median: "30 millis", sigma: 1.26, max: "1 second" }),
    loss: Loss.gilbertElliott({ p: 0.03, r: 0.2, lossGood: 0.02, lossBad: 0.7 }),
    duplicate: 0,
    bandwidth: "1 Mbit"
  }
})

/**
 * Wi-Fi with a sleeping phone on it: the access point keeps all multicast until the next third beacon, up to 307 milliseconds.
 *
 * **Details**
 *
 * While any station sleeps, multicast waits for the beacon that announces it (RFC 9119, section 3.2; IEEE 802.11: a beacon every 100 time units of 1,024
 * microseconds). Every third is what many access points do; `powersave` changes it.
 *
 * @category presets
 * @since 0.1.0
 */
export const powersaveWifi: Link = preset({ ...wifi, powersave: { beacon: "102.4 millis", dtim: 3 } })
