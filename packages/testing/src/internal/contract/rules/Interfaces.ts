/**
 * Rules 97 and 98: interfaces.
 */
import * as Effect from "effect/Effect"
import type * as ContractBed from "../../../ContractBed.ts"
import * as Play from "../Play.ts"
import { type Rule, rule, same, test } from "../Rule.ts"

const { at, by, groupOf, onA, open, outcome, unreachable } = Play

type Control = ContractBed.InterfaceControl

/**
 * A row of rule 98: a socket of h2 is asked, after a change of its interface, whether it can send to h1 and to a group, what it hears of
 * the group, and whether the interface is listed.
 */
interface Row {
  readonly change: string
  readonly steps: (control: Control) => ReadonlyArray<Effect.Effect<void>>
  readonly expected: {
    readonly unicast: string
    readonly multicast: string
    readonly hears: boolean
    readonly isListed: boolean
  }
}

const working = { unicast: "ok", multicast: "ok", hears: true, isListed: true }
const address = "10.11.0.2/24"
const other = "10.11.0.99/24"

const rows: ReadonlyArray<Row> = [
  { change: "none", steps: () => [], expected: working },
  {
    change: "down",
    steps: ({ down }) => [down],
    expected: { unicast: unreachable, multicast: unreachable, hears: false, isListed: false }
  },
  { change: "down and up again", steps: ({ down, up }) => [down, up], expected: working },
  {
    change: "carrier lost",
    steps: ({ carrier }) => [carrier(false)],
    expected: { unicast: "ok", multicast: "ok", hears: false, isListed: false }
  },
  { change: "carrier back", steps: ({ carrier }) => [carrier(false), carrier(true)], expected: working },
  {
    change: "address removed",
    steps: ({ removeAddress }) => [removeAddress(address)],
    expected: { unicast: unreachable, multicast: unreachable, hears: true, isListed: true }
  },
  {
    change: "another address instead",
    steps: ({ addAddress, removeAddress }) => [removeAddress(address), addAddress(other)],
    expected: { unicast: "ok", multicast: unreachable, hears: true, isListed: true }
  },
  {
    change: "deleted",
    steps: ({ remove }) => [remove],
    expected: { unicast: unreachable, multicast: unreachable, hears: false, isListed: false }
  },
  {
    change: "created again",
    steps: ({ recreate, remove }) => [remove, recreate],
    expected: { unicast: "ok", multicast: Play.noDevice, hears: false, isListed: true }
  }
]

const row = ({ change, expected, steps }: Row) =>
  test(`${change}: sending, receiving, listing`, ["segments", "ipv6", "interfaces"], (bed) =>
    Effect.gen(function*() {
      const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
      const place = onA(h2)
      const socket = yield* open(h2, { port, ...by(place.ipv4) })
      yield* socket.join({ group: groupOf(port), interface: place.ipv4 })
      yield* Effect.all(steps(h2.interface(place.interface)), { discard: true })
      const unicast = yield* outcome(socket.send("unicast", at(onA(h1).ipv4, port)))
      const multicast = yield* outcome(socket.send("multicast", at("239.1.1.9", port)))
      const sender = yield* open(h1, by(onA(h1).ipv4))
      yield* sender.send("hello", at(groupOf(port), port))
      const hears = (yield* socket.received).length > 0
      const isListed = (yield* h2.interfaces).some(({ name }) => name === place.interface)

      yield* same(change, { unicast, multicast, hears, isListed }, expected)
      yield* same("errors", yield* socket.errors, [])
    }))

/** A socket bound to an address, after that address has gone. */
const bound = (name: string, steps: Row["steps"]) =>
  test(`bound to the address: ${name}`, ["segments", "interfaces"], (bed) =>
    Effect.gen(function*() {
      const [h1, h2, port] = [bed.host("h1"), bed.host("h2"), yield* bed.port]
      const socket = yield* open(h2, { address: onA(h2).ipv4 })
      yield* Effect.all(steps(h2.interface(onA(h2).interface)), { discard: true })

      yield* same("send", yield* outcome(socket.send("hello", at(onA(h1).ipv4, port))), unreachable)
    }))

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(97, ["t2", "node"], "The list has the interfaces that are up, have carrier and an address", [
    test("loopback", [], (bed) =>
      Effect.gen(function*() {
        const lo = (yield* bed.host("h1").interfaces).find(({ isInternal }) => isInternal)

        yield* same("index", lo?.index, 1)
        yield* same("address", lo?.addresses.includes("127.0.0.1/8"), true)
      })),
    test("addresses and index", ["segments", "ipv6"], (bed) =>
      Effect.gen(function*() {
        const host = bed.host("h2")
        const { interface: name, ipv4, ipv6, linkLocal } = onA(host)
        const listed = (yield* host.interfaces).find((each) => each.name === name)

        yield* same("addresses", new Set(listed?.addresses), new Set([`${ipv4}/24`, `${ipv6}/64`, `${linkLocal}/64`]))
        yield* same("index", listed?.index, yield* host.indexOf(name))
      })),
    ...([
      ["down", ({ down }: Control) => [down]],
      ["without carrier", ({ carrier }: Control) => [carrier(false)]],
      ["without an address", ({ removeAddress }: Control) => [address, "fd11::2/64"].map(removeAddress)]
    ] as const).map(([name, steps]) =>
      test(`${name} it is ${name === "without an address" ? "listed with the others" : "left out"}`, [
        "segments",
        "ipv6",
        "interfaces"
      ], (bed) =>
        Effect.gen(function*() {
          const host = bed.host("h2")
          const { interface: link, linkLocal } = onA(host)
          yield* Effect.all(steps(host.interface(link)), { discard: true })
          const listed = (yield* host.interfaces).find((each) => each.name === link)
          const expected = name === "without an address" ? [`${linkLocal}/64`] : undefined

          yield* same("addresses", listed?.addresses, expected)
        }))
    )
  ]),

  rule(98, ["t2", "linux"], "Sockets live through every change of their interface", [
    ...rows.map(row),
    bound("removed", ({ removeAddress }) => [removeAddress(address)]),
    bound("replaced", ({ addAddress, removeAddress }) => [removeAddress(address), addAddress(other)])
  ])
]
