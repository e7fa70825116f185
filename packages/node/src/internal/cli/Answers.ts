/**
 * What the command prints of what it was told when it asked: a line each.
 */
import type * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as NetAddress from "effect/net/NetAddress"
import * as Display from "../../Display.ts"
import * as Lines from "./Lines.ts"

/** A service type that there is on the network, or no longer. */
export interface TypeEvent {
  readonly event: "discovered" | "lost"
  readonly type: string
}

/** A host with its addresses. */
export interface Host {
  readonly host: string
  readonly addresses: ReadonlyArray<string>
}

const time = (at: number): string => new Date(at).toISOString()

/** A service type for programs: one JSON object. `at` is the time on the wall, in milliseconds. */
export const typeJson = ({ event, type }: TypeEvent, at: number): string => Display.json({ event, at: time(at), type })

/** A service type for people, beginning with the time of day. */
export const typeText = ({ event, type }: TypeEvent, at: number): string =>
  [new Date(at).toTimeString().slice(0, 8), event.padEnd(10), Display.display(type)].join(" ")

export const serviceJson = (service: Mdns.Service, at: number): string =>
  Display.json({
    event: "resolved",
    at: time(at),
    service: {
      id: service.id,
      name: service.name,
      type: service.type,
      host: service.host,
      port: service.port,
      addresses: service.addresses.map(NetAddress.formatInet),
      attributes: service.attributes.toJSON()
    }
  })

/** A service: its name and type, its host and port, where it can be reached, and what it says of itself. */
export const serviceText = ({ addresses, attributes, host, name, port, type }: Mdns.Service): string =>
  [
    Display.display(name),
    Display.display(type),
    `${Display.display(host)}:${port}`,
    ...addresses.map(NetAddress.formatInet),
    ...Lines.attributes(attributes)
  ].join(" ")

export const hostJson = ({ addresses, host }: Host, at: number): string =>
  Display.json({ event: "resolved", at: time(at), host, addresses })

export const hostText = ({ addresses, host }: Host): string => [Display.display(host), ...addresses].join(" ")
