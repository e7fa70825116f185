/**
 * How a socket call fails: the codes of the system, each with the rule of the UDP semantics that asks for it.
 */

/** @internal */
export type Errno =
  | "EACCES" // 6, 27, 82
  | "EADDRINUSE" // 1, 2, 5, 59
  | "EADDRNOTAVAIL" // 4, 59, 69
  | "EHOSTUNREACH" // 27
  | "EINVAL" // 12, 27, 29, 32
  | "EMSGSIZE" // 35, 36
  | "ENETUNREACH" // 26, 67, 83, 98
  | "ENOBUFS" // 60
  | "ENODEV" // 57, 58
  | "EPERM" // 121
  | "ERR_SOCKET_BAD_PORT" // 16, 112

/** @internal */
export const isErrno = (value: unknown): value is Errno => typeof value === "string"
