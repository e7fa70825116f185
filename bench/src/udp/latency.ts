/**
 * Child: how long things take that a user waits for, on real sockets, in milliseconds.
 */
import * as Announcement from "@effect-discovery/core/Announcement"
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { setTimeout as sleep } from "node:timers/promises"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"
import { bindAlone } from "./bindAlone.ts"
import * as Link from "./Link.ts"
import { sourceOf } from "./sources.ts"

/** One trial of each. */
export interface Trial {
  /** By a protocol that announces at once. */
  readonly found: number
  /** By one whose first announcement waits a little by chance, lest many be made at the same moment. */
  readonly foundLater: number
  readonly goodbye: number
  readonly closed: number
}

export type Api = { readonly measure: (options: { readonly trials: number }) => Promise<ReadonlyArray<Trial>> }

const start = (link: Link.Link) =>
  ManagedRuntime.make(
    Discovery.layer({ sources: [sourceOf(link)], interfaces: NetworkInterface.isLoopback }).pipe(
      Layer.provide(NodeNetwork.layer())
    )
  )

type Running = ReturnType<typeof start>

/** The events of a running layer, one at a time as they are waited for. */
class Listener {
  waiting: ((event: DiscoveryEvent.DiscoveryEvent) => void) | undefined

  constructor(running: Running) {
    const tell = (event: DiscoveryEvent.DiscoveryEvent) => Effect.sync(() => this.waiting?.(event))
    running.runFork(Stream.runForEach(Discovery.stream, tell))
  }

  /** Milliseconds from the start of `action` until there is such an event. */
  async until(tag: DiscoveryEvent.DiscoveryEvent["_tag"], name: string, action: () => Promise<unknown>) {
    const event = new Promise<number>((resolve) => {
      this.waiting = ({ _tag, peer }) => {
        if (_tag === tag && peer.name === name) resolve(performance.now())
      }
    })
    const from = performance.now()
    const [at] = await Promise.all([event, action()])
    return at - from
  }
}

const trial = async (name: string): Promise<Trial> => {
  const { found } = await live("peerage", `${name}@here`, false)
  const { found: foundLater, ...ended } = await live("json", name, true)
  return { found, foundLater, ...ended }
}

const live = async (format: "json" | "peerage", name: string, saysGoodbye: boolean) => {
  const link = await Link.make(format)
  const [hearing, saying] = [start(link), start(link)]
  await Promise.all([hearing.runPromise(Discovery.peers), saying.runPromise(Discovery.peers)])
  const listener = new Listener(hearing)
  const scope = Scope.makeUnsafe()
  const advertise = Discovery.advertise(Announcement.make({ name, identity: name, port: 8_000 }))
  // the layers have nothing left to do
  await sleep(20)
  const found = await listener.until("PeerDiscovered", name, () => saying.runPromise(Scope.provide(advertise, scope)))
  const withdraw = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const goodbye = saysGoodbye ? await listener.until("PeerLost", name, withdraw) : NaN
  await saying.dispose()
  const from = performance.now()
  await hearing.dispose()
  await bindAlone(link)
  return { found, goodbye, closed: performance.now() - from }
}

const api: Api = {
  // one more, the first, to have everything loaded
  measure: async ({ trials }) => (await inTurn(trials + 1, (n) => trial(`peer${n}`))).slice(1)
}

Child.serve(api)
