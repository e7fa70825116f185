import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { Dns } from "effect/net"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { NodeMdns } from "../src/index.ts"

const server = Effect.acquireRelease(
  Effect.callback<readonly [server: ReturnType<typeof createServer>, port: number]>((resume) => {
    const server = createServer((request, response) => response.end(`hello from ${request.headers.host}`))
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed([server, (server.address() as AddressInfo).port])))
  }),
  ([server]) =>
    Effect.callback<void>((resume) => {
      server.closeAllConnections()
      server.close(() => resume(Effect.void))
    })
)

const dns = Dns.layerStatic({ hosts: { "printer.local": ["127.0.0.1"] } })
const live = NodeMdns.httpClient.pipe(Layer.provide(dns))

describe("httpClient", () => {
  it.live("finds the host of a URL by Dns", () =>
    Effect.gen(function*() {
      const [, port] = yield* server
      const response = yield* HttpClient.get(`http://printer.local:${port}/`)

      assert.strictEqual(yield* response.text, `hello from printer.local:${port}`)
    }).pipe(Effect.provide(live)))

  it.live("fails for a host that there is none of", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(HttpClient.get("http://none.local/"))

      assert.strictEqual(error.reason._tag, "TransportError")
    }).pipe(Effect.provide(live)))

  it.live("is told of a resolver that dies, and does not wait for it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(HttpClient.get("http://printer.local/"))

      assert.strictEqual(error.reason._tag, "TransportError")
    }).pipe(
      Effect.provide(
        NodeMdns.httpClient.pipe(
          Layer.provide(Layer.succeed(Dns.Dns, Dns.make({ lookup: () => Effect.die("a mistake") })))
        )
      )
    ))
})
