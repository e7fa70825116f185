/**
 * Services that come, change and go on hosts that browse for each other's, for mDNS to converge on whatever happens meanwhile.
 */
import type { DiscoveryError, Network } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { type Journal, type Property, type PropertyState, Topology } from "@effect-discovery/testing"
import { Clock, Context, Effect, Exit, Layer, Random, Schedule, Scope, Stream } from "effect"
import * as Judge from "../mdns/support/Judge.ts"
import * as Tap from "../mdns/support/Tap.ts"

const type = "_churn._tcp"
/** Services of each host under names of its own. */
const slots = 3
/** How long a host goes on changing what it offers after it was started, in milliseconds. */
const churnFor = 25_000

/** What a host shows. Services are by name with the version in their TXT record. */
export interface View {
  readonly isChanging: boolean
  readonly published: ReadonlyMap<string, string>
  readonly seen: ReadonlyMap<string, string>
  /** Names of its own that nobody else asks for, and what became of them: none as a rule. */
  readonly renamed: ReadonlyArray<string>
  readonly inconsistency: string | undefined
}

interface Offer {
  readonly scope: Scope.Closeable
  readonly publication: Mdns.Publication
  version: string
}

interface Host {
  readonly offers: Map<string, Offer>
  readonly seen: Map<string, string>
  readonly renamed: Array<string>
  isChanging: boolean
  inconsistency: string | undefined
}

type State = PropertyState.State<View>

/** A name that all hosts want: one has it, the others have it with a number. */
const contested = "contested"

const open = Effect.fnUntraced(function*(participant: PropertyState.Participant) {
  const scope = yield* Effect.scope
  const mdns = Context.get(yield* Layer.buildWithScope(Mdns.layer(), scope), Mdns.Mdns)
  const host: Host = { offers: new Map(), seen: new Map(), renamed: [], isChanging: true, inconsistency: undefined }
  yield* Effect.forkScoped(follow(mdns, participant, host), { startImmediately: true })
  yield* Effect.forkScoped(Effect.exit(churn(mdns, participant, host)))
  return Effect.gen(function*() {
    const published = new Map<string, string>()
    for (const { publication, version } of host.offers.values()) published.set(yield* publication.name, version)
    const view: View = {
      isChanging: host.isChanging,
      published,
      seen: new Map(host.seen),
      renamed: host.renamed,
      inconsistency: host.inconsistency
    }
    return view
  })
})

/** Runs on each host. When it cannot start it tries again every second, as a service manager would. */
export const workload = (
  participant: PropertyState.Participant
): Effect.Effect<Effect.Effect<View>, DiscoveryError.DiscoveryError, Network.Network | Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Scope.fork(yield* Effect.scope)
    return yield* Scope.provide(open(participant), scope).pipe(
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
  }).pipe(Effect.retry(Schedule.spaced("1 second")))

const follow = (mdns: Mdns.Mdns["Service"], participant: PropertyState.Participant, host: Host) =>
  Stream.runForEach(mdns.browse(type), (event) =>
    Effect.suspend(() => {
      const { attributes, name } = event.service
      if (host.seen.has(name) === (event._tag === "ServiceFound")) {
        host.inconsistency ??= `${event._tag} of ${name}, which was ${host.seen.has(name) ? "" : "not "}known`
      }
      if (event._tag === "ServiceLost") host.seen.delete(name)
      else host.seen.set(name, attributes.get("version") ?? "")
      const mark = event._tag === "ServiceLost" ? `service lost by ${event.reason}` : marks[event._tag]
      return Effect.all([participant.mark(mark), participant.note(`${mark} ${name}`), participant.changed], {
        discard: true
      })
    })).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit) && !Exit.hasInterrupts(exit)) host.inconsistency ??= "the stream of events failed"
        })
      )
    )

const marks = { ServiceFound: "service found", ServiceUpdated: "service updated" } as const

const churn = Effect.fnUntraced(function*(
  mdns: Mdns.Mdns["Service"],
  participant: PropertyState.Participant,
  host: Host
) {
  const names = [...Array.from({ length: slots }, (_, i) => `${participant.name} ${i}`), contested]
  const until = (yield* Clock.currentTimeMillis) + churnFor
  for (let version = 1; (yield* Clock.currentTimeMillis) < until; version++) {
    const name = names[yield* Random.nextIntBetween(0, names.length - 1)]!
    yield* change(mdns, participant, host, name, `${participant.boot}.${version}`)
    yield* participant.changed
    yield* Effect.sleep(yield* Random.nextBetween(100, 4_000))
  }
  host.isChanging = false
  yield* participant.changed
})

