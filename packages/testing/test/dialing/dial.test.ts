import { type Dial, Discovery, Trust } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Logger, References, Schedule, Scope } from "effect"
import { NetAddress } from "effect/net"
import * as Lan from "./support.ts"

const ada = Lan.key(1)
const seconds = (times: ReadonlyArray<number>) => times.map((at) => at / 1_000)
const gaps = (times: ReadonlyArray<number>) => times.slice(1).map((at, index) => (at - times[index]!) / 1_000)

const onLan = <A, E>(
  program: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<A, E, Scope.Scope>,
  options: Simulation.Options = {}
) =>
  Simulation.run(
    Effect.flatMap(SimulatedNetwork.make({ latency: "1 millis", network: "10.0.0.0/24" }), program),
    { seed: 7, duration: "1 hour", ...options }
  )

/** Announces until the effect that it succeeds with is run. */
const announceFor = Effect.fnUntraced(function*(...args: Parameters<typeof Lan.announce>) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const advertisement = yield* Scope.provide(Lan.announce(...args), scope)
  return { ...advertisement, leave: Scope.close(scope, Exit.void) }
})

describe("how dial is made", () => {
  it.effect.each([0, -1, NaN])(
    "is a mistake with a concurrency of %d, by which nobody would ever be dialed",
    (concurrency) =>
      onLan(Effect.fnUntraced(function*(lan) {
        const { run } = yield* Lan.caller(lan)
        const exit = yield* Effect.exit(run(Discovery.dial(() => Effect.never, { concurrency })))

        assert.isTrue(Exit.hasDies(exit))
      }))
  )
})

describe("whom dial connects to", () => {
  it.effect("a trusted peer is dialed, a stranger is not, and is once it is trusted", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      const eve = Lan.key(2)
      yield* Lan.announce(lan, "ada", { key: ada })
      yield* Lan.announce(lan, "eve", { key: eve })
      yield* trust.trust(ada)
      const board = yield* dial(() => Effect.never)
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual([...board.open], [[ada, 1]])
      yield* trust.trust(eve)
      yield* Effect.sleep(1)

      assert.deepStrictEqual([...board.open], [[ada, 1], [eve, 1]])
    })))

  it.effect("two keys of one name are two peers, and each is dialed as itself", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, peers, trust } = yield* Lan.caller(lan)
      const impostor = Lan.key(2)
      yield* trust.trust(ada)
      const board = yield* dial(() => Effect.never)
      yield* Lan.announce(lan, "first", { key: ada, name: "ada", port: 1 })
      yield* Lan.announce(lan, "second", { key: impostor, name: "ada", port: 2 })
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual((yield* peers).map(({ name }) => name), ["ada", "ada"])
      assert.deepStrictEqual([...board.open], [[ada, 1]])
      assert.match(board.log.join(), /^\d+ dial ada 10\.0\.0\.\d+:1$/)
    })))

  it.effect("S-U6 an address off the link is not dialed, nor a group", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const elsewhere = [{ address: "10.9.9.9", port: 80 }, { address: "224.0.0.9", port: 80 }]
      const board = yield* dial(() => Effect.never)
      yield* Lan.announce(lan, "ada", { key: ada, port: undefined, ...Lan.addresses(elsewhere) })
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(board.log, [])
    })))

  it.effect("who has no address is not dialed, though the program's own trust allows it, until it has one", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { run } = yield* Lan.caller(lan)
      const dialed: Array<string> = []
      const dial = Discovery.dial(({ address }) => {
        dialed.push(NetAddress.formatInet(address))
        return Effect.never
      }).pipe(Effect.updateService(Trust.Trust, (trust) => Trust.Trust.of({ ...trust, isDialable: () => true })))
      yield* Effect.forkScoped(run(dial), { startImmediately: true })
      const port0 = { authentication: "claimed", ...Lan.addresses([{ address: "10.0.0.200", port: 0 }]) } as const
      const { update } = yield* Lan.announce(lan, "ada", { key: ada, ...port0, port: undefined })
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(dialed, [])
      yield* update(Lan.addresses([{ address: "10.0.0.200", port: 1 }]))
      yield* Effect.sleep(100)

      assert.deepStrictEqual(dialed, ["10.0.0.200:1"])
    })))
})

