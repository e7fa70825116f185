/**
 * An HTTP client that finds the host of `http://blog-….local` by mDNS, on the loopback interface.
 */
import { NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { NodeMdns, NodeNetwork } from "@effect-discovery/node"
import { NodeDns, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"
import { HttpClient } from "effect/http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const host = `blog-${process.pid}`

const makeHost = (options: Mdns.Options = {}) =>
  Layer.fresh(Mdns.layer({ ...options, interfaces: NetworkInterface.isLoopback })).pipe(
    Layer.provide(NodeNetwork.layer())
  )

const server = Effect.acquireRelease(
  Effect.callback<ReturnType<typeof createServer>>((resume) => {
    const server = createServer((_request, response) => response.end("hello"))
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const blog = Effect.gen(function*() {
  const { port } = (yield* server).address() as AddressInfo
  const publication = yield* Mdns.publish({ name: host, type: "_http._tcp", port })
  yield* publication.state.pipe(Stream.takeUntil(({ _tag }) => _tag === "Registered"), Stream.runDrain)
  return port
})

const HttpLive = NodeMdns.httpClient.pipe(Layer.provide(Mdns.dns), Layer.provide([NodeDns.layer, makeHost()]))

const program = Effect.gen(function*() {
  const live = yield* Layer.build(makeHost({ host }))
  const port = yield* Effect.provide(blog, live)
  const response = yield* HttpClient.get(`http://${host}.local:${port}/`)
  const text = yield* response.text
  yield* Console.log(text)
  if (text !== "hello") return yield* Effect.fail(`the server said ${text}`)
}).pipe(Effect.scoped, Effect.provide(HttpLive))

NodeRuntime.runMain(program)
