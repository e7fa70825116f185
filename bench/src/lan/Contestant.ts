/**
 * Programs that speak mDNS on a host of their own, each in the way that it is meant to be used.
 */
import { spawnSync } from "node:child_process"
import * as Child from "../harness/Child.ts"
import * as Peers from "../peers.ts"
import type * as Lan from "./Lan.ts"

/** The calls that each of them answers, whatever it is written in. Times are milliseconds of the clock that all processes share. */
export type Api = {
  /** Starts on the host's one interface; tells which process it is that knows services and answers for them. */
  readonly open: (host: Lan.Host) => Promise<number>
  /** Looks for services of the benchmark's type from now on, addresses and all; gives the time of it. */
  readonly browse: () => Promise<number>
  /** How many are found by now. */
  readonly known: () => number
  /** When the latest was found. */
  readonly lastFoundAt: () => number
  /** Octets of memory that are held for what it knows, among others, without garbage that is not collected yet. */
  readonly held: () => number
  /** Publishes so many more services; gives the time of it, and does not wait for them to be announced. */
  readonly publish: (count: number) => Promise<number>
}

/** One of them. */
export interface Contestant {
  readonly name: string
  /** Why it cannot take part here; `undefined` when it can. */
  readonly unavailable: () => string | undefined
  /** Which one it is, if that can be told. */
  readonly version: () => string | undefined
  readonly start: (host: Lan.Host) => ReturnType<typeof Child.start<Api>>
}

const python = "/usr/bin/python3"

export const ours: Contestant = {
  name: "ours",
  unavailable: () => undefined,
  version: () => undefined,
  start: ({ namespace }) => Child.start<Api>(new URL("./ours.ts", import.meta.url), { namespace })
}

export const avahi: Contestant = {
  name: "Avahi",
  unavailable: () => {
    const missing = ["avahi-daemon", "avahi-browse", "dbus-daemon", python].find((program) =>
      output(program) === undefined
    )
    return missing === undefined ? undefined : `${missing} is not installed`
  },
  version: () => numberIn(output("avahi-daemon")),
  start: ({ namespace }) =>
    Child.start<Api>(new URL("./avahi_child.py", import.meta.url), { namespace, interpreter: python })
}

export const zeroconf: Contestant = {
  name: "python-zeroconf",
  unavailable: () => zeroconf.version() === undefined ? "python3-zeroconf is not installed" : undefined,
  version: () => numberIn(output(python, "-c", "import zeroconf; print(zeroconf.__version__)")),
  start: ({ namespace }) =>
    Child.start<Api>(new URL("./zeroconf_child.py", import.meta.url), { namespace, interpreter: python })
}

const bonjour: Contestant = {
  name: "bonjour-service",
  unavailable: () => Peers.isInstalled("bonjour-service") ? undefined : "bonjour-service is not installed",
  // told with the other libraries
  version: () => undefined,
  start: ({ namespace }) => Child.start<Api>(new URL("./bonjour.ts", import.meta.url), { namespace })
}

export const all: ReadonlyArray<Contestant> = [ours, avahi, zeroconf, bonjour]

/** The versions of those that are here. */
export const versions = (): Readonly<Record<string, string>> =>
  Object.fromEntries(all.flatMap(({ name, version }) => {
    const known = version()
    return known === undefined ? [] : [[name, known]]
  }))

// what a program prints, `undefined` when it cannot be run
const output = (program: string, ...args: ReadonlyArray<string>): string | undefined => {
  const { status, stdout } = spawnSync(program, args.length === 0 ? ["--version"] : args, { encoding: "utf8" })
  return status === 0 ? stdout : undefined
}

const numberIn = (text: string | undefined): string | undefined => text?.match(/\d+(\.\d+)+/)?.[0]