describe("how dial connects", () => {
  it.effect("candidates in rank order, then again after half a second, doubling up to 30", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada, port: 1, ...Lan.addresses([{ address: "10.0.0.200", port: 2 }]) })
      const rounds: Array<number> = []
      const failures: Array<Dial.Failure<string>> = []
      const board = yield* dial(
        ({ round }) => Effect.andThen(Effect.sync(() => rounds.push(round)), Effect.fail("refused")),
        { onFailure: (failure) => Effect.sync(() => failures.push(failure)) }
      )
      yield* Effect.sleep("3 minutes")

      assert.deepStrictEqual(rounds.slice(0, 6), [1, 1, 2, 2, 3, 3])
      assert.deepStrictEqual(board.log.slice(0, 4).map((line) => line.replace(/^\d+ /, "").replace(/10.*:/, ":")), [
        "dial ada :1",
        "hang up ada :1",
        "dial ada :2",
        "hang up ada :2"
      ])
      const waits = gaps(board.dialedAt.filter((_, index) => index % 2 === 0))
      for (const [index, wait] of waits.entries()) {
        const expected = Math.min(0.5 * 2 ** index, 30)
        assert.isAtLeast(wait, expected * 0.8 - 0.002)
        assert.isAtMost(wait, expected * 1.2 + 0.002)
      }
      assert.isAtLeast(waits.length, 8)
      assert.strictEqual(failures.length, board.dialedAt.length)
    })))

  it.effect("a peer that accepts and hangs up at once is dialed ever more slowly, one that holds is not", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      let life = 0
      const board = yield* dial(({ established }) => Effect.andThen(established, Effect.sleep(life)))
      yield* Effect.sleep("5 minutes")
      assert.isBelow(board.dialedAt.length, 20)
      life = 30_000
      yield* Effect.sleep("5 minutes")
      const before = board.dialedAt.length
      yield* Effect.sleep("5 minutes")

      assert.isAtLeast(board.dialedAt.length - before, 9)
    })))

  it.effect("a peer that comes and goes does not get around the wait", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const board = yield* dial(() => Effect.fail("refused"))
      for (let times = 0; times < 120; times++) {
        const { leave } = yield* announceFor(lan, "ada", { key: ada })
        yield* Effect.sleep(500)
        yield* leave
        yield* Effect.sleep(500)
      }

      assert.isAtLeast(board.dialedAt.length, 5)
      assert.isAtMost(board.dialedAt.length, 12)
    })))

  it.effect("what a peer announces anew is used by the next attempt", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const board = yield* dial(({ address }) => address.port === 7200 ? Effect.never : Effect.fail("refused"))
      const { update } = yield* announceFor(lan, "ada", { key: ada })
      yield* Effect.sleep("10 seconds")
      assert.strictEqual(board.open.get(ada), 0)
      yield* update({ port: 7200 })
      yield* Effect.sleep("30 seconds")

      assert.strictEqual(board.open.get(ada), 1)
      assert.match(board.log.at(-1)!, /dial ada .*:7200$/)
    })))

  it.effect("an address that has worked goes first, and after an established connection no other is tried", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada, port: 1, ...Lan.addresses([{ address: "10.0.0.200", port: 2 }]) })
      const board = yield* dial(({ address, established }) =>
        address.port === 1
          ? Effect.fail("refused")
          : established.pipe(Effect.andThen(Effect.sleep("1 minute")), Effect.andThen(Effect.fail("broken")))
      )
      yield* Effect.sleep("5 minutes")
      const ports = board.log.filter((line) => line.includes("dial")).map((line) => line.slice(-1)).join("")

      assert.match(ports, /^122+$/)
    })))

  it.effect("no more attempts at once than allowed; an established one counts no more", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      const keys = [1, 2, 3, 4, 5].map(Lan.key)
      yield* Effect.forEach(keys, (key) => trust.trust(key))
      yield* Effect.forEach(keys, (key, index) => Lan.announce(lan, `h${index}`, { key }))
      const shy = yield* dial(() => Effect.never, { concurrency: 2 })
      const quick = yield* dial(({ established }) => Effect.andThen(established, Effect.never), { concurrency: 2 })
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual([shy.open.size, quick.open.size], [2, 5])
    })))

  it.effect("an attempt that is interrupted as it begins leaves its place to others", () =>
    Effect.forEach([0, 1, 2, 3], (seed) =>
      onLan(
        Effect.fnUntraced(function*(lan) {
          const { dial, trust } = yield* Lan.caller(lan)
          const board = yield* dial(() => Effect.never, { concurrency: 1 })
          yield* Lan.announce(lan, "ada", { key: ada })
          yield* Effect.sleep("1 second")
          for (let times = 0; times < 20; times++) {
            yield* trust.trust(ada)
            yield* Effect.yieldNow
            yield* trust.remove(ada)
            yield* Effect.sleep("1 minute")
          }
          yield* trust.trust(ada)
          yield* Effect.sleep("1 minute")

          assert.strictEqual(board.open.get(ada), 1, `seed ${seed}`)
        }),
        { seed, preemption: 0.1 }
      )))

  it.effect("a schedule that ends gives a peer up until it is found again", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const { leave } = yield* announceFor(lan, "ada", { key: ada })
      const board = yield* dial(() => Effect.fail("refused"), { backoff: Schedule.recurs(2) })
      yield* Effect.sleep("1 minute")
      assert.strictEqual(board.dialedAt.length, 3)
      yield* leave
      yield* Effect.sleep("1 minute")
      yield* Lan.announce(lan, "ada", { key: ada })
      yield* Effect.sleep("1 minute")

      assert.strictEqual(board.dialedAt.length, 4)
    })))

  it.effect("a connection that ended well is made again, unless that is not wanted", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      const again = yield* dial(() => Effect.void)
      const once = yield* dial(() => Effect.void, { redial: false })
      yield* Effect.sleep("1 minute")

      assert.isAbove(again.dialedAt.length, 3)
      assert.strictEqual(once.dialedAt.length, 1)
    })))
})

