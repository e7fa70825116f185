import { Announcement, Discovery, Peer } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope, Stream } from "effect"
import { Dns, IpInterface, NetAddress } from "effect/net"
import { open } from "../endpoint.ts"
import * as Tap from "./support/Tap.ts"

type Log = Array<string>

const describeEvent = (event: Mdns.ServiceEvent): string => {
  const { attributes, interfaces, name, port } = event.service
  const reason = event._tag === "ServiceLost" ? ` ${event.reason}` : ""
  return `${event._tag} ${name} ${port} ${JSON.stringify(attributes)} ${interfaces.join()}${reason}`
}

/** Writes down what happens to services of a type, for as long as the host runs. */
const watch = (log: Log, type = "_http._tcp") =>
  Stream.runForEach(Mdns.browse(type), (event) => Effect.sync(() => log.push(describeEvent(event))))

const blog: Mdns.PublishOptions = { name: "Blog", type: "_http._tcp", port: 8080, attributes: { path: "/" } }

const onLan = <A, E>(
  name: string,
  program: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<A, E, Scope.Scope>
) =>
  it.effect(
    name,
    () => Simulation.run(Effect.flatMap(SimulatedNetwork.make({ latency: "1 millis" }), program), { duration: "1 day" })
  )

const settled = Effect.sleep("5 seconds")

const storeOf = (kept: Map<string, string>): Mdns.NameStore => ({
  get: (key) => Effect.sync(() => kept.get(key)),
  set: (key, name) => Effect.sync(() => void kept.set(key, name))
})

