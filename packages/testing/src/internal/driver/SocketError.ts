/**
 * Codes of the system as Effect's socket errors, with the kinds that the Node adapter gives them (UDP semantics, section 14).
 */
import * as DatagramSocket from "effect/socket/DatagramSocket"
import type { Errno } from "../kernel/Errno.ts"

/** @internal */
export const open = (code: Errno, syscall: string, what: string): DatagramSocket.DatagramSocketError =>
  new DatagramSocket.DatagramSocketError({
    reason: new DatagramSocket.DatagramSocketOpenError({ kind: openKind(code), cause: native(code, syscall, what) })
  })

/** @internal */
export const send = (code: Errno, what: string): DatagramSocket.DatagramSocketError =>
  new DatagramSocket.DatagramSocketError({
    reason: new DatagramSocket.DatagramSocketWriteError({ kind: kindOf(code), cause: native(code, "send", what) })
  })

/** @internal */
export const receive = (code: Errno): DatagramSocket.DatagramSocketError =>
  new DatagramSocket.DatagramSocketError({
    reason: new DatagramSocket.DatagramSocketReadError({ kind: kindOf(code), cause: native(code, "recvmsg", "") })
  })

const native = (code: Errno, syscall: string, what: string): Error =>
  Object.assign(new Error(`${syscall} ${code} ${what}`.trim()), { code, syscall })

const openKind = (code: Errno): DatagramSocket.DatagramSocketOpenError["kind"] => {
  switch (code) {
    case "EADDRINUSE":
      return "AddressInUse"
    case "EADDRNOTAVAIL":
      return "AddressNotAvailable"
    case "EACCES":
    case "EPERM":
      return "PermissionDenied"
    default:
      return "Unknown"
  }
}

const kindOf = (code: Errno): DatagramSocket.IoErrorKind => {
  switch (code) {
    case "EMSGSIZE":
      return "MessageTooLarge"
    case "EHOSTDOWN":
    case "EHOSTUNREACH":
    case "ENETDOWN":
    case "ENETUNREACH":
      return "Unreachable"
    case "ECONNREFUSED":
      return "ConnectionRefused"
    case "EACCES":
    case "EPERM":
      return "PermissionDenied"
    default:
      return "Unknown"
  }
}
