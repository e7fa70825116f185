/**
 * How a socket call fails: the codes of the system, each with the rule of the UDP semantics that asks for it.
 */

/** @internal */
export type Errno =
  | "EACCES" // 6, 27, 82
  | "EADDRINUSE" // 1, 2, 5, 9, 10, 59, 63
  | "EADDRNOTAVAIL" // 4, 59, 65, 69, 96
  | "EAFNOSUPPORT" // an IPv6 destination from an IPv4-mapped address
  | "ECONNREFUSED" // 78
  | "EHOSTDOWN" // 31, elsewhere than on Linux
  | "EHOSTUNREACH" // 27
  | "EINVAL" // 11, 12, 27, 29, 32
  | "EMFILE" // 17
  | "EMSGSIZE" // 35, 36
  | "ENETDOWN"
  | "ENETUNREACH" // 26, 67, 83, 98
  | "ENOBUFS" // 60
  | "ENODEV" // 33, 57, 58, 70, 90
  | "ENOPROTOOPT" // an IPv6 group on an IPv4 socket
  | "EPERM" // 121
  | "ERR_SOCKET_BAD_BUFFER_SIZE" // 43
  | "ERR_SOCKET_BAD_PORT" // 16, 112

/** @internal */
export const isErrno = (value: unknown): value is Errno => typeof value === "string"
