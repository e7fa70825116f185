/**
 * This library as a peer.
 *
 * usage: node ours.ts HOST [INTERFACE]
 */
import { NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { NodeNetwork } from "@effect-discovery/node"
import { NodeRuntime } from "@effect/platform-node"
import { Deferred, Effect, Exit, Layer, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import { readdirSync } from "node:fs"
import { getHeapSpaceStatistics } from "node:v8"
import * as Lines from "./lines.ts"

const [host = "ours", only = "eth0"] = process.argv.slice(2)

const MdnsLive = Mdns.layer({ host, interfaces: NetworkInterface.named(only) }).pipe(
  Layer.provide(NodeNetwork.layer({ interval: "200 millis" }))
)

const octetsOf = (txt: Lines.Txt): ReadonlyArray<readonly [string, Uint8Array | true]> =>
  Object.entries(txt).map(([key, value]) => [key, value === null || Buffer.from(value, "latin1")])

const textOf = (attributes: Mdns.Service["attributes"]): Lines.Txt =>
  Object.fromEntries(
    Array.from(attributes.keys(), (key) => [
      key,
      attributes.isFlag(key) ? null : Buffer.from(attributes.bytes(key)!).toString("latin1")
    ])
  )

const tellOf = (event: Mdns.ServiceEvent): void => {
  const { addresses, attributes, host, name, port } = event.service
  if (event._tag === "ServiceLost") return Lines.tell({ tell: "gone", name })
  const texts = addresses.map(({ address }) => NetAddress.formatIp(address))
  Lines.tell({ tell: "seen", name, host: host.replace(/\.$/, ""), port, addresses: texts, txt: textOf(attributes) })
}

/** The kinds of resources with the number of each. Timers come and go, and say nothing of what is kept. */
const resources = (): string => {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== "Timeout" && kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].toSorted().map(([kind, count]) => `${count} ${kind}`).join(" ")
}

/** Octets of what the program keeps: not of code, which the engine compiles for as long as it finds something to make faster. */
const heap = (): number =>
  getHeapSpaceStatistics().filter(({ space_name }) => !/code|trusted|read_only/.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)

const measure = (): void => {
  globalThis.gc?.()
  Lines.tell({
    tell: "measured",
    at: Math.round(performance.now()),
    heap: heap(),
    resources: resources(),
    files: readdirSync("/proc/self/fd").length
  })
}

interface Published {
  readonly scope: Scope.Closeable
  readonly publication: Mdns.Publication
}

const program = Effect.gen(function*() {
  const mdns = yield* Mdns.Mdns
  const exit = yield* Deferred.make<void>()
  const published = new Map<string, Published>()

  const tellState = (asked: string) => (state: Mdns.PublicationState) =>
    Effect.sync(() => {
      if (state._tag === "Registered") Lines.tell({ tell: "published", asked, name: state.name })
      if (state._tag === "Renamed") Lines.tell({ tell: "renamed", asked, previous: state.previous, name: state.name })
    })

  const publish = Effect.fnUntraced(function*({ name, port, ttl, txt, type }: Lines.Publish) {
    const scope = yield* Scope.make()
    const options = {
      name,
      type,
      port,
      attributes: octetsOf(txt),
      ...(ttl === undefined ? {} : { ttl: `${ttl} seconds` as const })
    }
    const publication = yield* Scope.provide(mdns.publish(options), scope)
    published.set(name, { publication, scope })
    yield* Effect.forkIn(Stream.runForEach(publication.state, tellState(name)), scope)
  })

  const update = ({ name, port, txt }: Lines.Update) =>
    published.get(name)!.publication.update({
      ...(port === undefined ? {} : { port }),
      ...(txt === undefined ? {} : { attributes: octetsOf(txt) })
    })

  const withdraw = (name: string) =>
    Effect.suspend(() => {
      const { scope } = published.get(name)!
      published.delete(name)
      return Scope.close(scope, Exit.void)
    })

  const runFork = Effect.runForkWith(yield* Effect.context())
  const run = (effect: Effect.Effect<unknown, unknown>) => void runFork(Effect.tapError(effect, Effect.logError))
  Lines.obey({
    publish: (command) => run(publish(command)),
    update: (command) => run(update(command)),
    withdraw: ({ name }) => run(withdraw(name)),
    browse: ({ type }) => run(Stream.runForEach(mdns.browse(type), (event) => Effect.sync(() => tellOf(event)))),
    measure,
    exit: () => run(Deferred.succeed(exit, undefined))
  })
  // what is published is withdrawn with the layer
  yield* Deferred.await(exit)
})

program.pipe(Effect.provide(MdnsLive), Effect.ensuring(Effect.sync(() => process.exit(0))), NodeRuntime.runMain)
