/**
 * A journal as lines of text, one an event.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"
import { formatPort } from "../kernel/Address.ts"
import * as Micros from "../Micros.ts"
import type { Journal } from "./Model.ts"

/** @internal */
export const format = (journal: Journal): string => {
  const lines = journal.events.map((event) => line(journal, event))
  return (journal.forgotten === 0 ? lines : [`${journal.forgotten} earlier events forgotten`, ...lines]).join("\n")
}

/** @internal */
export const line = (journal: Journal, event: NetworkEvent.NetworkEvent): string =>
  [
    Micros.format(event.time),
    place(event),
    event.kind,
    event.datagram === undefined ? "" : `f${event.datagram}`,
    event.socket === undefined || event.kind === "send" ? "" : `#${event.socket}`,
    event.kind === "send" ? describe(journal.datagram(event.datagram!)!) : "",
    event.kind === "drop" ? event.reason : "",
    event.text,
    event.code ?? ""
  ].filter((part) => part !== "").join(" ")

/** @internal */
export const place = ({ host, interface: local }: NetworkEvent.NetworkEvent): string =>
  host === undefined ? "-" : local === undefined ? host : `${host}/${local}`

const describe = ({ destination, payload, source }: NetworkEvent.Datagram): string =>
  `${formatPort(source.address, source.port)} > ${formatPort(destination.address, destination.port)}` +
  ` ${payload.length} B ${checksum(payload)}`

// FNV-1a: two logs are equal only if the payloads are.
const checksum = (payload: Uint8Array): string => {
  let hash = 0x811c9dc5
  for (const octet of payload) hash = Math.imul(hash ^ octet, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}
