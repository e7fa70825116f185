import {
  Announcement,
  type Dial,
  Discovery,
  type DiscoveryError,
  type DiscoveryEvent,
  Network,
  Peer,
  Source,
  type Trust
} from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { type Cause, Context, Effect, Layer, type Option, Schedule, type Scope, Stream } from "effect"
import { describe, expect, test } from "tstyche"

class Database extends Context.Service<Database, { readonly members: ReadonlyArray<string> }>()("Database") {}

describe("Discovery", () => {
  test("stream is what users compose", () => {
    expect(Discovery.stream).type.toBe<
      Stream.Stream<DiscoveryEvent.DiscoveryEvent, DiscoveryError.DiscoveryError, Discovery.Discovery>
    >()
  })

  test("an event narrows by its tag", () => {
    void Stream.runForEach(Discovery.stream, (event) => {
      if (event._tag === "PeerUpdated") {
        expect(event.previous).type.toBe<Peer.Peer>()
        expect(event.changed[0]).type.toBe<Peer.Aspect>()
      }
      if (event._tag === "PeerLost") expect(event.reason).type.toBe<DiscoveryEvent.LossReason>()
      return Effect.void
    })
  })

  test("the other accessors", () => {
    expect(Discovery.peers).type.toBe<Effect.Effect<ReadonlyArray<Peer.Peer>, never, Discovery.Discovery>>()
    expect(Discovery.lookup(Peer.id("json", "a"))).type.toBe<
      Effect.Effect<Option.Option<Peer.Peer>, never, Discovery.Discovery>
    >()
    expect(Discovery.advertise(Announcement.make({ name: "ada" }))).type.toBe<
      Effect.Effect<Discovery.Advertisement, DiscoveryError.DiscoveryError, Discovery.Discovery | Scope.Scope>
    >()
    expect(Discovery.awaitPeer(() => true)).type.toBe<
      Effect.Effect<Peer.Peer, DiscoveryError.DiscoveryError, Discovery.Discovery>
    >()
  })

  test("forEachPeer gives each fiber its scope and never ends by itself", () => {
    const each = Discovery.forEachPeer((peer) =>
      Effect.acquireRelease(Effect.succeed(peer.name), () => Effect.void).pipe(
        Effect.andThen(Effect.fail("boom" as const))
      )
    )
    expect(each).type.toBe<Effect.Effect<never, "boom" | DiscoveryError.DiscoveryError, Discovery.Discovery>>()
  })

  test("dial fails with what onFailure fails with, not with what connect does", () => {
    const connect = (attempt: Dial.Attempt) =>
      Effect.acquireRelease(attempt.established, () => Effect.void).pipe(Effect.andThen(Effect.fail("boom" as const)))

    expect(Discovery.dial(connect)).type.toBe<
      Effect.Effect<never, DiscoveryError.DiscoveryError, Discovery.Discovery | Trust.Trust>
    >()
    expect(Discovery.dial(connect, { onFailure: ({ cause }) => Effect.fail({ cause }) })).type.toBe<
      Effect.Effect<
        never,
        DiscoveryError.DiscoveryError | { cause: Cause.Cause<"boom"> },
        Discovery.Discovery | Trust.Trust
      >
    >()
  })
})

describe("layer", () => {
  const protocols = Discovery.layer({ sources: [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()] })

  test("a protocol's source needs a network", () => {
    expect(protocols).type.toBe<Layer.Layer<Discovery.Discovery, DiscoveryError.DiscoveryError, Network.Network>>()
  })

  test("a list or a stream needs only what it itself does", () => {
    const list = Discovery.layer({ sources: [Source.manual("list"), Source.fixed("seeds", [])] })
    expect(list).type.toBe<Layer.Layer<Discovery.Discovery, DiscoveryError.DiscoveryError>>()

    const members = Stream.unwrap(
      Database.useSync(({ members }) => Stream.fromIterable(members.map((name) => Announcement.make({ name }))))
    )
    const both = Discovery.layer({ sources: [Source.fromStream("database", members), Peerage.source()] })
    expect(both).type.toBe<
      Layer.Layer<Discovery.Discovery, DiscoveryError.DiscoveryError, Network.Network | Database>
    >()
  })

  test("a program without a network does not compile where it is run", () => {
    const program = Stream.runDrain(Discovery.stream)
    expect(Effect.runPromise).type.not.toBeCallableWith(program.pipe(Effect.provide(protocols)))
    expect(Effect.runPromise).type.not.toBeCallableWith(program)

    const provided = protocols.pipe(Layer.provide(Layer.mock(Network.Network)({})))
    expect(Effect.runPromise).type.toBeCallableWith(program.pipe(Effect.provide(provided)))
  })

  test("an option that does not exist is refused", () => {
    expect(Discovery.layer).type.not.toBeCallableWith({ sources: [], interface: "eth0" })
  })
})

describe("Source", () => {
  test("retry takes any schedule over the error", () => {
    expect(Source.fromProtocol).type.toBeCallableWith(Peerage.protocol(), { retry: Schedule.recurs(30) })
  })
})
