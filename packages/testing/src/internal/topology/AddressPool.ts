/**
 * The addresses of a segment: which are taken, and which an interface gets that brings none.
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Settings from "../Settings.ts"

// A segment of IPv6 alone has no end worth looking for; routers count down from here.
const lastOfIpv6 = 65_534

/** @internal */
export class AddressPool {
  readonly ipv4: IpNetwork.Ipv4Network | undefined
  readonly ipv6: IpNetwork.Ipv6Network | undefined
  private readonly taken = new Set<string>()
  // numbers that were given back, for when all others are taken
  private readonly free: Array<number> = []
  private readonly numbers = new Map<string, number>()
  private readonly size: number
  private lowest = 1
  private linkLocals = 0
  private highest: number

  constructor(ipv4: IpNetwork.Ipv4Network | undefined, ipv6: IpNetwork.Ipv6Network | undefined) {
    this.ipv4 = ipv4
    this.ipv6 = ipv6
    this.size = ipv4 === undefined ? lastOfIpv6 : usable(ipv4)
    this.highest = this.size
  }

  get networks(): ReadonlyArray<IpNetwork.IpNetwork> {
    return [this.ipv4, this.ipv6].filter((network) => network !== undefined)
  }

  /** How many interfaces have room. */
  get room(): number {
    return this.size
  }

  /** False when it is taken already. */
  reserve(address: NetAddress.IpAddress): boolean {
    const text = NetAddress.formatIp(address)
    if (this.taken.has(text)) return false
    this.taken.add(text)
    return true
  }

  /** Free ones, from the first of the network on. */
  takeFirst(): ReadonlyArray<IpInterface.IpInterface> | undefined {
    while (this.lowest <= this.size) {
      const taken = this.take(this.lowest++)
      if (taken !== undefined) return taken
    }
    const number = this.free.shift()
    return number === undefined ? undefined : this.take(number)
  }

  /** Gives back what an interface had that is elsewhere now. */
  release(addresses: ReadonlyArray<NetAddress.IpAddress>): void {
    for (const address of addresses) {
      const text = NetAddress.formatIp(address)
      const number = this.numbers.get(text)
      this.taken.delete(text)
      this.numbers.delete(text)
      if (number !== undefined && !this.free.includes(number)) this.free.push(number)
    }
  }

  /** Free ones, from the last of the network on, where one expects routers. */
  takeLast(): ReadonlyArray<IpInterface.IpInterface> | undefined {
    while (this.highest >= 1) {
      const taken = this.take(this.highest--)
      if (taken !== undefined) return taken
    }
    return undefined
  }

  /** A link-local one alone, where the segment has IPv6: beside those that are numbered. */
  takeLinkLocal(): ReadonlyArray<IpInterface.IpInterface> {
    return this.ipv6 === undefined ? [] : Settings.ipv6Addresses(this.ipv6, 0x10000 + ++this.linkLocals).slice(1)
  }

  private take(number: number): ReadonlyArray<IpInterface.IpInterface> | undefined {
    const addresses = this.numbered(number)
    if (addresses.some(({ address }) => this.taken.has(NetAddress.formatIp(address)))) return undefined
    for (const { address } of addresses) {
      this.reserve(address)
      this.numbers.set(NetAddress.formatIp(address), number)
    }
    return addresses
  }

  private numbered(number: number): ReadonlyArray<IpInterface.IpInterface> {
    const ipv4 = this.ipv4 === undefined ? undefined : Settings.ipv4Address(this.ipv4, number)
    return [
      ...(ipv4 === undefined ? [] : [ipv4]),
      ...(this.ipv6 === undefined ? [] : Settings.ipv6Addresses(this.ipv6, number))
    ]
  }
}

// neither the network's own address nor its broadcast address; a /31 and a /32 have neither (RFC 3021)
const usable = ({ prefixLength }: IpNetwork.Ipv4Network): number =>
  prefixLength >= 31 ? 2 ** (32 - prefixLength) : 2 ** (32 - prefixLength) - 2

/** @internal Whether an interface can have it: of the network, and neither its first nor its broadcast address. */
export const isUsable = (network: IpNetwork.IpNetwork, address: NetAddress.IpAddress): boolean => {
  if (!IpNetwork.contains(network, address)) return false
  if (NetAddress.isIpv6Address(address) || network.prefixLength >= 31) return true
  const text = NetAddress.formatIp(address)
  return text !== NetAddress.formatIp(network.address) && text !== NetAddress.formatIp(IpNetwork.lastAddress(network))
}
