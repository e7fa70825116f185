/**
 * The kernel memory that holds datagrams until the program takes them: rules 41 to 43 of the UDP semantics.
 */
import type { Errno } from "./Errno.ts"

// Rule 43: net.core.rmem_default and net.core.rmem_max of Linux, and its floor, in octets.
const standard = 212_992
const floor = 2_304
const page = 4_096
const overhead = 832

/** @internal */
export const standardMaximum = standard

/** @internal How many octets of memory a socket may hold that asked for `asked`. */
export const capacity = (asked: number | undefined, maximum: number): number | Errno => {
  if (asked === undefined || asked === 0) return standard // Node takes zero for a question
  if (!Number.isInteger(asked) || asked < 0 || asked >= 2 ** 32) return "ERR_SOCKET_BAD_BUFFER_SIZE"
  return Math.max(floor, 2 * Math.min(asked, maximum))
}

/** @internal Rule 42: what a datagram of that many octets takes up, by the steps in which Linux allocates. */
export const charge = (octets: number): number => {
  if (octets <= 196) return 832
  if (octets <= 640) return 1_280
  if (octets <= 1_472) return 2_304
  return Math.ceil(octets / page) * page + overhead
}

/** @internal Whether one more finds room. One alone always does. */
export const hasRoom = (charged: number, more: number, capacity: number): boolean =>
  charged === 0 || charged + more <= capacity
