import { Announcement, Discovery } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Model, SimulatedNetwork } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { NetAddress } from "effect/net"

const hosts = ["ada", "grace", "edsger", "barbara"]

interface Running {
  readonly scope: Scope.Closeable
  readonly discovery: Discovery.Discovery["Service"]
  readonly advertisement: Discovery.Advertisement
}

/** Discovery on every host that joined. Whatever happens is known everywhere within 8 seconds: the ttl is 7. */
const discovery = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "2 millis" })
  const running = new Map<string, Running>()

  const join = Effect.fnUntraced(function*(host: string, entry: Model.Entry) {
    const scope = yield* Scope.make()
    const start = Effect.gen(function*() {
      const discovery = yield* Discovery.make({ sources: [JsonBeacon.source()] })
      const advertisement = yield* discovery.advertise(Announcement.make({ ...entry, identity: host }))
      running.set(host, { scope, discovery, advertisement })
    })
    yield* Scope.provide(lan.host(host).run(start), scope)
  })
  const end = (host: string) =>
    Effect.andThen(Scope.close(running.get(host)!.scope, Exit.void), Effect.sync(() => running.delete(host)))
  const carryOut = (command: Model.Command) => {
    switch (command._tag) {
      case "Join":
        return join(command.host, command)
      case "Leave":
        return end(command.host)
      case "Crash":
        return Effect.andThen(lan.host(command.host).crash, end(command.host))
      case "Rename":
        return running.get(command.host)!.advertisement.update({ name: command.name })
      case "Move":
        return running.get(command.host)!.advertisement.update({ port: command.port })
    }
  }
  const difference = Effect.fnUntraced(function*(table: Model.Table) {
    yield* Effect.sleep("8 seconds")
    for (const [host, { discovery }] of running) {
      const expected = [...table].filter(([other]) => other !== host).map(([other, { name, port }]) =>
        `${name} ${NetAddress.formatIp(lan.host(other).address)}:${port}`
      )
      const found = (yield* discovery.peers).map(({ addresses, name }) =>
        `${name} ${addresses.map(NetAddress.formatInet).join()}`
      )
      if (found.toSorted().join() !== expected.toSorted().join()) {
        return `${host} knows ${found.join(", ")}, there are ${expected.join(", ")}`
      }
    }
    return undefined
  })
  return { execute: carryOut, difference }
})

describe("check", () => {
  it.effect(
    "discovery is as the model has it, after every command",
    () => Model.check({ hosts, system: discovery, runs: 60, commands: 12 }),
    30_000
  )

  it.effect("a system that does not forget is found out by two commands", () =>
    Effect.gen(function*() {
      const forgetful = Effect.sync(() => {
        const known = new Set<string>()
        return {
          execute: ({ host }: Model.Command) => Effect.sync(() => void known.add(host)),
          difference: (table: Model.Table) =>
            Effect.succeed(known.size === table.size ? undefined : `knows ${known.size} of ${table.size}`)
        }
      })
      const error = yield* Effect.flip(Model.check({ hosts, system: forgetful }))

      assert.strictEqual(error.commands.length, 2)
      assert.strictEqual(error.commands[0]?._tag, "Join")
      assert.match(error.message, /knows 1 of 0/)
    }))
})

describe("step", () => {
  it("passes over what means nothing", () => {
    const table: Model.Table = new Map([["ada", { name: "a", port: 1 }]])

    assert.strictEqual(Model.step(table, { _tag: "Leave", host: "grace" }), table)
    assert.strictEqual(Model.step(table, { _tag: "Join", host: "ada", name: "b", port: 2 }), table)
    assert.deepStrictEqual([...Model.step(table, { _tag: "Crash", host: "ada" })], [])
  })

  it("whatever is taken out of a generated list, the rest still means what it says", () => {
    for (let seed = 0; seed < 50; seed++) {
      const commands = Model.generate(hosts, 20, seed)
      assert.isTrue(isSound(commands))
      const fewer = commands.filter((_, i) => (i * 7 + seed) % 3 > 0)
      assert.doesNotThrow(() => fewer.reduce<Model.Table>(Model.step, new Map()))
    }
  })
})

const isSound = (commands: ReadonlyArray<Model.Command>): boolean => {
  let table: Model.Table = new Map()
  return commands.every((command) => {
    const next = Model.step(table, command)
    const isMeant = next !== table
    table = next
    return isMeant
  })
}
