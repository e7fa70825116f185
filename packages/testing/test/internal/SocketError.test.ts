import { assert, describe, it } from "@effect/vitest"
import type { DatagramSocket } from "effect/socket"
import * as SocketError from "../../src/internal/driver/SocketError.ts"
import type { Errno } from "../../src/internal/kernel/Errno.ts"

// UDP semantics, section 14: the kind when opening, and when sending or receiving
const kinds: ReadonlyArray<
  readonly [code: Errno, opening: DatagramSocket.DatagramSocketOpenError["kind"], io: DatagramSocket.IoErrorKind]
> = [
  ["EADDRINUSE", "AddressInUse", "Unknown"],
  ["EADDRNOTAVAIL", "AddressNotAvailable", "Unknown"],
  ["EACCES", "PermissionDenied", "PermissionDenied"],
  ["EPERM", "PermissionDenied", "PermissionDenied"],
  ["EMSGSIZE", "Unknown", "MessageTooLarge"],
  ["ENETUNREACH", "Unknown", "Unreachable"],
  ["EHOSTUNREACH", "Unknown", "Unreachable"],
  ["ENETDOWN", "Unknown", "Unreachable"],
  ["EHOSTDOWN", "Unknown", "Unreachable"],
  ["ECONNREFUSED", "Unknown", "ConnectionRefused"],
  ["ENODEV", "Unknown", "Unknown"],
  ["ENOBUFS", "Unknown", "Unknown"],
  ["EMFILE", "Unknown", "Unknown"],
  ["EINVAL", "Unknown", "Unknown"]
]

describe("the kinds of section 14", () => {
  for (const [code, opening, io] of kinds) {
    it(code, () => {
      const reasons = [
        SocketError.open(code, "bind", "0.0.0.0:9").reason,
        SocketError.send(code, "10.11.0.2:9").reason,
        SocketError.receive(code).reason
      ]

      assert.deepStrictEqual(reasons.map((reason) => "kind" in reason ? reason.kind : undefined), [opening, io, io])
      assert.deepStrictEqual(
        reasons.map((reason) => "cause" in reason ? (reason.cause as { readonly code: unknown }).code : undefined),
        [code, code, code]
      )
    })
  }
})
