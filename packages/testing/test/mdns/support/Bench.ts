/**
 * A simulated LAN with hosts under test, scripted peers, and a tap.
 *
 * Links take no time and lose nothing unless told to, so that the time between an octet injected and an octet sent is the library's.
 */
import {
  type Link,
  type NetworkSnapshot,
  type SimulatedHost,
  SimulatedNetwork,
  Topology
} from "@effect-discovery/testing"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import * as Peer from "./Peer.ts"
import * as Tap from "./Tap.ts"

/**
 * How a bench is made.
 *
 * Every host and every peer has an interface on each of the `segments`: `eth0` on the first, `eth1` on the second. Host `us` and peer
 * `peer` are there by default, with IPv4 alone; with `ipv6` both families, with `ipv4: false` IPv6 alone.
 */
export interface Options {
  readonly hosts?: ReadonlyArray<string> | undefined
  readonly peers?: ReadonlyArray<string> | undefined
  readonly segments?: number | undefined
  readonly ipv4?: boolean | undefined
  readonly ipv6?: boolean | undefined
  /** The IPv4 network of the first segment. */
  readonly network?: string | undefined
  readonly link?: Link.Input | undefined
  readonly seed?: number | undefined
  /** Events that are kept: more for long runs. */
  readonly history?: number | undefined
}

export interface Bench {
  readonly lan: SimulatedNetwork.SimulatedNetwork
  /** A host for the library to run on: see `Subject`. */
  readonly host: (name?: string) => SimulatedHost.SimulatedHost
  readonly peer: (name?: string) => Peer.Peer
  /** The addresses that a host has on an interface now, without zones. */
  readonly addresses: (host: string, local?: string) => Effect.Effect<ReadonlyArray<string>>
  /** Milliseconds since the bench was made. */
  readonly now: Effect.Effect<number>
  /** Lets time pass until then. */
  readonly until: (time: number) => Effect.Effect<void>
  /** The names of the hosts under test. */
  readonly hosts: ReadonlySet<string>
  /** All that anybody sent. */
  readonly everything: Effect.Effect<ReadonlyArray<Tap.Sent>>
  /** All that hosts under test sent, or one of them, since a time. */
  readonly sent: (options?: SentOptions) => Effect.Effect<ReadonlyArray<Tap.Sent>>
  /** Lets time pass, and returns what hosts under test, or one of them, sent meanwhile. */
  readonly during: (millis: number, options?: Omit<SentOptions, "since">) => Effect.Effect<ReadonlyArray<Tap.Sent>>
  /** Lets time pass, in which hosts under test may send nothing. */
  readonly silence: (millis: number, options?: Omit<SentOptions, "since">) => Effect.Effect<void>
}

export interface SentOptions {
  readonly host?: string | undefined
  readonly interface?: string | undefined
  readonly since?: number | undefined
}

export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const { hosts = ["us"], peers = ["peer"] } = options
  const lan = yield* SimulatedNetwork.make({
    topology: topologyOf([...hosts, ...peers], options),
    seed: options.seed,
    history: options.history
  })
  const addresses: Bench["addresses"] = (host, local = "eth0") => Effect.map(lan.inspect, addressesIn(host, local))
  const scripted = new Map<string, Peer.Peer>()
  for (const name of peers) {
    scripted.set(name, yield* Peer.make(lan.host(name), (local) => addresses(name, local)))
  }
  const now = Effect.map(lan.inspect, ({ time }) => time / 1000)
  const sent: Bench["sent"] = ({ host, interface: local, since = 0 } = {}) =>
    Effect.map(
      lan.journal,
      (journal) =>
        Tap.of(journal).filter((sent) =>
          sent.time >= since && (host === undefined ? hosts.includes(sent.host) : sent.host === host) &&
          (local === undefined || sent.interface === local)
        )
    )
  const during: Bench["during"] = Effect.fnUntraced(function*(millis, options = {}) {
    const since = yield* now
    yield* Effect.sleep(millis)
    return yield* sent({ ...options, since })
  })
  const bench: Bench = {
    lan,
    host: (name = hosts[0]!) => lan.host(name),
    peer: (name = peers[0]!) => scripted.get(name)!,
    addresses,
    now,
    hosts: new Set(hosts),
    everything: Effect.map(lan.journal, Tap.of),
    until: (time) => Effect.flatMap(now, (now) => Effect.sleep(Math.max(0, time - now))),
    sent,
    during,
    silence: (millis, options) =>
      Effect.map(during(millis, options), (sent) => assert.deepStrictEqual(sent.map(Tap.line), []))
  }
  return bench
})

const addressesIn = (host: string, local: string) => (snapshot: NetworkSnapshot.NetworkSnapshot) =>
  snapshot.hosts.find(({ name }) => name === host)?.interfaces.find(({ name }) => name === local)?.addresses
    .map((address) => address.replace(/\/.*$/, "")) ?? []

const topologyOf = (
  names: ReadonlyArray<string>,
  { ipv4 = true, ipv6 = false, link, network = "10.0.0.0/24", segments: count = 1 }: Options
) => {
  const segments = Array.from({ length: count }, (_, i) =>
    Topology.segment(`segment${i}`, {
      ...(ipv4 ? { ipv4: i === 0 ? network : `10.${i}.0.0/24` } : {}),
      ...(ipv6 ? { ipv6: `fd0${i}::/64` } : {}),
      link: { latency: 0, ...link }
    }))
  const interfaces = Object.fromEntries(segments.map((on, i) => [`eth${i}`, { on }]))
  return Topology.make({
    segments,
    hosts: names.map((name) => ({ name, interfaces, isPrivileged: true, fileDescriptors: 65_536 }))
  })
}
