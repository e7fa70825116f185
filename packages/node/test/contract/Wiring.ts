/**
 * The namespaces that real contract tests run in: two segments, four hosts, and a router when asked for.
 *
 * The hosts have no default route and no route for multicast, and nothing on a segment filters groups.
 */
import type { ContractBed } from "@effect-discovery/testing"
import { Data, Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import * as Namespace from "../lan/Namespace.ts"

/** A host's interface: the segment that it is on, and its number there, the last part of its addresses. */
interface Plug {
  readonly segment: "A" | "B"
  readonly number: number
}

/** The interfaces of each host. */
export const hosts: Readonly<Record<string, Readonly<Record<string, Plug>>>> = {
  h1: { eth0: { segment: "A", number: 1 }, eth1: { segment: "B", number: 1 } },
  h2: { eth0: { segment: "A", number: 2 } },
  h3: { eth0: { segment: "A", number: 3 } },
  h4: { eth0: { segment: "B", number: 4 } },
  r: { eth0: { segment: "A", number: 254 }, eth1: { segment: "B", number: 254 } }
}

const networks = { A: { ipv4: "10.11.0", ipv6: "fd11:" }, B: { ipv4: "10.22.0", ipv6: "fd22:" } } as const

/** Where a host hangs on a segment. */
export const attachment = (host: string, segment: "A" | "B"): ContractBed.Attachment | undefined => {
  const found = Object.entries(hosts[host]!).find(([, plug]) => plug.segment === segment)
  if (found === undefined) return undefined
  const [name, { number }] = found
  return {
    interface: name,
    ipv4: `${networks[segment].ipv4}.${number}`,
    ipv6: `${networks[segment].ipv6}:${hex(number)}`,
    linkLocal: `fe80::ff:fe00:${segment === "A" ? 1 : 2}${hex(number).padStart(2, "0")}`
  }
}

const hex = (number: number): string => number.toString(16)

/** What is done to the hosts from outside of them. */
export interface Wiring {
  /** The namespace of a host. */
  readonly namespace: (host: string) => string
  /** Runs `ip` commands on a host, a line each. */
  readonly ip: (host: string, commands: string) => Effect.Effect<void>
  /** Sets the interface that takes what no route takes, `undefined` for none. */
  readonly defaultRoute: (host: string, name: string | undefined) => Effect.Effect<void>
  /** Takes the interface up, and waits until its segment has noticed. */
  readonly up: (host: string, name: string) => Effect.Effect<void>
  /** Plugs the cable in or out, and waits until the host has noticed. */
  readonly carrier: (host: string, name: string, isOn: boolean) => Effect.Effect<void>
  /** Makes the interface anew, with its first addresses. */
  readonly recreate: (host: string, name: string) => Effect.Effect<void>
}

/** What is wired up. */
export interface Options {
  readonly hosts: ReadonlyArray<string>
  /**
   * Whether the hosts know each other's addresses of the link beforehand. Else the first datagrams wait for them, and some of those to an
   * interface that is down can arrive once it is up again (UDP semantics, rule 31).
   */
  readonly isAcquainted: boolean
}

/** Wires the hosts up, until the scope closes. */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<Wiring, never, Scope.Scope> {
  const prefix = yield* Namespace.names
  const namespace = (host: string) => `${prefix}-${host}`
  const commands = (host: string, name: string) => hostCommands(options, host, name)
  yield* Effect.sync(() => {
    Namespace.sh(switchScript(namespace("switch")))
    for (const host of options.hosts) Namespace.sh(hostScript(namespace, host))
    for (const host of options.hosts) {
      for (const name of Object.keys(hosts[host]!)) {
        Namespace.ip(namespace("switch"), switchCommands(namespace, host, name))
        Namespace.ip(namespace(host), commands(host, name))
      }
    }
  })

  // a bridge forwards to a port only once it has noticed its carrier
  const isForwarded = (host: string, name: string) => waitUntilForwarding(namespace("switch"), port(host, name))
  const ip: Wiring["ip"] = (host, commands) => runIp(namespace(host), commands)
  return {
    namespace,
    ip,
    defaultRoute: (host, name) =>
      name === undefined
        ? Effect.forEach(["0.0.0.0/0", "::/0"], (all) =>
          Effect.ignore(run(["-n", namespace(host), "route", "del", all])), { discard: true })
        : ip(host, `route replace 0.0.0.0/0 dev ${name}\nroute replace ::/0 dev ${name}`),
    up: (host, name) =>
      Effect.andThen(ip(host, `link set ${name} up\n${neighbours(options, host, name)}`), isForwarded(host, name)),
    carrier: (host, name, isOn) =>
      Effect.andThen(
        runIp(namespace("switch"), `link set ${port(host, name)} ${isOn ? "up" : "down"}`),
        waitForCarrier(namespace(host), name, isOn)
      ),
    recreate: (host, name) =>
      Effect.ignore(run(["-n", namespace("switch"), "link", "del", port(host, name)])).pipe(
        Effect.andThen(runIp(namespace("switch"), switchCommands(namespace, host, name))),
        Effect.andThen(ip(host, commands(host, name))),
        Effect.andThen(isForwarded(host, name))
      )
  }
})

const switchScript = (name: string): string => `
  ip netns add ${name}
  ip netns exec ${name} sysctl -qw net.ipv6.conf.default.disable_ipv6=1
  ${
  ["A", "B"].map((segment) => `
    ip -n ${name} link add br${segment} type bridge forward_delay 0 stp_state 0 mcast_snooping 0
    ip -n ${name} link set br${segment} up`).join("\n")
}`

