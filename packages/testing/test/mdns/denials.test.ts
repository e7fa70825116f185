/** Denials as they go over the wire: RFC 6762, section 6.1. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Nsec from "./support/Nsec.ts"
import * as Owner from "./support/Owner.ts"
import { domain, nameOf, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import { ada, host, query, responses, settled } from "./support/Settled.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

describe("a denial", () => {
  row("M-6.1-3 of ours has our name in it and one block of types, octet by octet", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const cases = [[host, [0x40]], [ada, [0, 0, 0x80, 0, 0x40]]] as const
      for (const [name, bitmap] of cases) {
        const [said] = yield* responses(bench, query(Wire.question(name, "HINFO")))
        const wire = Buffer.from(Wire.nameOf(name))
        // the next name is a pointer to the one it is of, which stands first
        const data = [0xc0, 12, 0, bitmap.length, ...bitmap]
        const expected = Wire.concat([
          wire,
          Wire.u16(Wire.Type.NSEC),
          Wire.u16(0x8001),
          Uint8Array.of(0, 0, 0, 120),
          Wire.u16(data.length),
          Uint8Array.from(data)
        ])

        assert.deepStrictEqual(Buffer.from(said!.payload.subarray(12)), Buffer.from(expected))
      }
    }))

  row("M-6.1-3 of others tells of exactly the types below 256 that are not in it", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const sets = [[1], [28], [1, 28], [255], [2, 4, 8, 16, 32, 64, 128], Array.from({ length: 255 }, (_, i) => i + 1)]
      for (const [i, types] of sets.entries()) {
        for (const asked of [1, 16, 28, 64, 128, 254]) {
          const name = `n${i}-${asked}.local`
          const watch = yield* Subject.records(us, name, asked)
          yield* bench.peer().send(Wire.response({ answers: [Wire.nsec(name, types)] }))
          yield* Effect.sleep("1 millis")
          const isDenied = watch.events.some(({ _tag }) => _tag === "RecordDenied")
          yield* watch.close

          assert.strictEqual(isDenied, !types.includes(asked), `${asked} by ${types.join()}`)
        }
      }
    }))

  row(
    "M-6.1-12 is said of what is ours alone, not of names that others have records of, too",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "us" })
        yield* Subject.register(us, { instance: "ada", type: "_http._tcp", subtypes: ["_sub"], port: 80 })
        yield* Effect.sleep("10 seconds")
        const silent = [domain, `_sub._sub.${domain}`, "_services._dns-sd._udp.local", "_tcp.local", "local"]
        for (const name of silent) {
          for (const type of ["TXT", "A", "SRV"] as const) {
            assert.deepStrictEqual(yield* responses(bench, query(Wire.question(name, type))), [], `${name} ${type}`)
          }
        }
        for (const name of [host, ada, "1.0.0.10.in-addr.arpa"]) {
          const [said] = yield* responses(bench, query(Wire.question(name, "HINFO")))
          assert.isTrue(Tap.answers(name, "NSEC")(said!), name)
        }
      })
  )
})

/** A type that no block 0 can tell of. */
const wide = 300

