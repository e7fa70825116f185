/**
 * The journal of a simulated network: all that happened, in order, with the causes of every event and the reason of every loss.
 *
 * @since 0.1.0
 */
import type { Options as DiagramOptions } from "./internal/diagram/Svg.ts"
import * as Svg from "./internal/diagram/Svg.ts"
import * as Text from "./internal/diagram/Text.ts"
import type { Divergence } from "./internal/journal/Difference.ts"
import * as Difference from "./internal/journal/Difference.ts"
import type { Fate } from "./internal/journal/Fate.ts"
import * as Fate_ from "./internal/journal/Fate.ts"
import * as Hash from "./internal/journal/Hash.ts"
import * as JsonLines from "./internal/journal/JsonLines.ts"
import * as Log from "./internal/journal/Log.ts"
import type { Journal } from "./internal/journal/Model.ts"
import type { Options as CaptureOptions } from "./internal/pcapng/Capture.ts"
import * as Capture from "./internal/pcapng/Capture.ts"
import type * as NetworkEvent from "./NetworkEvent.ts"

export type { Options as DiagramOptions } from "./internal/diagram/Svg.ts"
export type { Divergence } from "./internal/journal/Difference.ts"
export type { Fate } from "./internal/journal/Fate.ts"
export type { Host, Journal } from "./internal/journal/Model.ts"
export type { Options as CaptureOptions } from "./internal/pcapng/Capture.ts"

/**
 * 16 hexadecimal digits that are the same for two journals with the same events and payloads, in any process.
 *
 * **Gotchas**
 *
 * It does not depend on the seed but through what it gave rise to. It is no defence against anybody who wants two journals to be alike.
 *
 * **Example** (The same seed, the same run)
 *
 * ```ts
 * import { Journal, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * const run = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make({ loss: 0.2 })
 *   lan.host("ada")
 *   yield* lan.mark("ready")
 *   return Journal.hash(yield* lan.journal)
 * })
 *
 * const program = Effect.gen(function*() {
 *   return (yield* Simulation.run(run, { seed: 7 })) === (yield* Simulation.run(run, { seed: 7 }))
 * })
 *
 * Effect.runPromise(program).then(console.log) // true
 * ```
 *
 * @category comparing
 * @since 0.1.0
 */
export const hash = (self: Journal): string => Hash.of(self)

/**
 * Where two journals part, undefined where they do not. Events that one of the two has forgotten are not compared.
 *
 * @category comparing
 * @since 0.1.0
 */
export const diff = (
  first: Journal,
  second: Journal,
  options?: { readonly context?: number | undefined }
): Divergence | undefined => Difference.of(first, second, options?.context ?? 5)

/**
 * The last `count` events of a host.
 *
 * @category queries
 * @since 0.1.0
 */
export const last = (self: Journal, host: string, count: number): ReadonlyArray<NetworkEvent.NetworkEvent> =>
  count <= 0 ? [] : self.events.filter((event) => event.host === host).slice(-count)

/**
 * The last datagram from one host to another and what became of it there: why the two do not know each other.
 *
 * **Details**
 *
 * Counts what was sent to an address of the other host, to a group or as a broadcast. It prefers the last one of which the end is known to one that may be under way.
 * Undefined when nothing was sent.
 *
 * @category queries
 * @since 0.1.0
 */
export const fate = (self: Journal, from: string, to: string): Fate | undefined => Fate_.of(self, from, to)

/**
 * One event as a line: time in seconds, place, kind, and what there is to say.
 *
 * @category exports
 * @since 0.1.0
 */
export const toLine = (self: Journal, event: NetworkEvent.NetworkEvent): string => Log.line(self, event)

/**
 * All events, a line each, as `lan.log` gives them.
 *
 * @category exports
 * @since 0.1.0
 */
export const toLog = (self: Journal): string => Log.format(self)

/**
 * A line of JSON for the journal itself and one for each event, for programs. What was sent has its payload in hexadecimal.
 *
 * @category exports
 * @since 0.1.0
 */
export const toJsonLines = (self: Journal): string => JsonLines.format(self)

/**
 * A capture in the pcapng format, which Wireshark and tshark read: hosts by name, and a comment for every loss with its reason and the number of its event.
 *
 * **Details**
 *
 * Packets begin with the IP header and have true checksums. A datagram larger than the MTU is one packet, as in the host that sent it. What began or ended
 * (a fault, a mark, a host) is a comment on the next packet. Headers alone are no second message to Wireshark, which would take it for a retransmission. Payloads are those that were sent, also where a fault changed them on the way.
 *
 * **Example** (A capture for Wireshark)
 *
 * ```ts
 * import { Journal, SimulatedNetwork } from "@effect-discovery/testing"
 * import { Effect, FileSystem } from "effect"
 *
 * const capture = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make()
 *   const files = yield* FileSystem.FileSystem
 *   yield* Effect.sleep("1 minute")
 *   yield* files.writeFile("lan.pcapng", Journal.toPcapng(yield* lan.journal))
 * })
 * ```
 *
 * @category exports
 * @since 0.1.0
 */
export const toPcapng = (self: Journal, options: CaptureOptions = {}): Uint8Array => Capture.of(self, options)

/**
 * A picture of who said what to whom: time runs down, every host has a column, datagrams are arrows, and losses end in a cross.
 *
 * **Details**
 *
 * It is one SVG with nothing to load and no script, legible on light and dark screens. Sides of a partition and hosts that are off are
 * shaded; on the left of a column are bars for the groups that the host is in, on its right for the states that `host.mark` gave it. Whatever is pointed at
 * tells more. Short times are stretched and long ones shortened. Above 2,000 arrows those of one pair of hosts within a
 * slice of time become one with a count, and the heading says so.
 *
 * @category exports
 * @since 0.1.0
 */
export const toSvg = (self: Journal, options: DiagramOptions = {}): string => Svg.of(self, options)

/**
 * The same picture as text for terminals: a line an event. `o` is a sending, `>` and `<` an arrival, `x` a loss, `*` a host that hears itself.
 *
 * @category exports
 * @since 0.1.0
 */
export const toText = (self: Journal, options: Omit<DiagramOptions, "title"> = {}): string => Text.of(self, options)
