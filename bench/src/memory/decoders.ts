/**
 * How datagrams are decoded, ours as the protocols do it.
 */
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
// what JsonBeacon does before it reads the object has no name of its own in public
import * as Json from "../../../packages/core/src/protocol/internal/json.ts"
import * as Message from "../../../packages/core/src/protocol/mdns/Message.ts"
import * as Record from "../../../packages/core/src/protocol/mdns/Record.ts"
import * as Loops from "./Loops.ts"

/** Where datagrams are said to come from. */
export const source = NetAddress.inetAddressFromNativeUnsafe("127.1.0.1", 40_000)

/** A JSON beacon's datagram. */
export const json = (payload: Uint8Array) => {
  const parsed = Json.parse(payload)
  return Result.isFailure(parsed) ? parsed : JsonBeacon.peer.decode(parsed.success, source)
}

/** A message of mDNS of which every name and all data are looked at: decoding leaves them in the datagram until then. */
export const lookedAt = (payload: Uint8Array) => {
  const decoded = Message.decode(payload)
  if (Result.isSuccess(decoded)) Loops.keep(keysOf(decoded.success))
  return decoded
}

// as one list, since others give all that they read as one object
const keysOf = ({ additionals, answers }: Message.Message): ReadonlyArray<string> => {
  const keys: Array<string> = []
  for (const record of answers) keys.push(record.name.key, Record.dataKey(record.data))
  for (const record of additionals) keys.push(record.name.key, Record.dataKey(record.data))
  return keys
}
