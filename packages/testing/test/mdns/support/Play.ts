/**
 * Pieces of plays that many rows need: what a scripted peer says of a service, and a host under test that has said all it can say.
 */
import { Effect } from "effect"
import type { Bench } from "./Bench.ts"
import * as Subject from "./Subject.ts"
import type * as Tap from "./Tap.ts"
import * as Wire from "./Wire.ts"

export const type = "_http._tcp"
export const domain = `${type}.local`
export const pointer = Wire.question(domain, "PTR")

/** A query for the pointers of `type`. */
export const ask = (message: Wire.Message = {}): Uint8Array => Wire.query({ questions: [pointer], ...message })

export const nameOf = (instance: string): string => `${instance}.${domain}`

/** All that announces a service of a scripted peer, at `ada-host.local` for `ada`. */
export const service = (
  instance: string,
  options: {
    readonly address?: string
    readonly port?: number
    readonly text?: ReadonlyArray<string>
    readonly ttl?: number
  } = {}
): ReadonlyArray<Wire.Record> => {
  const { address = "10.0.0.2", port = 80, text = [], ttl } = options
  const time = ttl === undefined ? {} : { ttl }
  const host = `${instance}-host.local`
  return [
    Wire.ptr(domain, nameOf(instance), time),
    Wire.srv(nameOf(instance), host, port, time),
    Wire.txt(nameOf(instance), text, time),
    address.includes(":") ? Wire.aaaa(host, address, time) : Wire.a(host, address, time)
  ]
}

/** The announcement of a service of a scripted peer. */
export const announce = (...args: Parameters<typeof service>): Uint8Array =>
  Wire.response({ answers: service(...args) })

/** The answer to the question for its pointer, with the rest as additional records. */
export const reply = (...args: Parameters<typeof service>): Uint8Array => {
  const [first, ...additionals] = service(...args)
  return Wire.response({ answers: [first!], additionals })
}

/** The goodbye of it. */
export const goodbye = (instance: string): Uint8Array => Wire.response({ answers: service(instance, { ttl: 0 }) })

/**
 * Host `us` probes and announces `ada` on host `ada.local`, answers by multicast, by unicast and to a simple resolver, browses `_ipp._tcp` of which
 * it knows an instance, and says goodbye: every kind of datagram there is.
 */
export const everything = Effect.fnUntraced(function*(bench: Bench) {
  const us = yield* Subject.start(bench, { host: "ada" })
  yield* Subject.register(us, { instance: "ada", type, port: 80 })
  yield* Subject.browse(us, "_ipp._tcp")
  const peer = bench.peer()
  yield* Effect.sleep("500 millis")
  yield* peer.send(Wire.response({ answers: [Wire.ptr("_ipp._tcp.local", "eve._ipp._tcp.local")] }))
  yield* Effect.sleep("10 seconds")
  yield* peer.send(ask())
  yield* Effect.sleep("2 seconds")
  yield* peer.send(ask({ questions: [{ ...pointer, unicast: true }] }))
  yield* peer.send(Wire.query({ questions: [Wire.question("ada.local", "TXT")] }))
  yield* peer.send(ask({ id: 0xbeef }), { fromPort: 40_000 })
  yield* Effect.sleep("10 seconds")
  yield* Subject.close(us)
  yield* Effect.sleep("1 second")
  return yield* bench.sent()
})

/** Lets time pass until a host under test sends such a datagram, and gives the first one. */
export const until = Effect.fnUntraced(function*(bench: Bench, matches: (sent: Tap.Sent) => boolean) {
  const since = yield* bench.now
  while (true) {
    const found = (yield* bench.sent({ since })).find(matches)
    if (found !== undefined) return found
    yield* Effect.sleep(1)
  }
})