describe("two hosts", () => {
  onLan("find each other's service, hear of its changes, and of its end", (lan) =>
    Effect.gen(function*() {
      const log: Log = []
      yield* lan.host("grace").start(watch(log).pipe(Effect.provide(Mdns.layer())))
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          const publication = yield* Mdns.publish(blog)
          yield* settled
          yield* publication.update({ attributes: { path: "/news" } })
          yield* settled
          yield* publication.update({ port: 8081 })
          yield* settled
        }).pipe(Effect.scoped, Effect.andThen(Effect.never), Effect.provide(Mdns.layer()))
      )
      yield* Effect.sleep("30 seconds")

      assert.deepStrictEqual(log, [
        `ServiceFound Blog 8080 {"path":"/"} eth0`,
        `ServiceUpdated Blog 8080 {"path":"/news"} eth0`,
        `ServiceUpdated Blog 8081 {"path":"/news"} eth0`,
        `ServiceLost Blog 8081 {"path":"/news"} eth0 Goodbye`
      ])
    }))

  onLan(
    "X-25 a host that stops says goodbye, though its whole layer is closed at once",
    (lan) =>
      Effect.gen(function*() {
        const log: Log = []
        yield* lan.host("grace").start(watch(log).pipe(Effect.provide(Mdns.layer())))
        yield* lan.host("ada").start(
          Effect.andThen(Mdns.publish(blog), Effect.never).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
        )
        yield* settled
        yield* lan.host("ada").stop
        yield* settled

        assert.strictEqual(log.at(-1), `ServiceLost Blog 8080 {"path":"/"} eth0 Goodbye`)
      })
  )

  onLan("of one name: the second takes another one, and its state tells", (lan) =>
    Effect.gen(function*() {
      const states: Log = []
      const publishing = (log?: Log) =>
        Effect.gen(function*() {
          const publication = yield* Mdns.publish(blog)
          yield* Stream.runForEach(
            publication.state,
            (state) => Effect.sync(() => log?.push(`${state._tag} ${state.name}`))
          )
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      yield* lan.host("ada").start(publishing())
      yield* settled
      yield* lan.host("grace").start(publishing(states))
      yield* settled

      assert.deepStrictEqual(states, ["Probing Blog", "Renamed Blog (2)", "Probing Blog (2)", "Registered Blog (2)"])
    }))

  onLan("of one name: who asks for another one at once is told of that last", (lan) =>
    Effect.gen(function*() {
      const [states, kept]: [Log, Map<string, string>] = [[], new Map()]
      yield* lan.host("ada").start(
        Effect.andThen(Mdns.publish(blog), Effect.never).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* settled
      const act = (publication: Mdns.Publication) => (state: Mdns.PublicationState) => {
        states.push(`${state._tag} ${state.name}`)
        return state._tag === "Renamed" ? publication.update({ name: "News" }) : Effect.void
      }
      yield* lan.host("grace").start(
        Effect.flatMap(Mdns.publish(blog), (publication) => Stream.runForEach(publication.state, act(publication)))
          .pipe(
            Effect.scoped,
            Effect.provide(Mdns.layer({ names: storeOf(kept) }))
          )
      )
      yield* settled

      assert.deepStrictEqual(states, [
        "Probing Blog",
        "Renamed Blog (2)",
        "Probing Blog (2)",
        "Probing News",
        "Registered News"
      ])
      assert.deepStrictEqual(Array.from(kept), [["Blog._http._tcp", "Blog (2)"]])
    }))

  onLan("resolve an instance, look a host up, and are told when there is none", (lan) =>
    Effect.gen(function*() {
      yield* lan.host("ada").start(
        Effect.andThen(Mdns.publish(blog), Effect.never).pipe(
          Effect.scoped,
          Effect.provide(Mdns.layer({ host: "ada" }))
        )
      )
      yield* settled
      const [service, addresses, nobody, invalid] = yield* lan.host("grace").run(
        Effect.all([
          Mdns.resolve({ name: "Blog", type: "_http._tcp" }),
          Mdns.lookup("ada.local"),
          Effect.flip(Mdns.resolve("Nobody._http._tcp.local")),
          Effect.flip(Mdns.resolve("Nobody"))
        ]).pipe(Effect.provide(Mdns.layer()))
      )

      assert.deepInclude(service, { id: "blog._http._tcp.local", name: "Blog", host: "ada.local", port: 8080 })
      assert.deepStrictEqual(addresses.map(String), ["10.11.0.1:0"])
      assert.strictEqual(nobody.reason._tag, "NoAnswer")
      assert.strictEqual(invalid.reason._tag, "InvalidQuestion")
    }))

  onLan("are told what a name has to be in the form that they gave it", (lan) =>
    Effect.gen(function*() {
      const asked = ["Dr. Pepper._ipp._tcp.local", { name: "", type: "_ipp._tcp" }, { name: "Printer", type: "ipp" }]
      const messages = yield* lan.host("grace").run(
        Effect.forEach(asked, (instance) => Effect.map(Effect.flip(Mdns.resolve(instance)), ({ message }) => message))
          .pipe(Effect.provide(Mdns.layer()))
      )
      const parts = "a name of 1 to 63 octets, of a service type such as _ipp._tcp. Nothing was sent."

      assert.deepStrictEqual(messages.map((message) => message.split("it must be ")[1]), [
        "an instance's full name such as \"Kitchen Printer._ipp._tcp.local\", with each . of its first part written as \"\\.\". Nothing was sent.",
        parts,
        parts
      ])
    }))
})

const printer = Effect.andThen(Mdns.publish({ ...blog, name: "Printer" }), Effect.never).pipe(
  Effect.scoped,
  Effect.provide(Mdns.layer({ host: "printer" }))
)

describe("dns", () => {
  const elsewhere = (asked: Log): Layer.Layer<Dns.Dns> =>
    Layer.succeed(
      Dns.Dns,
      Dns.make({
        lookup: (host) => {
          asked.push(host)
          return Effect.succeed([NetAddress.ipFromStringUnsafe("192.0.2.1")])
        }
      })
    )

  onLan(
    "M-22.1-1 names of the link are asked for by mDNS and never elsewhere, all others elsewhere",
    (lan) =>
      Effect.gen(function*() {
        const asked: Log = []
        yield* lan.host("ada").start(printer)
        yield* settled
        const answers = yield* lan.host("grace").run(
          Effect.gen(function*() {
            const dns = yield* Dns.Dns
            return {
              lookup: (yield* dns.lookup("printer.local")).map(NetAddress.formatIp),
              none: (yield* Effect.flip(dns.lookup("none.local"))).reason,
              reverse: (yield* Effect.flip(dns.reverse("169.254.3.4"))).message,
              srv: (yield* dns.resolve("printer._http._tcp.local", "SRV")).map(({ port, target }) =>
                `${target} ${port}`
              ),
              again: (yield* dns.lookup("printer.local.")).map(NetAddress.formatIp),
              instances: (yield* dns.resolve("_http._tcp.local", "PTR")).map(({ host }) => host),
              inFamily: (yield* Effect.flip(dns.lookup("printer.local", { family: "IPv6" }))).reason,
              other: (yield* dns.lookup("example.com")).map(NetAddress.formatIp)
            }
          }).pipe(Effect.provide(Mdns.dns), Effect.provide([Mdns.layer(), elsewhere(asked)]))
        )

        assert.deepStrictEqual(answers, {
          lookup: ["10.11.0.1"],
          none: "NotFound",
          reverse: "NotFound: Dns.reverse (169.254.3.4)",
          srv: ["printer.local. 8080"],
          again: ["10.11.0.1"],
          instances: ["Printer._http._tcp.local."],
          inFamily: "NotFound",
          other: ["192.0.2.1"]
        })
        assert.deepStrictEqual(asked, ["example.com"])
      })
  )

  onLan("M-13-2 M-21-1 a name outside local is no question, and nothing is sent", (lan) =>
    Effect.gen(function*() {
      const reasons = yield* lan.host("grace").run(
        Effect.forEach(["example.com", "www.example", "printer"], (name) =>
          Effect.map(Effect.flip(Mdns.lookup(name)), ({ reason }) => reason._tag)).pipe(Effect.provide(Mdns.layer()))
      )

      assert.deepStrictEqual(reasons, ["InvalidQuestion", "InvalidQuestion", "InvalidQuestion"])
      assert.deepStrictEqual(yield* lan.frames, [])
    }))
})

describe("limits", () => {
  onLan("that are none are typed errors, of the layer and of the source", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const failures = [
        yield* Effect.flip(ada.run(Effect.provide(Effect.void, Mdns.layer({ limits: { goodbye: -1 } })))),
        yield* Effect.flip(ada.run(Effect.provide(Effect.void, Mdns.layer({ limits: { records: NaN } })))),
        yield* Effect.flip(
          ada.run(
            Effect.provide(
              Effect.void,
              Discovery.layer({ sources: [Mdns.source({ browse: [], limits: { registrations: 0 } })] })
            )
          )
        )
      ]

      assert.deepStrictEqual(failures.map(({ reason }) => reason._tag), ["Unsupported", "Unsupported", "Unsupported"])
      assert.match(failures[1]!.message, /Limits\.records/)
    }))

  onLan("of the engine can be other ones", (lan) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        lan.host("ada").run(
          Effect.andThen(Mdns.publish(blog), Mdns.publish({ ...blog, name: "News" })).pipe(
            Effect.scoped,
            Effect.provide(Mdns.layer({ limits: { registrations: 1 } }))
          )
        )
      )

      assert.match(error.message, /more than 1 registrations/)
    }))
})

