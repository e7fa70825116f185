/**
 * The library on a host under test: the one place of these tests that knows its API.
 */
import { Diagnostic, type DiscoveryError } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Clock, Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import type { Bench } from "./Bench.ts"

/** How the library is started: on which host, with which label of the host, and whatever else its layer takes. */
export interface Options extends Mdns.Options {
  readonly on?: string | undefined
}

/** The library at work, until it is closed. */
export interface Subject {
  readonly bench: Bench
  readonly on: string
  readonly mdns: Mdns.Mdns["Service"]
  readonly scope: Scope.Closeable
  readonly diagnostics: Array<Diagnostic.Diagnostic>
}

/** A service of ours. `notices` are what became of it, in order. */
export interface Registered {
  readonly notices: Array<Mdns.PublicationState>
  readonly name: Effect.Effect<string>
  readonly update: (change: Partial<Registration>) => Effect.Effect<void, DiscoveryError.DiscoveryError>
  readonly close: Effect.Effect<void>
}

/** A service to announce; `instance` is the name that people see. */
export interface Registration extends Omit<Mdns.PublishOptions, "name"> {
  readonly instance?: string | undefined
}

/** What somebody who browses was told, with the times by the clock of the host. */
export interface Browse {
  readonly events: Array<Mdns.ServiceEvent & { readonly at: number }>
  readonly close: Effect.Effect<void>
}

export const start = Effect.fnUntraced(function*(bench: Bench, options: Options = {}) {
  const { on = bench.host().name, ...settings } = options
  const scope = yield* Scope.fork(yield* Effect.scope)
  const host = bench.host(on)
  const context = yield* host.run(Layer.buildWithScope(Mdns.layer(settings), scope))
  const mdns = Context.get(context, Mdns.Mdns)
  const subject: Subject = { bench, on, mdns, scope, diagnostics: [] }
  yield* background(
    subject,
    Stream.runForEach(mdns.diagnostics, (diagnostic) => Effect.sync(() => void subject.diagnostics.push(diagnostic)))
  )
  return subject
})

/** Ends it, goodbyes included. */
export const close = ({ scope }: Subject): Effect.Effect<void> => Scope.close(scope, Exit.void)

const background = <A, E>(self: Subject, effect: Effect.Effect<A, E, Scope.Scope>, scope: Scope.Scope = self.scope) =>
  self.bench.host(self.on).run(
    Effect.forkIn(Scope.provide(Effect.exit(effect), scope), scope, { startImmediately: true })
  )

export const register = Effect.fnUntraced(function*(self: Subject, { instance, ...options }: Registration) {
  const scope = yield* Scope.fork(self.scope)
  const publication = yield* self.bench.host(self.on).run(
    Scope.provide(self.mdns.publish({ ...options, name: instance }), scope)
  )
  const notices: Array<Mdns.PublicationState> = []
  yield* background(
    self,
    Stream.runForEach(publication.state, (state) => Effect.sync(() => void notices.push(state))),
    scope
  )
  const registered: Registered = {
    notices,
    name: publication.name,
    update: ({ instance, ...change }) =>
      publication.update(instance === undefined ? change : { ...change, name: instance }),
    close: Scope.close(scope, Exit.void)
  }
  return registered
})

export const browse = Effect.fnUntraced(function*(self: Subject, type: string, options?: Mdns.BrowseOptions) {
  const scope = yield* Scope.fork(self.scope)
  const browse: Browse = { events: [], close: Scope.close(scope, Exit.void) }
  yield* background(
    self,
    Stream.runForEach(
      self.mdns.browse(type, options),
      (event) => Effect.map(Clock.currentTimeMillis, (at) => void browse.events.push({ ...event, at }))
    ),
    scope
  )
  return browse
})

/** The services that are there by what has been told so far. */
export const services = ({ events }: Browse): ReadonlyArray<Mdns.Service> => {
  const known = new Map<string, Mdns.Service>()
  for (const event of events) {
    if (event._tag === "ServiceLost") known.delete(event.service.id)
    else known.set(event.service.id, event.service)
  }
  return Array.from(known.values())
}

/** Their names, sorted. */
export const names = (browse: Browse): ReadonlyArray<string> => services(browse).map(({ name }) => name).toSorted()

export const find = (browse: Browse, name: string): Mdns.Service | undefined =>
  services(browse).find((service) => service.name === name)

/** How many datagrams were refused, as diagnostics tell it to whoever asks anew. */
export const rejected = Effect.fnUntraced(function*(self: Subject) {
  const totals = new Map<string, number>()
  const note = (diagnostic: Diagnostic.Diagnostic) =>
    Effect.sync(() => {
      if (diagnostic._tag === "DatagramRejected") totals.set(Diagnostic.kind(diagnostic), diagnostic.total)
    })
  yield* Effect.timeoutOption(Stream.runForEach(self.mdns.diagnostics, note), "1 millis")
  return Array.from(totals.values()).reduce((sum, total) => sum + total, 0)
})

/** What is told of the records of a name and type, with the times by the clock of the host. */
export const records = Effect.fnUntraced(function*(self: Subject, name: string, type: number) {
  const scope = yield* Scope.fork(self.scope)
  const events: Array<Mdns.RecordEvent & { readonly at: number }> = []
  yield* background(
    self,
    Stream.runForEach(
      self.mdns.records(name, type),
      (event) => Effect.map(Clock.currentTimeMillis, (at) => void events.push({ ...event, at }))
    ),
    scope
  )
  return { events, close: Scope.close(scope, Exit.void) }
})

/** Watches the addresses of a host for as long as the subject lives. */
export const watchHost = (self: Subject, name: string) =>
  background(self, Stream.runDrain(Stream.merge(self.mdns.records(name, 1), self.mdns.records(name, 28))))

/** The tags of an error and its reason. */
export const reasonOf = (error: { readonly _tag: string; readonly reason: { readonly _tag: string } }): string =>
  `${error._tag} ${error.reason._tag}`

/** One attribute of a service as text. */
export const textOf = (service: Mdns.Service | undefined, key: string): string | undefined =>
  service?.attributes.get(key)

/** The keys of a service's attributes. */
export const keysOf = (service: Mdns.Service | undefined): ReadonlyArray<string> =>
  Array.from(service?.attributes.keys() ?? [])
