/**
 * The mDNS of one program: its engine on all links, and what programs can ask of it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schedule from "effect/Schedule"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Engine from "../../../protocol/mdns/Engine.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import * as Registration from "../../../protocol/mdns/Registration.ts"
import * as Seed from "../../../Seed.ts"
import type * as Source from "../../../Source.ts"
import * as Diagnostics from "../Diagnostics.ts"
import * as Asking from "./Asking.ts"
import * as Book from "./Book.ts"
import { EngineMachine } from "./EngineMachine.ts"
import * as Hub from "./Hub.ts"
import * as Links from "./Links.ts"
import * as Publishing from "./Publishing.ts"

/** How it is run. */
export interface Options {
  readonly name: string
  readonly host?: string | undefined
  readonly announcements?: number | undefined
  readonly allowOtherDomains?: boolean | undefined
  readonly names?: Publishing.NameStore | undefined
  readonly retry: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError>
  readonly settings: Source.Settings
  readonly limits: Engine.Limits
}

// what the name of the host is remembered by; no service has it, since a type has a dot, and a label has none
const hostKeyOf = (wanted: string | undefined): string => wanted === undefined ? "host" : `host ${wanted}`

/** Starts it; it ends with the scope. */
export const serve = Effect.fnUntraced(function*(options: Options) {
  const { name, names, settings } = options
  const { limits } = settings
  const diagnostics = Diagnostics.make(limits)
  const wanted = yield* hostLabel(name, options.host)
  const hostKey = hostKeyOf(wanted)
  const remembered = names === undefined ? undefined : yield* names.get(hostKey)
  const allowOtherDomains = options.allowOtherDomains ?? false
  const machine = (yield* EngineMachine)({
    // what was kept elsewhere may be anything by now
    host: remembered !== undefined && Registration.isHostLabel(remembered) ? remembered : wanted,
    announcements: options.announcements ?? 2,
    allowOtherDomains,
    limits: options.limits
  })
  const hub = yield* Links.open({
    machine,
    source: name,
    interfaces: settings.interfaces,
    retry: options.retry,
    limits,
    most: options.limits,
    allowOtherDomains,
    seed: Seed.derive(settings.seed, name),
    report: (report, count) => {
      diagnostics.report(report, count)
      settings.report(report, count)
    }
  })
  if (names !== undefined) {
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    hub.onHostRenamed = (host) => void runFork(names.set(hostKey, host))
  }
  const sightings = Object.assign(
    (type: string, browse: Asking.BrowseOptions = {}) => Asking.sightings(hub, type, browse),
    { leased: (type: string, browse: Asking.BrowseOptions = {}) => Asking.leased(hub, type, browse) }
  )
  return {
    sightings,
    browse: (type: string, browse: Asking.BrowseOptions = {}) => Book.merge(sightings(type, browse)),
    types: Asking.mergeTypes(Asking.types(hub)),
    resolve: (instance: Parameters<typeof Asking.resolve>[1], question: Asking.QuestionOptions = {}) =>
      Asking.resolve(hub, instance, question),
    lookup: (host: string, question: Asking.QuestionOptions = {}) => Asking.lookup(hub, host, question),
    records: (of: string, type: number, where: { readonly interface?: string | undefined } = {}) =>
      Asking.records(hub, of, type, where),
    reconfirm: (of: string) => reconfirm(hub, of),
    publish: (service: Publishing.PublishOptions) => Publishing.publish(hub, names, wanted, service),
    diagnostics: diagnostics.stream
  }
})

// `ada.local` is what other programs call the host `ada`; another dot would be a part of the label
const hostLabel = (
  source: string,
  host: string | undefined
): Effect.Effect<string | undefined, DiscoveryError.DiscoveryError> => {
  const label = host === undefined ? undefined : Registration.withoutLocal(host)
  return label === undefined || Registration.isHostLabel(label)
    ? Effect.succeed(label)
    : DiscoveryError.make(
      new DiscoveryError.InvalidAnnouncement({
        source,
        field: "host",
        limit: `a label such as ada, of 1 to 63 octets and no dot, and "${label}" is none`
      })
    )
}

const reconfirm = (hub: Hub.Hub, text: string): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  const name = Name.fromString(text)
  return Result.isSuccess(name)
    ? Hub.dispatch(hub, { _tag: "Reconfirm", name: name.success })
    : DiscoveryError.make(
      new DiscoveryError.InvalidName({ source: hub.options.source, name: text, limit: "a domain name" })
    )
}
