/**
 * Whatever the program does, those who listen believe in the end what is ours, and nothing else.
 */
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import type * as Registration from "../../../../src/protocol/mdns/Registration.ts"
import * as Bus from "./Bus.ts"
import { Listener, spell } from "./Listener.ts"

const linkLocal = ["fe80::1/64"]

const addresses = [
  ["10.1.0.1/24"],
  ["10.1.0.1/24", "10.1.1.1/24"],
  ["10.1.0.2/24"],
  ["10.1.0.2/24", "fe80::1/64"],
  linkLocal
]

/** Where a link of ours is at times, and those who listen to it at home are not. */
const elsewhere = ["10.2.0.1/24"]

type Pick = <A>(choices: ReadonlyArray<A>) => A

/** What may be done to a host. */
interface Play {
  /** Whether links come and go, and names are asked for again: what is then taken back goes alone, and not with what nobody heard replaced. */
  readonly isLeaving: boolean
  /** Whether another wants its names too, at home or elsewhere. */
  readonly hasRival?: boolean
}

/** What was done to one host. */
interface Played {
  readonly bus: Bus.Bus
  readonly links: ReadonlySet<string>
}

/** The links of a host, which come and go and are elsewhere at times. */
const travelling = (bus: Bus.Bus, host: Bus.Host, pick: Pick) => {
  const links = new Set<string>()
  const away = new Set<string>()
  const lower = (key: string, canSend: boolean) => {
    bus.do(host, (out) => Claims.linkDown(host.claims, key, canSend, bus.now, out))
    host.links.delete(key)
    away.delete(key)
  }
  // one that is not gone before tells by its addresses that it is elsewhere, and is probed on as the engine does then
  const move = (key: string, to: ReadonlyArray<string>, segment: string) => {
    const isGone = pick([true, false])
    if (isGone) lower(key, key === segment && pick([true, false]))
    else if (pick([true, false])) {
      bus.attach(host, Bus.link(key, linkLocal), host.links.get(key)!.segment)
      bus.run(pick([0, 500]))
    }
    bus.attach(host, Bus.link(key, to), segment)
    bus.do(host, (out) => Claims.resume(host.claims, key, bus.now, out))
  }
  const raise = (key: string, up = pick(addresses)) => {
    if (away.delete(key)) move(key, addresses[0]!, key)
    links.add(key)
    bus.attach(host, Bus.link(key, up), key)
  }
  const leave = (key: string) => {
    // what was said where nobody knows where that is, is taken back wherever the link is next
    raise(key, addresses[0])
    move(key, elsewhere, `${key} elsewhere`)
    away.add(key)
  }
  return { links, leave, lower, raise }
}

const plain = (pick: Pick): Partial<Registration.Registration> => ({
  instance: pick(["Ada", "ADA", "Bob", undefined]),
  type: pick(["_http._tcp", "_ipp._tcp"]),
  port: pick([80, 81]),
  text: pick([Uint8Array.of(0), Uint8Array.of(1, 65)])
})

const proxied = (pick: Pick): Partial<Registration.Registration> =>
  pick([{}, {}, {}, {
    host: pick(["proxied", "ada"]),
    addresses: [IpInterface.fromStringUnsafe(pick(["10.9.9.9/24", "10.9.9.8/24"]))]
  }])

/** What whoever wins the name would not have too, or what takes it without asking. */
const special = (pick: Pick): Partial<Registration.Registration> => ({
  subtypes: pick([[], ["a"], ["a", "b"]]),
  ttl: pick([undefined, undefined, undefined, 600]),
  isPlaceholder: pick([false, false, false, true]),
  isVerified: pick([false, false, false, true])
})

const play = (seed: number, { hasRival = false, isLeaving }: Play): Played => {
  const bus = new Bus.Bus({ seed })
  const pick: Pick = (choices) => choices[Chance.between(bus.chance, 0, choices.length - 1)]!
  const host = bus.host("us", { host: "ada" })
  const rival = bus.host("rival", { host: "eve" })
  if (hasRival) bus.attach(rival, Bus.link("eth0", ["10.1.0.9/24"]), pick(["eth0", "eth0 elsewhere"]))
  const { leave, links, lower, raise } = travelling(bus, host, pick)
  const register = () =>
    bus.register(host, pick([1, 2, 3]), { ...plain(pick), ...(hasRival ? {} : special(pick)), ...proxied(pick) })
  const operations = [
    register,
    register,
    register,
    () => bus.do(host, (out) => Claims.deregister(host.claims, pick([1, 2, 3]), bus.now, out)),
    () => raise(pick(["eth0", "eth1"])),
    ...isLeaving
      ? [
        () => lower(pick(["eth0", "eth1"]), pick([true, false])),
        () => leave(pick(["eth0", "eth1"])),
        () => bus.do(host, (out) => Claims.resume(host.claims, pick(["eth0", "eth1"]), bus.now, out))
      ]
      : [],
    ...hasRival
      ? [
        () => bus.register(rival, pick([1, 2]), plain(pick)),
        () => bus.do(rival, (out) => Claims.deregister(rival.claims, pick([1, 2]), bus.now, out))
      ]
      : []
  ]
  raise("eth0")
  for (let i = Chance.between(bus.chance, 1, 8); i > 0; i--) {
    pick(operations)()
    bus.run(pick([1, 50, 300, 700, 900, 1_100, 2_500, 6_000]))
  }
  // of a link that stays away, or nobody knows where it is, others hear nothing any more
  for (const key of links) raise(key, addresses[0])
  bus.run(30_000)
  return { bus, links }
}