const change = Effect.fnUntraced(function*(
  mdns: Mdns.Mdns["Service"],
  participant: PropertyState.Participant,
  host: Host,
  name: string,
  version: string
) {
  const offer = host.offers.get(name)
  if (offer === undefined) return yield* publish(mdns, participant, host, name, version)
  if (yield* Random.nextBoolean) {
    yield* offer.publication.update({ attributes: { version } })
    offer.version = version
    return
  }
  host.offers.delete(name)
  yield* Scope.close(offer.scope, Exit.void)
})

const publish = Effect.fnUntraced(function*(
  mdns: Mdns.Mdns["Service"],
  participant: PropertyState.Participant,
  host: Host,
  name: string,
  version: string
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const options = { name, type, port: 8_080 + participant.index, attributes: { version } }
  const publication = yield* Scope.provide(mdns.publish(options), scope)
  host.offers.set(name, { scope, publication, version })
  const watch = Stream.runForEach(publication.state, (state) =>
    Effect.suspend(() => {
      if (state._tag !== "Renamed") return Effect.void
      if (name !== contested) host.renamed.push(`${state.previous} to ${state.name}`)
      return Effect.andThen(participant.mark("service renamed"), participant.changed)
    }))
  yield* Effect.forkIn(Effect.exit(watch), scope)
})

const everywhere = (judge: (view: View) => string | undefined) => ({ hosts }: State) => {
  for (const { name, view } of hosts) {
    const why = view && judge(view)
    if (why !== undefined) return `${name}: ${why}`
  }
  return true
}

/** What always has to hold. */
export const always: { readonly [name: string]: PropertyState.Predicate<View> } = {
  noSelfRename: everywhere(({ renamed: [first] }) =>
    first === undefined ? undefined : `renamed ${first}, and nobody else wants that name`
  ),
  eventsAlternate: everywhere(({ inconsistency }) => inconsistency)
}

/** Every browser sees exactly what the others publish, with the latest of each, and no two publish by one name. */
export const converged = (within: Property.Eventually<View>["within"]): Property.Eventually<View> => ({
  within,
  check: ({ hosts }) => {
    const up = hosts.filter(({ isUp }) => isUp)
    const owners = new Map<string, string>()
    for (const { name, view } of up) {
      if (view === undefined) return `${name} has not started`
      if (view.isChanging) return `${name} is not done`
      for (const service of view.published.keys()) {
        if (owners.has(service)) return `${owners.get(service)} and ${name} both publish ${service}`
        owners.set(service, name)
      }
    }
    for (const { name, view } of up) {
      const others = up.filter((other) => other.name !== name).flatMap((other) => Array.from(other.view!.published))
      const [wanted, seen] = [lines(others), lines(view!.seen)]
      if (wanted !== seen) return `${name} sees ${seen || "nothing"} in place of ${wanted || "nothing"}`
    }
    return true
  }
})

const lines = (services: Iterable<readonly [name: string, version: string]>): string =>
  Array.from(services, ([name, version]) => `${name} ${version}`).toSorted().join(", ")

// what is sent may be late and come out of turn here
const judged = (journal: Journal.Journal): PropertyState.Verdict => Judge.breachesOfEach(Tap.of(journal))[0] ?? true

/** What has to be seen in a few runs. */
export const expected = ["service found", "service updated", "service lost by Goodbye", "service renamed"]

/**
 * The whole of it. A goodbye, or the last change of a service, that is lost for good is made up for when the pointer has to be renewed: within the
 * 75 minutes that it holds.
 */
export const property = {
  name: "mdns churn",
  topology: Topology.lan(5),
  workload,
  always,
  eventually: { converged: converged("5400 seconds") },
  history: { judged },
  // When all is as it is to be, late copies of datagrams may still arrive. Each of the three probes for a name is owed a reply by unicast at once
  // and one by multicast (RFC 6762, sections 5.4 and 6): with two copies of each that is 12 datagrams beside answers and questions.
  quiet: { datagrams: 2 },
  buggify: true
}
