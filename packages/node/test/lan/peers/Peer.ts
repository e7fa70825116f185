/**
 * A program that speaks mDNS on a host of the LAN, whatever it is made with: told what to do, and asked what it has seen.
 */
import { Effect, type Scope } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import type * as Child from "../../support/Child.ts"
import type * as Lan from "../Lan.ts"
import type * as Lines from "./lines.ts"

/** A service to publish. */
export interface Service {
  readonly name: string
  readonly type: string
  readonly port: number
  readonly txt: Lines.Txt
  /** Seconds, for peers that can choose. */
  readonly ttl?: number
}

/** A running peer. What is waited for fails the test when it does not come in time. */
export interface Peer {
  readonly child: Child.Child
  readonly publish: (service: Service) => Effect.Effect<void>
  readonly update: (name: string, change: Partial<Service>) => Effect.Effect<void>
  readonly withdraw: (name: string) => Effect.Effect<void>
  readonly browse: (type: string) => Effect.Effect<void>
  /** Ends well, with a goodbye for what it publishes. */
  readonly leave: Effect.Effect<void>
  /** Ends as by a power cut. */
  readonly kill: Effect.Effect<void>
  /** The name that a service has once it is published. */
  readonly published: (asked: string) => Effect.Effect<string>
  /** The service as seen, once it is seen like this. */
  readonly sees: (name: string, isSo?: (seen: Lines.Seen) => boolean) => Effect.Effect<Lines.Seen>
  /** Waits until a service that was seen is gone. */
  readonly misses: (name: string) => Effect.Effect<void>
  /** The services that it sees now, by name. */
  readonly seen: () => ReadonlyMap<string, Lines.Seen>
  /** All that it told so far. */
  readonly told: () => ReadonlyArray<Lines.Line>
  /** The first line that is of this kind, told already or to come. */
  readonly tells: <Tell extends Lines.Line["tell"]>(
    tell: Tell,
    isSo?: (line: Extract<Lines.Line, { tell: Tell }>) => boolean
  ) => Effect.Effect<Extract<Lines.Line, { tell: Tell }>>
}

/** Starts a peer on a host, whose name it announces. */
export type Start = (host: Lan.Host, name: string) => Effect.Effect<Peer, never, Scope.Scope>

const program = (name: string): string => join(import.meta.dirname, name)

const python = "/usr/bin/python3"

/** Starts `avahi-daemon` on a host, and a client of it. */
export const avahi: Start = (host, name) =>
  Effect.map(start(host.converse(python, program("avahi_peer.py"), name)), (peer) => ({
    ...peer,
    // a daemon that outlives its client by a moment says goodbye for it
    kill: Effect.andThen(host.unplug, peer.kill)
  }))

/** Starts python-zeroconf on a host. */
export const zeroconf: Start = (host, name) =>
  start(host.converse(python, program("zeroconf_peer.py"), name, host.address))

/** Starts this library on a host. */
export const ours: Start = (host, name) => start(host.converse(process.execPath, program("ours.ts"), name))

export const bonjour: Start = (host, name) => start(host.converse(process.execPath, program("bonjour.ts"), name))

export const ciao: Start = (host, name) => start(host.converse(process.execPath, program("ciao.ts"), name))

export const multicastDns: Start = (host, name) =>
  start(host.converse(process.execPath, program("multicastDns.ts"), name, host.address))

/** Starts a program that obeys the commands of `lines.ts`. */
export const start = Effect.fnUntraced(function*(starting: Effect.Effect<Child.Child, never, Scope.Scope>) {
  const child = yield* starting
  const order = (command: Lines.Command) => child.write(`${JSON.stringify(command)}\n`)
  const once = <A>(find: (lines: ReadonlyArray<Lines.Line>) => A | undefined, what: string) =>
    child.finds((stdout) => find(linesOf(stdout)), what)
  const tells: Peer["tells"] = (tell, isSo = () => true) => {
    type Told = Extract<Lines.Line, { tell: typeof tell }>
    return once((lines) => lines.find((line): line is Told => line.tell === tell && isSo(line as Told)), tell)
  }
  const published = (asked: string) =>
    Effect.map(tells("published", (line) => line.asked === asked), ({ name }) => name)
  const peer: Peer = {
    child,
    publish: (service) => order({ do: "publish", ...service }),
    update: (name, change) => Effect.andThen(published(name), order({ do: "update", ...change, name })),
    withdraw: (name) => Effect.andThen(published(name), order({ do: "withdraw", name })),
    browse: (type) => order({ do: "browse", type }),
    leave: Effect.andThen(order({ do: "exit" }), child.exit),
    kill: Effect.andThen(child.signal("SIGKILL"), child.exit),
    published,
    sees: (name, isSo = () => true) =>
      once((lines) => {
        const seen = seenIn(lines).get(name)
        return seen !== undefined && isSo(seen) ? seen : undefined
      }, `sees ${name}`),
    misses: (name) =>
      Effect.asVoid(once(
        (lines) =>
          lines.some((line) => line.tell === "gone" && line.name === name) && !seenIn(lines).has(name) || undefined,
        `misses ${name}`
      )),
    seen: () => seenIn(linesOf(child.stdout())),
    told: () => linesOf(child.stdout()),
    tells
  }
  yield* tells("ready")
  return peer
})

const linesOf = (stdout: string): ReadonlyArray<Lines.Line> =>
  stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Lines.Line)

const seenIn = (lines: ReadonlyArray<Lines.Line>): ReadonlyMap<string, Lines.Seen> => {
  const seen = new Map<string, Lines.Seen>()
  for (const line of lines) {
    if (line.tell === "seen") seen.set(line.name, line)
    if (line.tell === "gone") seen.delete(line.name)
  }
  return seen
}

const isInstalled = (command: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0

/** Why there can be no peer of avahi here; `undefined` when there can. */
export const avahiUnavailable = (): string | undefined => {
  if (!isInstalled("avahi-daemon", "--version")) return "avahi-daemon is not installed"
  if (!isInstalled("dbus-daemon", "--version")) return "dbus is not installed"
  return isInstalled(python, "-c", "import ctypes; ctypes.CDLL('libavahi-client.so.3')")
    ? undefined
    : "the client library of Avahi is not installed"
}

/** Why there can be no peer of python-zeroconf here; `undefined` when there can. */
export const zeroconfUnavailable = (): string | undefined =>
  isInstalled(python, "-c", "import zeroconf") ? undefined : "python3-zeroconf is not installed"
