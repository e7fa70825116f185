/**
 * HTTP to hosts by the names that they have on the link, such as `http://printer.local`.
 *
 * @since 0.1.0
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import type { LookupFunction } from "node:net"

/**
 * The `Dns` of the program as the function that `node:net`, `node:http` and undici take as their option `lookup`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lookup: Effect.Effect<LookupFunction, never, Dns.Dns> = Effect.gen(function*() {
  const dns = yield* Dns.Dns
  const run = Effect.runForkWith(yield* Effect.context<never>())
  return (hostname, options, callback) => {
    const family = familyOf(options.family)
    const answer = Effect.matchCause(dns.lookup(hostname, { family }), {
      // whoever is not called back would wait for ever
      onFailure: (cause) => callback(toNodeError(hostname, Cause.squash(cause)), ""),
      onSuccess: (addresses) => {
        const all = addresses.map((address) => ({
          address: NetAddress.formatIp(address),
          family: NetAddress.isIpv4Address(address) ? 4 : 6
        }))
        if (options.all === true) callback(null, all)
        else callback(null, all[0]!.address, all[0]!.family)
      }
    })
    run(answer)
  }
})

const familyOf = (family: number | "IPv4" | "IPv6" | undefined): NetAddress.IpFamily | undefined => {
  if (family === 4 || family === "IPv4") return "IPv4"
  return family === 6 || family === "IPv6" ? "IPv6" : undefined
}

// what programs on Node.js know a failed look-up by
const toNodeError = (hostname: string, cause: unknown): NodeJS.ErrnoException => {
  const isAnswer = cause instanceof Dns.DnsError && !cause.isTemporary
  const message = cause instanceof Error ? cause.message : String(cause)
  return Object.assign(new Error(message, { cause }), {
    code: isAnswer ? "ENOTFOUND" : "EAI_AGAIN",
    syscall: "getaddrinfo",
    hostname
  })
}

/**
 * An HTTP client that finds hosts by the `Dns` of the program: with `Mdns.dns`, those of the link by their `.local` names.
 *
 * **Example** (Ask a printer for its page)
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { NodeMdns, NodeNetwork } from "@effect-discovery/node"
 * import { NodeDns } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { HttpClient } from "effect/http"
 *
 * const HttpLive = NodeMdns.httpClient.pipe(
 *   Layer.provide(Mdns.dns),
 *   Layer.provide([NodeDns.layer, Mdns.layer()]),
 *   Layer.provide(NodeNetwork.layer())
 * )
 *
 * const program = HttpClient.get("http://printer.local/").pipe(
 *   Effect.flatMap((response) => response.text),
 *   Effect.provide(HttpLive)
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const httpClient: Layer.Layer<HttpClient.HttpClient, never, Dns.Dns> = Layer.unwrap(
  Effect.map(lookup, (lookup) => NodeHttpClient.layerUndiciOptions({ connect: { lookup } }))
)