describe("the port", () => {
  onLan(
    "M-15.1-1 held for a moment by another program that looks whether it is alone is waited for",
    (lan) =>
      Effect.gen(function*() {
        const grace = lan.host("grace")
        const holding = open(grace, { address: NetAddress.formatIp(grace.address), port: 5353 })
        yield* Effect.forkChild(Effect.scoped(Effect.andThen(holding, Effect.sleep("200 millis"))))
        yield* Effect.sleep("10 millis")

        yield* grace.run(Effect.provide(Effect.void, Mdns.layer()))
      })
  )
})

describe("lookupOnce", () => {
  onLan(
    "M-5.1-1 asks from a port of its own and hears the reply, though 5353 is held by another program",
    (lan) =>
      Effect.gen(function*() {
        yield* lan.host("ada").start(printer)
        yield* settled
        const grace = lan.host("grace")
        yield* open(grace, { port: 5353 })
        const refused = yield* Effect.flip(grace.run(Effect.provide(Effect.void, Mdns.layer())))
        const addresses = yield* grace.run(Mdns.lookupOnce("printer.local"))
        const sent = (yield* lan.frames).filter(({ from }) => from.startsWith(NetAddress.formatIp(grace.address)))

        assert.strictEqual(refused.reason._tag, "AddressInUse")
        assert.deepStrictEqual(addresses.map(String), ["10.11.0.1:0"])
        assert.isFalse(sent.some(({ from }) => from.endsWith(":5353")))
      })
  )

  onLan(
    "leaves out addresses that nobody could dial, as does whoever asks from port 5353",
    (lan) =>
      Effect.gen(function*() {
        const addresses = ["127.0.0.1/8", "192.0.2.1/24", "10.11.0.7/16"].map((text) =>
          IpInterface.fromStringUnsafe(text)
        )
        yield* lan.host("ada").start(
          Mdns.publish({ ...blog, host: "printer", addresses }).pipe(
            Effect.andThen(Effect.never),
            Effect.scoped,
            Effect.provide(Mdns.layer())
          )
        )
        yield* settled
        const grace = lan.host("grace")
        const once = yield* grace.run(Mdns.lookupOnce("printer.local"))
        const usual = yield* grace.run(Effect.provide(Mdns.lookup("printer.local"), Mdns.layer()))

        assert.deepStrictEqual([once, usual].map((found) => found.map(String)), [["10.11.0.7:0"], ["10.11.0.7:0"]])
      })
  )

  onLan("gives up in time", (lan) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(lan.host("ada").run(Mdns.lookupOnce("none.local", { timeout: "2 seconds" })))

      assert.deepInclude(error.reason, { _tag: "NoAnswer", millis: 2000 })
    }))
})