describe("what dial does about failures", () => {
  it.effect("a connection that dies is a failure like others", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      const board = yield* dial(() => Effect.die(new Error("boom")))
      yield* Effect.sleep("10 seconds")

      assert.isAtLeast(board.dialedAt.length, 4)
    })))

  it.effect("what throws instead of connecting is a failure like others", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { run, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      let times = 0
      const connect = () => {
        times++
        throw new Error("boom")
      }
      yield* Effect.forkScoped(run(Discovery.dial(connect)), { startImmediately: true })
      yield* Effect.sleep("10 seconds")

      assert.isAtLeast(times, 4)
    })))

  it.effect("S-D2 failures are logged once in ten seconds, with what came from the wire as annotations", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const lines: Array<{ readonly message: unknown; readonly annotations: Record<string, unknown> }> = []
      const recorder = Logger.make<unknown, void>(({ fiber, message }) => {
        lines.push({ message, annotations: { ...fiber.getRef(References.CurrentLogAnnotations) } })
      })
      const { run, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada\u001b[31m", { key: ada })
      yield* run(Effect.timeoutOption(Discovery.dial(() => Effect.fail("refused")), "21 seconds")).pipe(
        Effect.provide(Logger.layer([recorder])),
        Effect.provideService(References.MinimumLogLevel, "Debug")
      )
      const failures = lines.filter(({ annotations }) => "failures" in annotations)

      assert.isAtLeast(failures.length, 2)
      assert.isAtMost(failures.length, 3)
      assert.notInclude(JSON.stringify(failures.map(({ message }) => message)), "ada")
      assert.strictEqual(failures[0]?.annotations["peer"], `key:${ada}`)
    })))

  it.effect("when onFailure fails, so does the whole", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { run, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      const dialing = Discovery.dial(() => Effect.fail("refused"), { onFailure: () => Effect.fail("enough") })

      assert.strictEqual(yield* Effect.flip(run(dialing)), "enough")
    })))
})

