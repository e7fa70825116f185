/**
 * Names of service types, of their subtypes and of their instances, under `local` (RFC 6763, sections 4 and 7).
 *
 * A type is `_http._tcp` to people and `_http._tcp.local` as a name. What we announce keeps to the letter of section 7; what we hear or ask
 * for may be any two labels, since longer names are in use.
 */
import * as Result from "effect/Result"
import * as Name from "./Name.ts"

/** Why text is no service type. */
export type Fault = "not _name._tcp or _name._udp" | Name.Fault

const known = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

/** The domain of all names here. */
export const local = known("local")

/** What all types of a link are asked by (section 9). */
export const all = known("_services._dns-sd._udp.local")

/** The name of `_http._tcp`, `_http._tcp.local`, whatever the length of its labels. */
export const fromString = (text: string): Result.Result<Name.Name, Fault> =>
  Result.flatMap(Name.fromString(text), (type) => fromLabels(Name.labels(type)))

const fromLabels = ([service, transport, ...rest]: ReadonlyArray<Uint8Array>): Result.Result<Name.Name, Fault> =>
  service !== undefined && transport !== undefined && rest.length === 0 && areService(service, transport)
    ? Name.fromLabels([service, transport, ...Name.labels(local)])
    : Result.fail("not _name._tcp or _name._udp")

/** Whether two labels are those of a service: `_` and a name, `_tcp` or `_udp`. */
const areService = (service: Uint8Array, transport: Uint8Array): boolean =>
  service.length > 1 && isUnderscored(service) && isTransport(transport)

const isUnderscored = (label: Uint8Array): boolean => label[0] === 0x5f

const isTransport = (label: Uint8Array): boolean => /^_(tcp|udp)$/i.test(String.fromCharCode(...label))

const isSub = (label: Uint8Array): boolean => /^_sub$/i.test(String.fromCharCode(...label))

/** Whether a type may be announced: a name of 1 to 15 letters, digits and single inner hyphens, one of them a letter (section 7). */
export const isAnnounceable = (text: string): boolean => {
  const [, name = ""] = /^_([a-z0-9-]{1,15})\._(?:tcp|udp)$/i.exec(text) ?? []
  return /[a-z]/i.test(name) && !name.startsWith("-") && !name.endsWith("-") && !name.includes("--")
}

/** The name that a subtype's instances are asked by: `_printer._sub._http._tcp.local` (section 7.1). */
export const subtype = (label: string | Uint8Array, type: Name.Name): Result.Result<Name.Name, Name.Fault> =>
  Name.fromLabels([label, "_sub", ...Name.labels(type)])

/**
 * The name that a type's instances are asked by, or those of a subtype, which the text may name before the type as in `_printer._sub._http._tcp`;
 * `undefined` when there is none.
 */
export const browsed = (type: string, label: string | undefined): Name.Name | undefined =>
  Result.getOrUndefined(
    Result.flatMap(Name.fromString(type), (name): Result.Result<Name.Name, Fault> => {
      const [first, second, ...rest] = Name.labels(name)
      const isSubtype = label === undefined && second !== undefined && isSub(second)
      const own = isSubtype ? first : label
      const known = fromLabels(isSubtype ? rest : Name.labels(name))
      return own === undefined
        ? known
        : Result.flatMap(known, (known): Result.Result<Name.Name, Fault> => subtype(own, known))
    })
  )

/** The name of an instance. */
export const instance = (label: string | Uint8Array, type: Name.Name): Result.Result<Name.Name, Name.Fault> =>
  Name.prepend(label, type)

/** A name in its parts. */
export interface Parts {
  /** The first label, as it came. */
  readonly instance: Uint8Array
  /** The type with its domain. */
  readonly type: Name.Name
  readonly domain: Name.Name
}

/** The parts of an instance's name: one label, the two of its service, and its domain; `undefined` when it has not that form. */
export const split = (name: Name.Name): Parts | undefined => {
  const type = Name.parent(name)
  return isType(type) ? { instance: Name.labels(name)[0]!, type, domain: Name.parent(Name.parent(type)) } : undefined
}

/** Whether a name is that of a service type in some domain. */
export const isType = (name: Name.Name): boolean => {
  const [service, transport] = Name.labels(name)
  return service !== undefined && transport !== undefined && areService(service, transport)
}

/** The two labels of a type's name as text: `_http._tcp`. */
export const format = (type: Name.Name): string => Name.labels(type).slice(0, 2).map(Name.formatLabel).join(".")