describe("sharing the port", () => {
  onLan(
    "two engines on one host both work, and the second knows that it is not alone",
    (lan) =>
      Effect.gen(function*() {
        const [first, second]: ReadonlyArray<Log> = [[], []]
        const diagnostics: Log = []
        yield* lan.host("ada").start(watch(first!).pipe(Effect.provide(Mdns.layer())))
        yield* Effect.sleep("1 second")
        yield* lan.host("ada").start(
          Effect.andThen(
            Effect.forkScoped(
              Stream.runForEach(Mdns.diagnostics, ({ _tag }) => Effect.sync(() => diagnostics.push(_tag)))
            ),
            watch(second!)
          ).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
        )
        yield* lan.host("grace").start(printer)
        yield* settled

        assert.deepStrictEqual(first, [`ServiceFound Printer 8080 {"path":"/"} eth0`])
        assert.deepStrictEqual(second, first)
        assert.deepStrictEqual(diagnostics, ["PortShared"])
      })
  )
})

describe("an address that cannot be bound yet", () => {
  onLan("is no sign of another program that has the port", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const diagnostics: Log = []
      // as a new IPv6 address, while the system makes sure that nobody else has it: the port is looked at, then opened
      yield* lan.faults.failNext("ada", "bind", "EADDRNOTAVAIL", { times: 2 })
      yield* ada.start(
        Stream.runForEach(Mdns.diagnostics, ({ _tag }) => Effect.sync(() => diagnostics.push(_tag))).pipe(
          Effect.provide(Mdns.layer())
        )
      )
      yield* settled

      assert.deepStrictEqual(diagnostics, ["SessionRestarting"])
    }))
})