describe("when dial hangs up", () => {
  it.effect("S-T4 a connection that is made at once, by another address than the first, is one and ends with its trust", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { run, trust } = yield* Lan.caller(lan)
      yield* Lan.announce(lan, "ada", { key: ada, port: 1, ...Lan.addresses([{ address: "10.0.0.200", port: 2 }]) })
      let open = 0
      const held = Effect.acquireRelease(Effect.sync(() => open++), () => Effect.sync(() => open--))
      const connect = ({ address, established }: Dial.Attempt) =>
        address.port === 1 ? Effect.fail("refused") : Effect.andThen(Effect.andThen(established, held), Effect.never)
      yield* Effect.forkScoped(run(Discovery.dial(connect)), { startImmediately: true })
      yield* Effect.sleep("5 seconds")
      yield* trust.trust(ada)
      yield* Effect.sleep("5 seconds")
      assert.strictEqual(open, 1)
      yield* trust.remove(ada)
      yield* Effect.sleep(1)

      assert.strictEqual(open, 0)
    })))

  it.effect("S-T4 revoking trust interrupts within one step, whatever the connection does", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      yield* Lan.announce(lan, "ada", { key: ada })
      const board = yield* dial(({ established }) => Effect.andThen(established, Effect.never))
      for (const revoke of [Effect.asVoid(trust.remove(ada)), trust.deny(ada)]) {
        yield* Effect.ignore(Effect.andThen(trust.remove(ada), trust.trust(ada)))
        yield* Effect.sleep("1 minute")
        assert.strictEqual(board.open.get(ada), 1)
        const before = board.log.length
        yield* revoke
        yield* Effect.yieldNow
        yield* Effect.sleep(0)
        assert.strictEqual(board.open.get(ada), 0)
        assert.strictEqual(board.log.length, before + 1)
      }
      trust.retireUnsafe(ada)
      yield* Effect.sleep("1 minute")

      assert.strictEqual(board.open.get(ada), 0)
    })))

  it.effect("an entry that ends by itself ends the connection", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada, { until: 60_000 })
      yield* Lan.announce(lan, "ada", { key: ada })
      const board = yield* dial(() => Effect.never)
      yield* Effect.sleep("2 minutes")

      assert.match(board.log.at(-1)!, /^60000 hang up/)
    })))

  it.effect("an entry whose time is over when the machine wakes ends within a minute", () =>
    onLan((lan) =>
      lan.host("caller").run(Effect.gen(function*() {
        const { clock } = lan.host("caller")
        const { dial, trust } = yield* Lan.caller(lan)
        yield* trust.trust(ada, { until: 3_600_000 })
        const board = yield* dial(() => Effect.never)
        yield* Lan.announce(lan, "ada", { key: ada })
        yield* Effect.sleep("10 seconds")
        yield* Effect.orDie(clock.jump("2 hours"))
        yield* Effect.sleep("1 minute")

        assert.strictEqual(board.open.get(ada), 0)
      }))
    ))

  it.effect("a lost announcement interrupts nothing, unless that is asked for; nobody is dialed who is gone", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const talk = () => Effect.sleep("40 seconds")
      const firm = yield* dial(talk)
      const faint = yield* dial(talk, { interruptOnLost: true })
      const { leave } = yield* announceFor(lan, "ada", { key: ada })
      yield* Effect.sleep("10 seconds")
      yield* leave
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual([firm.open.get(ada), faint.open.get(ada)], [1, 0])
      yield* Effect.sleep("5 minutes")

      assert.deepStrictEqual([firm.log.length, faint.log.length], [2, 2])
      assert.strictEqual(seconds(firm.dialedAt).length, 1)
    })))

  it.effect("a connection whose peer is no longer announced still ends with its trust", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const board = yield* dial(() => Effect.never)
      const { leave } = yield* announceFor(lan, "ada", { key: ada })
      yield* Effect.sleep("10 seconds")
      yield* leave
      yield* Effect.sleep("10 minutes")
      assert.strictEqual(board.open.get(ada), 1)
      yield* trust.remove(ada)
      yield* Effect.sleep(0)

      assert.strictEqual(board.open.get(ada), 0)
    })))
})