/** What those own who are on a link. */
const ownOf = ({ bus }: Played, link: string): ReadonlyArray<string> => {
  const zones = bus.hosts.flatMap(({ claims, links }) =>
    Array.from(links).flatMap(([key, { segment }]) => segment === link ? [Claims.zone(claims, key)!] : [])
  )
  const owned = zones.flatMap(({ names }) => Array.from(names.values())).flatMap(({ records }) => records)
  return Array.from(new Set(owned.map(({ record }) => spell(record)))).toSorted()
}

// a record that is as it was but for its letters is not said again within a second, and so in its new ones maybe once
const inAnyLetters = (records: ReadonlyArray<string>): ReadonlyArray<string> =>
  records.map((record) => record.toLowerCase()).toSorted()

/** A listener to all that was said on a link, but for one datagram. */
const listen = ({ bus }: Played, link: string, lost?: Bus.Sent): Listener => {
  const listener = new Listener()
  for (const sent of bus.sent) {
    if (sent.segment === link && sent.message.isResponse && sent !== lost) listener.hear(sent.message, sent.at)
  }
  return listener
}

const seeds = Number(process.env["MDNS_SEEDS"] ?? 500)

describe("those who listen", () => {
  it(`M-8.4-3 M-10.1-1 X-23 believe what is ours, whatever was done, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const played = play(seed, { isLeaving: true })
      for (const link of played.links) {
        const heard = listen(played, link)
        assert.deepStrictEqual(heard.faults, [], `${link}, seed ${seed}`)
        assert.deepStrictEqual(heard.records(played.bus.now), ownOf(played, link), `${link}, seed ${seed}`)
      }
    }
  }, 300_000)

  it(`find the services of either where names are disputed, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const played = play(seed, { isLeaving: true, hasRival: true })
      for (const link of played.links) {
        assert.deepStrictEqual(
          listen(played, link).records(played.bus.now),
          ownOf(played, link),
          `${link}, seed ${seed}`
        )
      }
    }
  }, 300_000)

  it(`M-8.3-2 believe it though any one datagram is lost, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const played = play(seed, { isLeaving: false })
      for (const lost of played.bus.sent) {
        if (!lost.message.isResponse) continue
        const heard = listen(played, lost.link, lost).records(played.bus.now)
        assert.deepStrictEqual(
          inAnyLetters(heard),
          inAnyLetters(ownOf(played, lost.link)),
          `seed ${seed}, without what was said at ${lost.at}`
        )
      }
    }
  }, 300_000)

  it("X-14 see a name in the case that it was changed to", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    us.bus.register(us.host, 1, { instance: "ADA" })
    us.bus.run(5_000)

    const said = us.bus.since(at).find(Bus.isSaid)!.message.answers.map(spell)
    assert.includeMembers(said, ["_http._tcp.local 12 ADA._http._tcp.local"])
    assert.deepStrictEqual(us.bus.since(at).filter(Bus.isGoodbye), [])
  })

  it("M-10.1-1 hear the end of a service whose records were just to be others", () => {
    const us = Bus.alone(5_000)
    us.bus.do(us.host, (out) => Claims.resume(us.host.claims, "eth0", us.bus.now, out))
    us.bus.register(us.host, 1, { port: 81, text: Uint8Array.of(1, 65) })
    const at = us.bus.now
    us.bus.do(us.host, (out) => Claims.deregister(us.host.claims, 1, us.bus.now, out))

    assert.includeMembers(us.bus.since(at).filter(Bus.isGoodbye).flatMap(({ message }) => message.answers.map(spell)), [
      "Ada._http._tcp.local 33 80 ada.local",
      "Ada._http._tcp.local 16 \0"
    ])
  })

  it("D-9-1 are told of a type as long as of any other, however long its services hold", () => {
    const us = Bus.alone(5_000, { ttl: 60 })
    const types = us.bus.sent.filter(Bus.isSaid).flatMap(({ message }) =>
      message.answers.filter(({ name }) => Name.format(name).startsWith("_services"))
    )

    assert.deepStrictEqual(new Set(types.map(({ ttl }) => ttl)), new Set([4_500]))
  })
})