describe("a program that shares the port later", () => {
  onLan("M-15.1-2 is told of, and answers by unicast are asked for no more", (lan) =>
    Effect.gen(function*() {
      const diagnostics: Log = []
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          yield* Effect.forkScoped(
            Stream.runForEach(Mdns.diagnostics, ({ _tag }) => Effect.sync(() => diagnostics.push(_tag)))
          )
          yield* Mdns.publish(blog)
          yield* Effect.sleep("1 minute")
          yield* Mdns.publish({ ...blog, name: "News" })
          return yield* Effect.never
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* settled
      const alone = (yield* lan.journal).events.length
      yield* lan.host("ada").start(watch([]).pipe(Effect.provide(Mdns.layer())))
      yield* Effect.sleep("2 minutes")
      const journal = yield* lan.journal
      const probes = Tap.of(journal).filter(Tap.isProbe)
      const isUnicast = probes.map(({ message }) => message.questions.every(({ unicast }) => unicast))

      assert.isAbove(alone, 0)
      assert.deepStrictEqual(isUnicast, [true, true, true, false, false, false])
      assert.deepStrictEqual(diagnostics, ["PortShared"])
    }))
})

describe("the own host", () => {
  onLan("has the label that it is given, with or without its domain, if that is one", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const faults = yield* Effect.forEach(
        ["", "a.b", "x".repeat(64), "a\n"],
        (host) => Effect.flip(ada.run(Effect.provide(Effect.void, Mdns.layer({ host }))))
      )
      yield* ada.start(
        Effect.andThen(Mdns.publish(blog), Effect.never).pipe(
          Effect.scoped,
          Effect.provide(Mdns.layer({ host: "ada.local" }))
        )
      )
      yield* lan.host("grace").start(
        Effect.andThen(
          Mdns.publish({
            ...blog,
            name: "Proxied",
            host: "old.local",
            addresses: [IpInterface.fromStringUnsafe("10.11.0.99/24")]
          }),
          Effect.never
        ).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* settled
      const found = yield* lan.host("mary").run(
        Effect.all([Mdns.lookup("ada.local"), Mdns.lookup("old.local")]).pipe(Effect.provide(Mdns.layer()))
      )

      assert.deepStrictEqual(faults.map(({ reason }) => reason._tag), Array(4).fill("InvalidAnnouncement"))
      assert.deepStrictEqual(found.flat().map(String), ["10.11.0.1:0", "10.11.0.99:0"])
    }))

  onLan("a source that is to browse for what is no type does not open", (lan) =>
    Effect.gen(function*() {
      const browse = ["_http._tcp", "http"]
      const opened = [Mdns.source({ browse }), Mdns.sourceOf({ browse })].map((source) =>
        Effect.flip(Layer.build(Discovery.layer({ sources: [source] })).pipe(Effect.provide(Mdns.layer())))
      )
      const errors = yield* lan.host("grace").run(Effect.all(opened).pipe(Effect.scoped))

      for (const { reason } of errors) assert.deepInclude(reason, { _tag: "InvalidName", source: "mdns", name: "http" })
    }))

  onLan("is found by its name, on all links, as soon as the name is ours", (lan) =>
    Effect.gen(function*() {
      const found = yield* lan.host("ada").run(
        Effect.gen(function*() {
          yield* Mdns.publish(blog)
          const early = yield* Mdns.lookup("ada.local")
          yield* settled
          const late = yield* Mdns.lookup("ADA.local")
          const none = yield* Effect.flip(Mdns.lookup("ada2.local"))
          return [early.map(String), late.map(String), none.reason._tag]
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer({ host: "ada" })))
      )

      assert.deepStrictEqual(found, [["10.11.0.1:0"], ["10.11.0.1:0"], "NoAnswer"])
    }))
})