describe("peers that only name their key", () => {
  it.effect("S-T2 are not dialed unless that is allowed, then once in ten seconds and key", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const never = yield* dial(() => Effect.void)
      const board = yield* dial(() => Effect.fail("refused"), { allowClaimed: true })
      for (let host = 0; host < 8; host++) {
        yield* Lan.announce(lan, `forger${host}`, { key: ada, authentication: "claimed", port: 1 + host })
      }
      yield* Effect.sleep("3 minutes")

      assert.deepStrictEqual(never.log, [])
      assert.isAtLeast(board.dialedAt.length, 6)
      for (const gap of gaps(board.dialedAt)) assert.isAtLeast(gap, 10)
    })))

  for (
    const [how, options] of [
      ["whose attempts are interrupted", { interruptOnLost: true }],
      ["that were given up", { backoff: Schedule.recurs(0) }]
    ] as const
  ) {
    it.effect(`S-T2 that come and go, ${how}, are dialed once in ten seconds as well`, () =>
      onLan(Effect.fnUntraced(function*(lan) {
        const { dial, trust } = yield* Lan.caller(lan)
        yield* trust.trust(ada)
        const board = yield* dial(
          () => how === "that were given up" ? Effect.fail("refused") : Effect.never,
          { allowClaimed: true, ...options }
        )
        const comeAndGo = Effect.scoped(Effect.andThen(
          Lan.announce(lan, "forger", { key: ada, authentication: "claimed" }),
          Effect.sleep("1 second")
        ))
        yield* Effect.repeat(Effect.andThen(comeAndGo, Effect.sleep("1 second")), { times: 30 })

        assert.isAtLeast(board.dialedAt.length, 4)
        for (const gap of gaps(board.dialedAt)) assert.isAtLeast(gap, 10)
      })))
  }

  it.effect("S-T2 never take all of the attempts that may be under way", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      for (let octet = 1; octet <= 5; octet++) yield* trust.trust(Lan.key(octet))
      const board = yield* dial(() => Effect.never, { allowClaimed: true, concurrency: 4 })
      for (let octet = 1; octet <= 4; octet++) {
        yield* Lan.announce(lan, `forger${octet}`, { key: Lan.key(octet), authentication: "claimed" })
      }
      yield* Effect.sleep("1 minute")
      yield* Lan.announce(lan, "genuine", { key: Lan.key(5) })
      yield* Effect.sleep("1 second")

      assert.strictEqual(board.open.get(Lan.key(5)), 1)
      assert.strictEqual(board.dialedAt.length, 3)
    })))

  it.effect("S-T2 never displace what the key has proven, nor spend its patience", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const board = yield* dial(
        ({ established, isClaimed }) => isClaimed ? Effect.fail("refused") : Effect.andThen(established, Effect.never),
        { allowClaimed: true }
      )
      yield* Lan.announce(lan, "forger", { key: ada, authentication: "claimed", port: 1 })
      yield* Effect.sleep("3 minutes")
      const forged = board.dialedAt.length
      assert.isAtLeast(forged, 6)
      yield* Lan.announce(lan, "ada", { key: ada, port: 2 })
      yield* Effect.sleep(100)
      assert.strictEqual(board.open.get(ada), 1)
      yield* Effect.sleep("3 minutes")

      assert.strictEqual(board.dialedAt.length, forged + 1)
    })))

  it.effect("S-T1 S-T2 of a key that nobody trusts they are reported, and never dialed", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      const board = yield* dial(() => Effect.void, { allowClaimed: true })
      yield* Lan.announce(lan, "ada", { key: ada, authentication: "claimed" })
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(board.log, [])
      assert.deepStrictEqual(yield* trust.untrusted, [{
        key: ada,
        name: "ada",
        realm: "word",
        authentication: "claimed"
      }])
    })))

  it.effect("S-T2 a connection that has proven their key is left alone when the key proves itself", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { dial, trust } = yield* Lan.caller(lan)
      yield* trust.trust(ada)
      const board = yield* dial(({ established }) => Effect.andThen(established, Effect.never), { allowClaimed: true })
      yield* Lan.announce(lan, "first", { key: ada, authentication: "claimed", port: 1 })
      yield* Effect.sleep("1 minute")
      yield* Lan.announce(lan, "second", { key: ada, port: 2 })
      yield* Effect.sleep("1 minute")

      assert.strictEqual(board.log.length, 1)
      assert.strictEqual(board.mostAtOnce, 1)
    })))
})
