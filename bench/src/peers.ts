/**
 * The libraries that we compare with, as far as a benchmark needs them. They are found by name when they are needed: what is not
 * installed makes rows that are skipped.
 */
import type { EventEmitter } from "node:events"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** All of them, by the names of their packages. */
export const names = [
  "multicast-dns",
  "bonjour-service",
  "@homebridge/ciao",
  "dns-packet",
  "@dnsquery/dns-packet",
  "protobufjs"
] as const

export type Name = (typeof names)[number]

/** A library's module, or one of its files; throws when it is not installed. */
export const load = <A>(name: Name, file = ""): A => {
  try {
    return require(name + file) as A
  } catch (cause) {
    throw new Error(`${name} is not installed`, { cause })
  }
}

/** Where a library is, if it is installed. */
export const pathOf = (name: Name): string | undefined => {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

/** Whether a library is installed. */
export const isInstalled = (name: Name): boolean => pathOf(name) !== undefined

/** The versions of those that are installed. */
export const versions = (): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => {
    const version = versionOf(name)
    return version === undefined ? [] : [[name, version]]
  }))

/** A multicast-dns socket. */
export interface MulticastDns {
  readonly on: (event: "packet" | "response", listener: (packet: Packet) => void) => void
  readonly once: (event: "ready" | "error", listener: (error: Error) => void) => void
  readonly query: (name: string, type: string) => void
}

/** A packet as dns-packet reads it. */
export interface Packet {
  readonly answers: ReadonlyArray<{ readonly type: string; readonly data: unknown }>
}

/** How the peers open a socket, or what they are to take for one. */
export interface SocketOptions {
  readonly port: number
  readonly ip?: string
  readonly interface?: string
  readonly bind: string | false
  readonly multicast?: boolean
  readonly socket?: EventEmitter
}

export type MakeMulticastDns = (options: SocketOptions) => MulticastDns

/** bonjour-service. */
export interface Bonjour {
  readonly server: { readonly mdns: MulticastDns }
  readonly find: (
    options: { readonly type: string },
    onUp: (service: { readonly name: string }) => void
  ) => BonjourBrowser
  readonly publish: (options: {
    readonly name: string
    readonly type: string
    readonly port: number
    readonly txt?: Readonly<Record<string, string>>
  }) => unknown
  readonly unpublishAll: (callback?: () => void) => void
  readonly destroy: (callback: () => void) => void
}

/** A browser of bonjour-service. */
export interface BonjourBrowser {
  readonly on: (event: "up" | "down", listener: () => void) => void
}

export type BonjourModule = { readonly Bonjour: new(options: SocketOptions) => Bonjour }

const require = createRequire(import.meta.url)

// a package need not let its manifest be asked for: it lies above what it lets be loaded
const versionOf = (name: Name): string | undefined => {
  const path = pathOf(name)
  if (path === undefined) return undefined
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = manifestIn(folder)
    if (manifest?.name === name) return manifest.version
  }
  return undefined
}

const manifestIn = (folder: string): { readonly name?: string; readonly version?: string } | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  } catch {
    return undefined
  }
}