describe("an interface", () => {
  onLan("that flaps loses its services, and finds them again", (lan) =>
    Effect.gen(function*() {
      const log: Log = []
      yield* lan.host("grace").start(printer)
      yield* lan.host("ada").start(watch(log).pipe(Effect.provide(Mdns.layer())))
      yield* settled
      const eth0 = lan.host("ada").interface("eth0")
      yield* eth0.down
      yield* settled
      yield* eth0.up
      yield* settled

      assert.deepStrictEqual(log.map((line) => line.replace(/ 8080.*eth0/, "")), [
        "ServiceFound Printer",
        "ServiceLost Printer InterfaceLost",
        "ServiceFound Printer"
      ])
    }))
})

describe("a source", () => {
  onLan("makes services peers of Discovery, and announcements services", (lan) =>
    Effect.gen(function*() {
      const log: Log = []
      const layer = Discovery.layer({ sources: [Mdns.source({ browse: ["_http._tcp"] })] })
      yield* lan.host("grace").start(
        Stream.runForEach(Discovery.stream, (event) =>
          Effect.sync(() =>
            log.push(
              `${event._tag} ${event.peer.id} ${event._tag === "PeerLost" ? event.reason : event.peer.addresses}`
            )
          )).pipe(Effect.provide(layer))
      )
      yield* lan.host("ada").start(
        Effect.andThen(Mdns.advertise({ name: "Blog", type: "_http._tcp", port: 80 }), settled).pipe(
          Effect.scoped,
          Effect.provide(layer)
        )
      )
      yield* Effect.sleep("10 seconds")

      const id = Peer.id("mdns", "blog._http._tcp.local")
      assert.deepStrictEqual(log, [`PeerDiscovered ${id} 10.11.0.2:80`, `PeerLost ${id} Goodbye`])
    }))

  onLan("has peers of a subtype, once however many of its types they are of", (lan) =>
    Effect.gen(function*() {
      const log: Log = []
      const browse = ["_printer._sub._http._tcp.local", "_http._tcp", "_color._sub._http._tcp"]
      yield* lan.host("grace").start(
        Stream.runForEach(Discovery.stream, ({ _tag, peer }) => Effect.sync(() => log.push(`${_tag} ${peer.name}`)))
          .pipe(Effect.provide(Discovery.layer({ sources: [Mdns.source({ browse: browse.slice(0, 1) })] })))
      )
      yield* lan.host("mary").start(
        Stream.runForEach(
          Discovery.stream,
          ({ _tag, peer }) => Effect.sync(() => log.push(`mary ${_tag} ${peer.name}`))
        )
          .pipe(Effect.provide(Discovery.layer({ sources: [Mdns.source({ browse })] })))
      )
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          yield* Mdns.publish({ ...blog, name: "plain" })
          const publication = yield* Mdns.publish({ ...blog, name: "printer", subtypes: ["_printer", "_color"] })
          yield* settled
          yield* publication.update({ subtypes: [] })
          return yield* Effect.never
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(log.toSorted(), [
        "PeerDiscovered printer",
        "PeerLost printer",
        "mary PeerDiscovered plain",
        "mary PeerDiscovered printer"
      ])
    }))

  onLan("has a peer that announces itself in other letters by these, as the same one", (lan) =>
    Effect.gen(function*() {
      const log: Log = []
      yield* lan.host("grace").start(
        Stream.runForEach(
          Discovery.stream,
          ({ _tag, peer }) => Effect.sync(() => log.push(`${_tag} ${peer.name} ${peer.id}`))
        ).pipe(Effect.provide(Discovery.layer({ sources: [Mdns.source({ browse: ["_http._tcp"] })] })))
      )
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          const publication = yield* Mdns.publish({ ...blog, name: "blog" })
          yield* settled
          yield* publication.update({ name: "Blog" })
          return yield* Effect.never
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer()))
      )
      yield* Effect.sleep("10 seconds")

      const id = Peer.id("mdns", "blog._http._tcp.local")
      assert.deepStrictEqual(log, [`PeerDiscovered blog ${id}`, `PeerUpdated Blog ${id}`])
    }))
})

