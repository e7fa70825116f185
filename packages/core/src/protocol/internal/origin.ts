/**
 * Formats in which a node is where its datagrams come from.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as Announcement from "../../Announcement.ts"
import type * as Beacon from "../Beacon.ts"

/** Refuses an announcement of addresses: to leave them out would announce others. */
export const only = <A>(
  encode: (announcement: Announcement.Announcement, identity: string) => Result.Result<A, Beacon.Unencodable>
) =>
(announcement: Announcement.Announcement, identity: string): Result.Result<A, Beacon.Unencodable> =>
  (announcement.addresses ?? []).length > 0
    ? Result.fail({
      field: "addresses",
      limit: "left out, since this format announces the address that it is sent from"
    })
    : encode(announcement, identity)
