/**
 * What names in a program stand for on a bed, and the way back: what a bed tells, in terms of the program.
 */
import type * as ContractBed from "../../ContractBed.ts"
import type { HostName, Place } from "../../SocketProgram.ts"

/** @internal */
export interface Socket {
  readonly host: HostName
  readonly port: number
}

/** @internal The names of one run. */
export class Names {
  private readonly base: number
  private readonly linkLocals: ReadonlyMap<string, string>
  private readonly sockets = new Map<string, Socket>()

  constructor(bed: ContractBed.Bed, place: Place, base: number) {
    this.base = base
    this.linkLocals = place === "loopback" ? new Map() : linkLocals(bed)
  }

  add(name: string, socket: Socket): void {
    this.sockets.set(name, socket)
  }

  /** An address as the bed knows it. */
  address(text: string): string {
    return text.replace(/\{(\w+)(?:\.(\w))?\}/g, (name) => this.linkLocals.get(name) ?? this.group(name))
  }

  /** A port as a number; `undefined` for one of a socket that is none. */
  port(text: string): number | undefined {
    if (text === "0") return 0
    return text.startsWith("p") ? this.base + Number(text.slice(1)) : this.sockets.get(text)?.port
  }

  /** `address:port` as the bed knows it. */
  endpoint(text: string): string | undefined {
    const at = text.lastIndexOf(":")
    const port = this.port(text.slice(at + 1))
    return port === undefined ? undefined : `${this.address(text.slice(0, at))}:${port}`
  }

  /** An address that the bed told, with the names of interfaces in place of their indexes. */
  tellAddress(text: string, interfaces: ReadonlyMap<number, string>): string {
    const [address = "", zone] = text.split("%")
    const known = Array.from(this.linkLocals).find(([, known]) => known === address)
    const group = ["{g0}", "{g1}", "{g2}", "{g5}"].find((name) => this.group(name) === address)
    const name = known?.[0] ?? group ?? address
    // the index of one that is not in the list is that of the bed
    return zone === undefined ? name : `${name}%${interfaces.get(Number(zone)) ?? "?"}`
  }

  /** `address:port` that the bed told. */
  tellEndpoint(text: string, interfaces: ReadonlyMap<number, string>): string {
    const [, bracketed, plain, port] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(text) ?? []
    return `${this.tellAddress(bracketed ?? plain ?? text, interfaces)}:${this.tellPort(Number(port))}`
  }

  /** The name of a port: the last socket that was given it, unless it is one of the program's own. */
  tellPort(port: number): string {
    if (port >= this.base && port <= this.base + 2) return `p${port - this.base}`
    const holders = Array.from(this.sockets).filter(([, socket]) => socket.port === port)
    return holders.at(-1)?.[0] ?? String(port)
  }

  // several programs may run on one machine at the same time, so groups go with the ports
  private group(name: string): string {
    const own = `${this.base >> 8}.${this.base & 255}`
    switch (name) {
      case "{g0}":
        return `239.78.${own}`
      case "{g1}":
        return `239.79.${own}`
      case "{g2}":
        return `ff02::78:${this.base.toString(16)}`
      default:
        return `ff05::78:${this.base.toString(16)}`
    }
  }
}

const linkLocals = (bed: ContractBed.Bed): ReadonlyMap<string, string> =>
  new Map(
    (["h1", "h2", "h3", "h4"] as const).flatMap((name) => {
      const { a, b } = bed.host(name)
      return [["a", a], ["b", b]].flatMap(([segment, attachment]) =>
        attachment === undefined || typeof attachment === "string" || typeof segment !== "string"
          ? []
          : [[`{${name}.${segment}}`, attachment.linkLocal] as const]
      )
    })
  )