describe("a shared mDNS", () => {
  onLan("is a source too, tells its diagnostics, and refuses what it cannot announce", (lan) =>
    Effect.gen(function*() {
      const seen: Log = []
      yield* lan.host("grace").start(printer)
      const program = Effect.gen(function*() {
        const service = { type: "_http._tcp" }
        const faulty: ReadonlyArray<Announcement.Options> = [
          { name: "a", port: 1 },
          { name: "a", port: 1, service: { type: "http" } },
          { name: "a", service },
          { name: "a", port: 1, service, addresses: [NetAddress.inetAddressFromStringUnsafe("10.0.0.1:1")] }
        ]
        for (const options of faulty) {
          const { reason } = yield* Effect.flip(Discovery.advertise(Announcement.make(options)))
          seen.push(reason._tag === "InvalidAnnouncement" ? reason.field : reason._tag)
        }
        yield* Effect.forkScoped(
          Stream.runForEach(Discovery.diagnostics, (diagnostic) =>
            Effect.sync(() =>
              diagnostic._tag === "AdvertisementRenamed" && seen.push(`renamed ${diagnostic.name}`)
            ))
        )
        yield* Mdns.advertise({ name: "Printer", type: "_http._tcp", port: 1 })
        const peer = yield* Discovery.awaitPeer(({ name }) => name === "Printer")
        yield* settled
        return peer.id
      }).pipe(
        Effect.scoped,
        Effect.provide(
          Layer.provideMerge(Discovery.layer({ sources: [Mdns.sourceOf({ browse: ["_http._tcp"] })] }), Mdns.layer())
        )
      )
      const found = yield* lan.host("ada").run(program)

      assert.strictEqual(found, Peer.id("mdns", "printer._http._tcp.local"))
      assert.deepStrictEqual(seen, ["service", "type", "port", "addresses", "renamed Printer (2)"])
    }))
})

