import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { syncBuiltinESMExports } from "node:module"
import Os from "node:os"
import * as Intercepted from "../src/internal/Intercepted.ts"

/** Has interfaces listed by this. */
const listBy = (networkInterfaces: typeof Os.networkInterfaces): void => {
  Os.networkInterfaces = networkInterfaces
  syncBuiltinESMExports()
}

describe("make", () => {
  it.effect("a socket that cannot be opened, since the system lists no interfaces, is a failure like any other", () =>
    Effect.gen(function*() {
      const { networkInterfaces } = Os
      const cause = Object.assign(new Error("too many open files"), { code: "EMFILE" })
      yield* Effect.acquireRelease(
        Effect.sync(() =>
          listBy(() => {
            throw cause
          })
        ),
        () => Effect.sync(() => listBy(networkInterfaces))
      )
      const bind = NetAddress.inetAddressFromInputUnsafe({ address: "fe80::1", port: 0, scopeId: 7 })
      const socket = yield* Intercepted.make({ family: "ipv6", bind }, () => false)
      const { reason } = yield* Effect.flip(socket.reader)

      assert.deepInclude(reason, { _tag: "DatagramSocketOpenError", kind: "Unknown", cause })
    }))
})
