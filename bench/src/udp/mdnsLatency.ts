/**
 * Child: how long a user of mDNS waits, on real sockets, in milliseconds; ours, and bonjour-service.
 */
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { setTimeout as sleep } from "node:timers/promises"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"
import * as Peers from "../peers.ts"
import { bindAlone } from "./bindAlone.ts"
import { socketOptions } from "./librarySocket.ts"
import * as Link from "./Link.ts"
import * as PrivateNetwork from "./PrivateNetwork.ts"

/** One trial of each. */
export interface Trial {
  /**
   * From the call that publishes to the service being found by one that browses already: of several who publish at the same time, since each
   * waits for up to a quarter of a second by chance (RFC 6762, section 8.1).
   */
  readonly published: ReadonlyArray<number>
  /** From the call that browses to finding a service that is there. */
  readonly browsed: number
  /** From the call that resolves to the answer; another library has no such call. */
  readonly resolved?: number | undefined
  readonly goodbye: number
  readonly closed: number
}

export type Api = {
  readonly ours: (options: { readonly trials: number }) => Promise<ReadonlyArray<Trial>>
  readonly bonjour: (options: { readonly trials: number }) => Promise<ReadonlyArray<Trial>>
}

const type = "_perf._tcp"
const port = 8_000

// what is new is announced twice, a second apart, and nothing is said to all twice within a second (RFC 6762, section 6)
const announced = 2_300
const quiet = 1_200

const start = (link: Link.Link) =>
  ManagedRuntime.make(
    Layer.provide(Mdns.layer({ interfaces: NetworkInterface.isLoopback }), PrivateNetwork.layer(link))
  )

type Running = ReturnType<typeof start>

/** How many publish at the same time. */
const publishers = 4

/** Resolves with the time when a browser is told such a thing of the service. */
const told = (running: Running, tag: Mdns.ServiceEvent["_tag"], name: string): Promise<number> =>
  running.runPromise(
    Mdns.browse(type).pipe(
      Stream.filter(({ _tag, service }) => _tag === tag && service.name === name),
      Stream.runHead
    )
  ).then(() => performance.now())

const ours = async (name: string): Promise<Trial> => {
  const link = await Link.make("mdns6")
  const [hearing, saying, late, asking] = [start(link), start(link), start(link), start(link)]
  const others = Array.from({ length: publishers - 1 }, () => start(link))
  await Promise.all([hearing, saying, late, asking, ...others].map((running) => running.context()))
  const lost = told(hearing, "ServiceLost", name)
  const scope = Scope.makeUnsafe()
  const publish = async (running: Running, name: string): Promise<number> => {
    const found = told(hearing, "ServiceFound", name)
    await sleep(300)
    const publishing = performance.now()
    await running.runPromise(Scope.provide(Mdns.publish({ name, type, port }), scope))
    return await found - publishing
  }
  const published = await Promise.all(
    [saying, ...others].map((running, index) => publish(running, index === 0 ? name : `${name}-${index}`))
  )
  await Promise.all(others.map((running) => running.dispose()))
  await sleep(announced)
  const browsing = performance.now()
  const browsed = await told(late, "ServiceFound", name) - browsing
  await sleep(quiet)
  const resolving = performance.now()
  await asking.runPromise(Mdns.resolve({ name, type }))
  const resolved = performance.now() - resolving
  const withdrawing = performance.now()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  const goodbye = await lost - withdrawing
  await Promise.all([saying, late, asking].map((running) => running.dispose()))
  const closing = performance.now()
  await hearing.dispose()
  await bindAlone(link)
  return { published, browsed, resolved, goodbye, closed: performance.now() - closing }
}

const bonjour = async (name: string): Promise<Trial> => {
  const link = await Link.make("mdns6")
  const { Bonjour } = Peers.load<Peers.BonjourModule>("bonjour-service")
  const [hearing, saying, late] = [0, 1, 2].map(() => new Bonjour(socketOptions(link))) as [
    Peers.Bonjour,
    Peers.Bonjour,
    Peers.Bonjour
  ]
  const found = new Promise<number>((resolve) => {
    hearing.find({ type: "perf" }, () => resolve(performance.now()))
  })
  await sleep(300)
  const publishing = performance.now()
  saying.publish({ name, type: "perf", port })
  const published = await found - publishing
  await sleep(announced)
  const browsing = performance.now()
  const browser = late.find({ type: "perf" }, () => {})
  const browsed = await new Promise<number>((resolve) => browser.on("up", () => resolve(performance.now()))) - browsing
  const withdrawing = performance.now()
  const lost = new Promise<number>((resolve) => browser.on("down", () => resolve(performance.now())))
  saying.unpublishAll()
  const goodbye = await lost - withdrawing
  await Promise.all([saying, late].map(destroy))
  const closing = performance.now()
  await destroy(hearing)
  await bindAlone(link)
  return { published: [published], browsed, goodbye, closed: performance.now() - closing }
}

const destroy = (bonjour: Peers.Bonjour): Promise<void> => new Promise((resolve) => bonjour.destroy(resolve))

// one more, the first, to have everything loaded
const trials = (count: number, trial: (name: string) => Promise<Trial>) =>
  inTurn(count + 1, (n) => trial(`peer${n}`)).then((all) => all.slice(1))

Child.serve(
  {
    ours: ({ trials: count }) => trials(count, ours),
    bonjour: ({ trials: count }) => trials(count, bonjour)
  } satisfies Api
)