describe("names", () => {
  onLan("that are kept for the host and are none are not taken", (lan) =>
    Effect.gen(function*() {
      const names = storeOf(new Map([["host ada", ""]]))
      yield* lan.host("ada").start(
        Effect.andThen(Mdns.publish(blog), Effect.never).pipe(
          Effect.scoped,
          Effect.provide(Mdns.layer({ host: "ada", names }))
        )
      )
      yield* settled
      const addresses = yield* lan.host("grace").run(Effect.provide(Mdns.lookup("ada.local"), Mdns.layer()))

      assert.deepStrictEqual(addresses.map(String), ["10.11.0.1:0"])
    }))

  onLan(
    "M-9-5 that were chosen for a host and a service of no name are not taken once it is to be called otherwise",
    (lan) =>
      Effect.gen(function*() {
        const names = storeOf(new Map())
        const serve = (host: string, names?: Mdns.NameStore) =>
          Effect.andThen(Mdns.publish({ ...blog, name: undefined }), Effect.never).pipe(
            Effect.scoped,
            Effect.provide(Mdns.layer({ host, names }))
          )
        const hostOf = (name: string) =>
          Effect.map(Mdns.resolve({ name, type: blog.type }), ({ host }) => host).pipe(Effect.provide(Mdns.layer()))
        yield* lan.host("grace").start(serve("web"))
        yield* settled
        const found: Array<string> = []
        for (const [wanted, taken] of [["web", "web (2)"], ["web", "web (2)"], ["shop", "shop"]] as const) {
          yield* lan.host("ada").start(serve(wanted, names))
          yield* settled
          found.push(yield* lan.host("edith").run(hostOf(taken)))
          yield* lan.host("ada").stop
        }

        assert.deepStrictEqual(found, ["web-2.local", "web-2.local", "shop.local"])
      })
  )

  onLan("M-9-5 that were chosen for a host are none of its services without a name", (lan) =>
    Effect.gen(function*() {
      const publication = Effect.flatMap(Mdns.publish({ ...blog, name: undefined }), ({ name }) => name)
      const options = { host: "web", names: storeOf(new Map([["host web", "web-2"]])) }
      const name = yield* lan.host("ada").run(publication.pipe(Effect.scoped, Effect.provide(Mdns.layer(options))))

      assert.strictEqual(name, "web")
    }))

  onLan("that are kept for services and are none are not taken", (lan) =>
    Effect.gen(function*() {
      const publication = Effect.flatMap(Mdns.publish(blog), ({ name }) => name)
      const names = storeOf(new Map([["Blog._http._tcp", ""]]))
      const name = yield* lan.host("ada").run(publication.pipe(Effect.scoped, Effect.provide(Mdns.layer({ names }))))

      assert.strictEqual(name, "Blog")
    }))

  onLan("take no room of services", (lan) =>
    Effect.gen(function*() {
      const publication = Effect.flatMap(Mdns.publish(blog), ({ name }) => name)
      const options = { names: storeOf(new Map()), limits: { registrations: 1 } }
      const name = yield* lan.host("ada").run(publication.pipe(Effect.scoped, Effect.provide(Mdns.layer(options))))

      assert.strictEqual(name, "Blog")
    }))

  const asked = Mdns.publish({ ...blog, port: 81 })
  const askedLater = Effect.tap(Mdns.publish({ ...blog, name: "News" }), ({ update }) => update({ name: "Blog" }))
  for (const [second, when] of [[asked, "from the start"], [askedLater, "after an update"]] as const) {
    onLan(`M-9-5 of two services that are called alike ${when} stay through restarts`, (lan) =>
      Effect.gen(function*() {
        const publish = Effect.gen(function*() {
          const both = [yield* Mdns.publish(blog), yield* second]
          yield* settled
          return yield* Effect.forEach(both, ({ name }) => name)
        }).pipe(Effect.scoped, Effect.provide(Mdns.layer({ names: storeOf(new Map()) })))
        const seen = yield* Effect.forEach([1, 2, 3], () => lan.host("ada").run(publish))

        assert.deepStrictEqual(seen, Array.from({ length: 3 }, () => ["Blog", "Blog (2)"]))
      }))
  }

  onLan("M-9-5 that were chosen are remembered, and asked for after a restart", (lan) =>
    Effect.gen(function*() {
      const names = storeOf(new Map())
      const publish = Effect.gen(function*() {
        const publication = yield* Mdns.publish({ ...blog, name: "Printer" })
        yield* settled
        return yield* publication.name
      }).pipe(Effect.scoped, Effect.provide(Mdns.layer({ names })))
      yield* lan.host("grace").start(printer)
      yield* settled
      const first = yield* lan.host("ada").run(publish)
      yield* lan.host("grace").stop
      const second = yield* lan.host("ada").run(publish)

      assert.deepStrictEqual([first, second], ["Printer (2)", "Printer (2)"])
    }))

  onLan(
    "M-9-5 that were remembered stay through an update, and one that is asked for later is remembered as itself",
    (lan) =>
      Effect.gen(function*() {
        const kept = new Map([["Blog._http._tcp", "Blog (7)"]])
        const names = storeOf(kept)
        yield* lan.host("grace").start(printer)
        yield* settled
        const seen = yield* lan.host("ada").run(
          Effect.gen(function*() {
            const publication = yield* Mdns.publish(blog)
            const changes: Array<Partial<Mdns.PublishOptions>> = [{}, { port: 81 }, { name: "Printer" }, { port: 82 }]
            const called = yield* Effect.forEach(
              changes,
              (change) => Effect.andThen(publication.update(change), Effect.andThen(settled, publication.name))
            )
            return called
          }).pipe(Effect.scoped, Effect.provide(Mdns.layer({ names })))
        )

        assert.deepStrictEqual(seen, ["Blog (7)", "Blog (7)", "Printer (2)", "Printer (2)"])
        assert.deepStrictEqual(Array.from(kept), [["Blog._http._tcp", "Blog (7)"], [
          "Printer._http._tcp",
          "Printer (2)"
        ]])
      })
  )
})
