/**
 * A journal for programs: an object a line.
 */
import * as Hex from "effect/encoding/Hex"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import type { Journal } from "./Model.ts"

/** @internal */
export const format = (journal: Journal): string => {
  const { forgotten, hosts, seed } = journal
  const lines = [{ seed, forgotten, hosts }, ...journal.events.map((event) => line(journal, event))]
  return `${lines.map((value) => JSON.stringify(value)).join("\n")}\n`
}

const line = (journal: Journal, event: NetworkEvent.NetworkEvent) => {
  const { causes, text, ...told } = event
  return {
    ...told,
    ...(causes.length === 0 ? {} : { causes }),
    ...(text === "" ? {} : { text }),
    ...(event.kind === "send" ? sending(journal.datagram(event.datagram!)!) : {})
  }
}

const sending = ({ destination, kind, payload, source, ttl }: NetworkEvent.Datagram) => ({
  source,
  destination,
  cast: kind.toLowerCase(),
  ttl,
  payload: Hex.encode(payload)
})
