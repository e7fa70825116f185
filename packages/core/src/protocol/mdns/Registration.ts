/**
 * What a program wants announced: a service of this host (RFC 6763, section 4).
 */
import type * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as ServiceType from "./ServiceType.ts"
import * as Txt from "./Txt.ts"

/** A service to announce. */
export interface Registration {
  /** The instance's name as one label of text; the default name of the host when absent. */
  readonly instance?: string | undefined
  /** `_http._tcp`. */
  readonly type: string
  readonly subtypes: ReadonlyArray<string>
  readonly port: number
  readonly priority: number
  readonly weight: number
  /** The data of its TXT record: at least one octet. */
  readonly text: Uint8Array
  /** Whether a TXT record of more than 1,300 octets is meant. */
  readonly allowLarge: boolean
  /** The label of the host that offers it, when that is another one than this; its `addresses` are then announced as they are. */
  readonly host?: string | undefined
  readonly addresses?: ReadonlyArray<IpInterface.IpInterface> | undefined
  /** Seconds, in place of 4,500 and 120. */
  readonly ttl?: number | undefined
  /** Whether the name is known to be free, so that it needs no probing: a proxy takes over from a host that sleeps (RFC 6762, section 8.1). */
  readonly isVerified: boolean
  /** A name held for a service that is not offered: no pointer leads to it (RFC 6763, section 8). */
  readonly isPlaceholder: boolean
  /** Whether its TXT record says all of it, so that there is no SRV record, as in the profile of libp2p. Its type may then be of any length. */
  readonly isTextOnly?: boolean | undefined
}

/** What cannot be announced, and what could. */
export interface Fault {
  readonly field:
    | "instance"
    | "type"
    | "subtypes"
    | "port"
    | "priority"
    | "weight"
    | "attributes"
    | "host"
    | "addresses"
    | "ttl"
  readonly limit: string
}

const utf8 = new TextEncoder()

/** What of a registration cannot be announced, `undefined` when all can. */
export const validate = (self: Registration): Fault | undefined => checks.find(({ isMet }) => !isMet(self))?.fault

interface Check {
  readonly fault: Fault
  readonly isMet: (self: Registration) => boolean
}

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max

/** Octets of a label of text as it is sent. */
const octetsOf = (label: string): number => utf8.encode(label.normalize("NFC")).length

const isLabel = (label: string): boolean => isWithin(octetsOf(label), 1, 63)

/** Whether it can be the label of an instance (RFC 6763, section 4.1.1). */
// oxlint-disable-next-line no-control-regex
export const isPlain = (label: string): boolean => isLabel(label) && !/[\0-\x1f\x7f]/.test(label)

/** Whether it can be the label of a host that people write down with its domain. */
export const isHostLabel = (label: string): boolean => isPlain(label) && !label.includes(".")

/** A name as it is within `local`: other programs call a type `_http._tcp.local.`, and a host `ada.local`. */
export const withoutLocal = (name: string): string => name.replace(/\.local\.?$/i, "")

const check = (field: Fault["field"], limit: string, isMet: Check["isMet"]): Check => ({
  fault: { field, limit },
  isMet
})

const checks: ReadonlyArray<Check> = [
  check(
    "type",
    "_name._tcp or _name._udp, its name of 1 to 15 letters, digits and single inner hyphens, one of them a letter",
    ({ isTextOnly = false, type }) =>
      isTextOnly ? Result.isSuccess(ServiceType.fromString(type)) : ServiceType.isAnnounceable(type)
  ),
  check(
    "instance",
    "1 to 63 octets of UTF-8 without control characters",
    ({ instance }) => instance === undefined || isPlain(instance)
  ),
  check("subtypes", "labels of 1 to 63 octets", ({ subtypes }) => subtypes.every(isLabel)),
  check(
    "port",
    "1 to 65535",
    ({ isPlaceholder, isTextOnly = false, port }) => isWithin(port, isPlaceholder || isTextOnly ? 0 : 1, 65_535)
  ),
  check("priority", "0 to 65535", ({ priority }) => isWithin(priority, 0, 65_535)),
  check("weight", "0 to 65535", ({ weight }) => isWithin(weight, 0, 65_535)),
  check("attributes", "strings of key=value, at least the empty one", ({ text }) => Txt.isSound(text)),
  check(
    "attributes",
    `at most ${Txt.recommendedOctets} octets, or ${Txt.maxOctets} where large attributes are allowed`,
    ({ allowLarge, text }) => text.length <= (allowLarge ? Txt.maxOctets : Txt.recommendedOctets)
  ),
  check(
    "host",
    "1 to 63 octets of UTF-8 without control characters",
    ({ host }) => host === undefined || isPlain(host)
  ),
  check(
    "addresses",
    "unicast addresses, and only together with a host",
    ({ addresses = [], host }) =>
      addresses.every(({ address }) => NetAddress.isUnicast(address)) && (addresses.length === 0 || host !== undefined)
  ),
  check("ttl", "1 to 86400 seconds", ({ ttl }) => ttl === undefined || isWithin(ttl, 1, 86_400))
]
