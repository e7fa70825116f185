/**
 * Two hosts on a network of their own, made of Linux network namespaces: on one runs what is measured, on the other the peers that it hears. Nothing
 * leads to any other network.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { addressOf, type Link, portOfMdns } from "../udp/Link.ts"

/** A host of the network, which has one interface: `eth0`. */
export interface Host {
  readonly namespace: string
  readonly address: string
}

/** The network. */
export interface Lan {
  /** Where what is measured runs. */
  readonly self: Host
  /** Where its peers run, which have an address each. */
  readonly others: Host
  /** Where they send to. */
  readonly link: Link
}

const prefix = "discovery-bench-"
const self = "10.255.255.1"
const others = "10.255.255.2"

/** The link of mDNS on such a network: its own group and port, which nobody else uses there. */
export const link: Link = { format: "mdns6", destination: "224.0.0.251", port: portOfMdns, interface: others }

/** Why there can be no such network here; `undefined` when there can. */
export const unavailable = (): string | undefined => {
  if (process.platform !== "linux") return "network namespaces need Linux"
  if (process.getuid?.() !== 0) return "network namespaces need root"
  if (spawnSync("ip", ["-V"]).error !== undefined) return "network namespaces need iproute2"
  const probe = nameOf("probe")
  if (spawnSync("ip", ["netns", "add", probe]).status !== 0) return "the system allows no network namespaces"
  remove(probe)
  return undefined
}

let made = 0

/** A network for so many peers, which is gone with the scope. */
export const make = (peers: number): Effect.Effect<Lan, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      removeAbandoned()
      const name = `${++made}`
      const lan: Lan = {
        self: { namespace: nameOf(`${name}-self`), address: self },
        others: { namespace: nameOf(`${name}-others`), address: others },
        link
      }
      build(lan, peers)
      return lan
    }),
    (lan) => Effect.sync(() => [lan.self, lan.others].forEach(({ namespace }) => remove(namespace)))
  )

const build = (lan: Lan, peers: number): void => {
  for (const { namespace } of [lan.self, lan.others]) {
    ip("netns", "add", namespace)
    // the peers speak IPv4, so what is counted is of that
    ip("netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    ip("netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
  }
  const { namespace } = lan.self
  ip("-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", lan.others.namespace)
  start(lan.self, [self])
  start(lan.others, [others, ...Array.from({ length: peers }, (_, index) => addressOf(lan.link, index))])
}

const start = ({ namespace }: Host, addresses: ReadonlyArray<string>): void =>
  batch(namespace, [
    "link set lo up",
    "link set eth0 up",
    ...addresses.map((address) => `addr add ${address}/8 broadcast 10.255.255.255 dev eth0`),
    "route add 224.0.0.0/4 dev eth0"
  ])

const ip = (...args: ReadonlyArray<string>): void =>
  void execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] })

const batch = (namespace: string, commands: ReadonlyArray<string>): void =>
  void execFileSync("ip", ["-n", namespace, "-batch", "-"], {
    input: commands.join("\n"),
    stdio: ["pipe", "ignore", "pipe"]
  })

const nameOf = (name: string): string => `${prefix}${process.pid}-${name}`

// those of a run that was killed
const removeAbandoned = (): void => {
  const list = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout
  for (const [name, pid] of list.matchAll(new RegExp(`^${prefix}(\\d+)-\\S+`, "gm"))) {
    if (!existsSync(`/proc/${pid}`)) remove(name)
  }
}

const remove = (namespace: string): void => {
  const pids = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).stdout.split("\n").filter(Boolean)
  if (pids.length > 0) spawnSync("kill", ["-KILL", ...pids])
  spawnSync("ip", ["netns", "del", namespace])
}
