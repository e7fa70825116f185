/**
 * A private LAN on this machine: Linux network namespaces as hosts, joined by a bridge. It has no link to any other network.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { join } from "node:path"
import * as Child from "../support/Child.ts"
import * as Namespace from "./Namespace.ts"

/** A host of the LAN, with one interface, `eth0`. */
export interface Host {
  readonly address: string
  /** Starts a program on the host. */
  readonly start: (command: string, ...args: ReadonlyArray<string>) => Effect.Effect<Child.Child, never, Scope.Scope>
  /** Starts a program whose standard input is written to, with a `/run` of its own. */
  readonly converse: (command: string, ...args: ReadonlyArray<string>) => Effect.Effect<Child.Child, never, Scope.Scope>
  readonly discover: (...args: ReadonlyArray<string>) => Effect.Effect<Child.Child, never, Scope.Scope>
  /** Starts `tshark` where the host is plugged in, to show what the host sends. */
  readonly tap: (...args: ReadonlyArray<string>) => Effect.Effect<Child.Child, never, Scope.Scope>
  /** Runs `ip` commands, a line each, on the host. */
  readonly ip: (commands: string) => Effect.Effect<void>
  /** Pulls the cable: nothing that the host sends from now on arrives. */
  readonly unplug: Effect.Effect<void>
  /** Takes `eth0` down and up, the latter with the routes that it had. */
  readonly down: Effect.Effect<void>
  readonly up: Effect.Effect<void>
  /** Replaces `eth0` by another interface with the same name and addresses. */
  readonly replace: Effect.Effect<void>
}

/** The hosts of a LAN. */
export class Lan extends Context.Service<Lan, ReadonlyArray<Host>>()("test/Lan") {}

const bin = join(import.meta.dirname, "../../bin/discover.mjs")

/** A LAN of so many hosts, 10.77.0.1 and so on, taken down with the scope. */
export const layer = (count: number): Layer.Layer<Lan> =>
  Layer.effect(
    Lan,
    Effect.gen(function*() {
      const name = yield* Namespace.names
      yield* Effect.sync(() => Namespace.sh(lanScript(name, count)))
      return Array.from({ length: count }, (_, at) => makeHost(name, at + 1))
    })
  )

const lanScript = (name: string, count: number): string => {
  const hosts = Array.from({ length: count }, (_, at) => hostScript(name, at + 1)).join("\n")
  return `
    ip netns add ${name}-0
    ip -n ${name}-0 link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
    ip -n ${name}-0 link set br0 up
    ${hosts}`
}

// addresses are usable at once without duplicate address detection
const hostScript = (name: string, k: number): string => `
    ip netns add ${name}-${k}
    ip netns exec ${name}-${k} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
    ip -n ${name}-${k} link set lo up
    ${linkScript(name, k)}`

const mac = (k: number): string => `02:77:00:00:00:0${k}`

const linkScript = (name: string, k: number): string => `
    ip -n ${name}-0 link add p${k} type veth peer name eth0 address ${mac(k)} netns ${name}-${k}
    ip -n ${name}-0 link set p${k} master br0
    ip -n ${name}-0 link set p${k} up
    ip -n ${name}-${k} link set eth0 up
    ip -n ${name}-${k} addr add 10.77.0.${k}/24 broadcast 10.77.0.255 dev eth0
    ${routeScript(name, k)}`

const routeScript = (name: string, k: number): string => `
    ip -n ${name}-${k} route replace 224.0.0.0/4 dev eth0
    ip -n ${name}-${k} route replace broadcast 255.255.255.255 dev eth0`

// also where the machine is busy with other tests
const deadline = "40 seconds"

const ownRun = `mount -t tmpfs -o mode=755 tmpfs /run; exec "$0" "$@"`

const makeHost = (name: string, k: number): Host => {
  const namespace = `${name}-${k}`
  const start: Host["start"] = (command, ...args) =>
    Child.start("ip", ["netns", "exec", namespace, command, ...args], { deadline })
  const converse: Host["converse"] = (command, ...args) =>
    Child.start(
      "ip",
      [
        "netns",
        "exec",
        namespace,
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-ec",
        ownRun,
        command,
        ...args
      ],
      { deadline, input: true }
    )
  const ip: Host["ip"] = (commands) => Effect.sync(() => Namespace.ip(namespace, commands))
  return {
    address: `10.77.0.${k}`,
    start,
    converse,
    discover: (...args) => start(process.execPath, bin, ...args),
    tap: (...args) =>
      Child.start("ip", [
        "netns",
        "exec",
        `${name}-0`,
        "tshark",
        "-nl",
        "-i",
        `p${k}`,
        "-f",
        `ether src ${mac(k)}`,
        ...args
      ]),
    ip,
    unplug: Effect.sync(() => Namespace.ip(`${name}-0`, `link set p${k} down`)),
    down: ip("link set eth0 down"),
    up: Effect.sync(() => Namespace.sh(`ip -n ${namespace} link set eth0 up\n${routeScript(name, k)}`)),
    replace: Effect.sync(() => Namespace.sh(`ip -n ${namespace} link del eth0\n${linkScript(name, k)}`))
  }
}