describe("types above 255", () => {
  /** What is wrong with the denials among these: a name that has such a type has none, or one of all its types. */
  const broken = (sent: ReadonlyArray<Tap.Sent>) => {
    const records = sent.flatMap(({ payload }) => Nsec.records(payload))
    const owned = (of: string) => records.filter(({ name, type }) => name === of && type !== Nsec.type)
    return records.filter((record) => {
      if (record.type !== Nsec.type) return false
      const wide = owned(record.name).flatMap(({ type }) => type > 255 ? [type] : [])
      const told = Nsec.typesOf(record)
      return wide.length === 0 ? !Nsec.isRestricted(record) : !wide.every((type) => told.includes(type))
    })
  }

  row(
    "M-6.1-4 M-6.1-5 are in no name of ours, whatever is published, and all of our denials have the one block 0",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "us" })
        const services: ReadonlyArray<Subject.Registration> = [
          { instance: "ada", type, port: 80, subtypes: ["_sub"], attributes: { "300": "300" } },
          { instance: "bob", type: "_wide._udp", port: 300, isVerified: true, allowLarge: true },
          { instance: "eve", type: "_flag._tcp", port: 0, isPlaceholder: true }
        ]
        const ours = yield* Effect.forEach(services, (service) => Subject.register(us, service))
        yield* Effect.sleep("10 seconds")
        const names = [host, ada, "bob._wide._udp.local", "eve._flag._tcp.local", "1.0.0.10.in-addr.arpa"]
        const types = ["HINFO", "TXT", "AAAA", "ANY", Nsec.type, 255, 256, wide, 0xff00, 0xffff] as const
        const ask = Effect.fnUntraced(function*() {
          for (const name of names) {
            for (const type of types) {
              for (const family of ["IPv4", "IPv6"] as const) {
                const said = yield* responses(bench, query(Wire.question(name, type)), { family })
                // nothing that we have is of such a type, and that is said
                if (typeof type === "number" && type > 255) {
                  assert.isTrue(said.some(Tap.answers(name, "NSEC")), `${name} ${type}`)
                }
              }
            }
          }
        })
        yield* ask()
        yield* ours[0]!.update({ attributes: {}, subtypes: [], ttl: "1 hour" })
        yield* bench.host().interface("eth0").addAddress("10.0.0.77/24")
        yield* Effect.sleep("10 seconds")
        yield* ask()
        yield* Subject.close(us)
        const sent = yield* bench.sent()

        assert.isAbove(Tap.recordsOf(sent, undefined, "NSEC").length, 100)
        assert.deepStrictEqual(broken(sent), [])
      }),
    { ipv6: true }
  )

  for (
    const [what, record] of [
      ["a record", Wire.raw(ada, wide, Uint8Array.of(1, 2, 3), { flush: true })],
      ["a denial of all blocks", Wire.nsec(ada, [Wire.Type.SRV, Wire.Type.TXT, wide])]
    ] as const
  ) {
    row(
      `M-6.1-4 M-6.1-5 of another host leave it the name, of which we deny nothing then: ${what}`,
      (bench) =>
        Effect.gen(function*() {
          const { registered } = yield* Owner.probing(bench)
          yield* bench.peer().send(Wire.response({ answers: [record] }))
          yield* Effect.sleep("10 seconds")
          assert.strictEqual(yield* registered.name, "ada (2)")
          for (const type of ["HINFO", "AAAA", "ANY", wide] as const) {
            assert.deepStrictEqual(yield* responses(bench, query(Wire.question(ada, type))), [])
          }
          const [said] = yield* responses(bench, query(Wire.question(nameOf("ada (2)"), wide)))
          const [denial] = Nsec.records(said!.payload)

          assert.deepStrictEqual(Nsec.typesOf(denial!), [Wire.Type.TXT, Wire.Type.SRV])
          assert.deepStrictEqual(broken(yield* bench.sent()), [])
        })
    )
  }

  row(
    "M-6.1-5 M-6.1-2 are heard of in a denial of all blocks, and denied by one block alone",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const cases = [
          [[1, wide, 0xffff], [wide, 1, 0xffff], [28, 301, 256, 0xfffe]],
          [[wide], [wide], [1, 44, 254]],
          [[1, 44], [1, 44], [28, wide]]
        ] as const
        for (const [i, [told, present, absent]] of cases.entries()) {
          for (const asked of [...present, ...absent]) {
            const name = `n${i}-${asked}.local`
            const watch = yield* Subject.records(us, name, asked)
            yield* bench.peer().send(Wire.response({ answers: [Wire.nsec(name, told)] }))
            yield* Effect.sleep("1 millis")
            yield* watch.close

            assert.deepStrictEqual(
              watch.events.map(({ _tag }) => _tag),
              absent.some((type) => type === asked) ? ["RecordDenied"] : [],
              `${asked} by ${told.join()}`
            )
          }
        }
      })
  )
})

describe("a denial beside an answer", () => {
  row("M-6.1-13 is heard as the answer is, and may be lacking", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      for (const additionals of [[Wire.nsec("far.local", [Wire.Type.A])], []]) {
        const found = yield* Subject.records(us, "far.local", Wire.Type.A)
        const denied = yield* Subject.records(us, "far.local", Wire.Type.AAAA)
        yield* bench.peer().send(
          Wire.response({ answers: [Wire.a("far.local", "10.0.0.2", { ttl: 60 })], additionals })
        )
        yield* Effect.sleep("1 millis")

        assert.deepStrictEqual(found.events.map(({ _tag }) => _tag), ["RecordFound"])
        assert.deepStrictEqual(denied.events.map(({ _tag }) => _tag), additionals.length > 0 ? ["RecordDenied"] : [])
        yield* found.close
        yield* denied.close
        yield* Effect.sleep("10 minutes")
      }
    }))
})