// addresses are usable at once without duplicate address detection, and every ICMP error is sent
const hostScript = (namespace: (host: string) => string, host: string): string => `
  ip netns add ${namespace(host)}
  ip netns exec ${namespace(host)} sysctl -qw ${
  [
    ...["all", "default"].flatMap((scope) => [
      `net.ipv6.conf.${scope}.accept_dad=0`,
      `net.ipv6.conf.${scope}.accept_ra=0`,
      `net.ipv6.conf.${scope}.router_solicitations=0`
    ]),
    "net.ipv4.icmp_ratelimit=0",
    "net.ipv4.icmp_msgs_per_sec=1000000",
    "net.ipv4.icmp_msgs_burst=100000",
    "net.ipv6.icmp.ratelimit=0",
    ...(host === "r" ? ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"] : [])
  ].join(" ")
}
  ip -n ${namespace(host)} link set lo up`

const port = (host: string, name: string): string => `${host}-${name}`

const switchCommands = (namespace: (host: string) => string, host: string, name: string): string => `
  link add ${port(host, name)} type veth peer name ${name} address ${macOf(hosts[host]![name]!)} netns ${
  namespace(host)
}
  link set ${port(host, name)} master br${hosts[host]![name]!.segment}
  link set ${port(host, name)} up`

// link-local addresses are made of these
const macOf = ({ number, segment }: Plug): string =>
  `02:00:00:00:0${segment === "A" ? 1 : 2}:${hex(number).padStart(2, "0")}`

const hostCommands = (options: Options, host: string, name: string): string => {
  const { ipv4, ipv6 } = attachment(host, hosts[host]![name]!.segment)!
  return `
    link set ${name} up
    addr add ${ipv4}/24 broadcast + dev ${name}
    addr add ${ipv6}/64 dev ${name} nodad
    ${options.hosts.includes("r") ? routes(host) : ""}
    ${neighbours(options, host, name)}`
}

// of a network for benchmarks (RFC 2544)
const rejections = `
    route replace unreachable 198.18.1.0/24
    route replace prohibit 198.18.2.0/24
    route replace blackhole 198.18.3.0/24`

/** How h2 and h4 reach the other segment: by the router. */
const routes = (host: string): string => {
  if (host === "h1") return rejections
  if (host === "h3") return ""
  const [first, ...others] = Object.values(hosts[host]!)
  if (first === undefined || others.length > 0) return ""
  const [here, there] = first.segment === "A" ? ["A", "B"] as const : ["B", "A"] as const
  return `
    route replace ${networks[there].ipv4}.0/24 via ${networks[here].ipv4}.254
    route replace ${networks[there].ipv6}:/64 via ${networks[here].ipv6}:fe`
}

// they are lost when an interface goes down
const neighbours = (options: Options, host: string, name: string): string => {
  if (!options.isAcquainted) return ""
  const { segment } = hosts[host]![name]!
  return options.hosts.filter((other) => other !== host).flatMap((other) => {
    const plug = Object.values(hosts[other]!).find((plug) => plug.segment === segment)
    const at = attachment(other, segment)
    if (plug === undefined || at === undefined) return []
    return [at.ipv4, at.ipv6, at.linkLocal, `${networks[segment].ipv4}.1${plug.number}`].map((address) =>
      `neigh replace ${address} lladdr ${macOf(plug)} dev ${name} nud permanent`
    )
  }).join("\n")
}

// Without blocking, since answers of the hosts come in meanwhile.
const runIp = (namespace: string, commands: string): Effect.Effect<void> =>
  Effect.orDie(Effect.asVoid(run(["-n", namespace, "-batch", "-"], commands)))

class IpFailed extends Data.TaggedError("IpFailed")<{ readonly message: string }> {}

const run = (args: ReadonlyArray<string>, input?: string): Effect.Effect<string, IpFailed> =>
  Effect.callback((resume) => {
    const child = spawn("ip", args, { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] })
    const output = { stdout: "", stderr: "" }
    child.stdout!.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
    child.on("close", (code) =>
      resume(
        code === 0
          ? Effect.succeed(output.stdout)
          : Effect.fail(new IpFailed({ message: `ip ${args.join(" ")}\n${input}\n${output.stderr}` }))
      ))
    // it may end before it has read all
    child.stdin?.on("error", () => {}).end(input)
  })

/** What `ip` knows of an interface. */
interface Link {
  readonly operstate: string
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } }
}

const waitForCarrier = (namespace: string, name: string, isOn: boolean): Effect.Effect<void> =>
  waitFor(namespace, name, (link) => (link?.operstate === "UP") === isOn)

const waitUntilForwarding = (namespace: string, name: string): Effect.Effect<void> =>
  waitFor(namespace, name, (link) => link?.linkinfo?.info_slave_data?.state === "forwarding")

const waitFor = (
  namespace: string,
  name: string,
  until: (link: Link | undefined) => boolean
): Effect.Effect<void> =>
  run(["-n", namespace, "-d", "-j", "link", "show", name]).pipe(
    Effect.map((json) => (JSON.parse(json) as ReadonlyArray<Link>)[0]),
    Effect.repeat({ until }),
    Effect.timeoutOrElse({
      duration: "5 seconds",
      orElse: () => Effect.die(new Error(`${name} in ${namespace} has not noticed its carrier`))
    }),
    Effect.orDie,
    Effect.asVoid
  )
