import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bus from "./Bus.ts"

const http = "Ada._http._tcp.local"
const taken = Bus.srv(http, "bob.local", 90)

const said = ({ host }: { readonly host: Bus.Host }) =>
  host.notices.filter(({ _tag }) => _tag !== "Probing").map((notice) =>
    "previous" in notice ? `${notice._tag} ${notice.previous} > ${notice.name}` : `${notice._tag} ${notice.name}`
  )

/** One host that has begun to probe, and the time of its first probe. */
const probing = (seed = 1) => {
  const us = Bus.alone(0, {}, seed)
  while (us.bus.sent.length === 0) us.bus.run(1)
  return us
}

const heard = (us: ReturnType<typeof probing>, records: ReadonlyArray<Record.Record>) =>
  us.bus.hear(us.host, "eth0", Bus.response(records))

describe("a conflict while probing", () => {
  it.each([1, 300, 749])("M-8.1-7 M-3-2 M-8.1-8 gives way to an answer %d ms after the first probe", (delay) => {
    const us = probing()
    us.bus.run(delay - (us.bus.now - us.bus.sent[0]!.at))
    heard(us, [taken])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["Renamed Ada > Ada (2)", "Registered Ada (2)"])
    const later = us.bus.since(us.bus.sent[0]!.at + delay)
    assert.include(
      later.filter(Bus.isProbe).flatMap(({ message }) => message.questions.map(({ name }) => Name.format(name))),
      "Ada (2)._http._tcp.local"
    )
  })

  it("M-3-1 says nothing of the old name afterwards", () => {
    const us = probing()
    us.bus.run(1)
    heard(us, [taken])
    const at = us.bus.now
    us.bus.run(5_000)

    const key = Bus.name(http).key
    const names = us.bus.since(at).flatMap(({ message }) =>
      [...message.answers, ...message.authorities].map(({ name }) => name.key)
    )
    assert.notInclude(names, key)
    assert.isFalse(Claims.isOwn(us.host.claims, "eth0", key))
  })

  it("X-5 M-8.1-9 ignores what is heard before the first probe", () => {
    const us = Bus.alone(0)
    if (us.bus.sent.length === 0) heard(us, [taken])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["Registered Ada"])
  })

  it("M-8.1-10 X-21 any type of the name counts, in whatever case", () => {
    const us = probing()
    heard(us, [Bus.opaque("aDA._HTTP._tcp.LOCAL", 13, [1, 65, 1, 66])])

    assert.deepStrictEqual(said(us), ["Renamed Ada > Ada (2)"])
  })

  it("M-2-2 M-9-4 the same data is no conflict", () => {
    const us = probing()
    heard(us, [Bus.srv("ADA._http._tcp.local", "ada.local", 80), Bus.a("ada.local", "10.0.0.1")])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["Registered Ada"])
  })

  it.each(
    [
      ["M-8.1-10 a type that we lack", [13, 33], ["Renamed Ada > Ada (2)"]],
      ["M-2-2 no more than we have", [16, 33, 47], []]
    ] as const
  )("%s in another's denial of the rest", (_, types, fate) => {
    const us = probing()
    const data: Record.Data = { _tag: "Denial", next: Bus.name(http), types }
    heard(us, [{ ...taken, type: 47, data }])

    assert.deepStrictEqual(said(us), [...fate])
  })

  it("a record that its owner takes back is no conflict", () => {
    const us = probing()
    heard(us, [{ ...taken, ttl: 0 }])

    assert.deepStrictEqual(said(us), [])
  })

  it("X-22 a host that must be renamed does not hold the service up, and its SRV follows", () => {
    const us = probing()
    const at = us.bus.now
    heard(us, [Bus.a("ada.local", "10.0.0.66")])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["HostRenamed ada > ada-2", "Registered Ada"])
    assert.isBelow(us.host.notices.find(({ _tag }) => _tag === "Registered")!.at - at, 2_000)
    const srvs = us.bus.sent.filter(Bus.isSaid).flatMap(({ message }) => message.answers).filter(({ type }) =>
      type === 33
    )
    assert.isTrue(srvs.every(({ data }) => data._tag === "Service" && Name.format(data.target) === "ada-2.local"))
  })

  it("M-9-5 counts on for as long as names are denied, hosts with a hyphen", () => {
    const us = probing()
    for (let i = 1; i <= 3; i++) {
      us.bus.run(300)
      const { claims } = us.host
      heard(us, [
        Bus.txt(`Ada${i === 1 ? "" : ` (${i})`}._http._tcp.local`, "x"),
        Bus.a(`ada${i === 1 ? "" : `-${i}`}.local`, "10.0.0.66")
      ])
      assert.strictEqual(claims.claims.get("host")!.label, `ada-${i + 1}`)
      us.bus.run(250)
    }

    assert.deepStrictEqual(
      said(us).findLast((notice) => notice.startsWith("Renamed")),
      "Renamed Ada (3) > Ada (4)"
    )
  })

  it("M-8.1-11 after fifteen conflicts each attempt is five seconds after the one before, M-9-5 and after a minute it is said", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    bus.register(host, 1)
    const attempts: Array<number> = []
    const denied = new Set<string>()
    while (bus.now < 120_000) {
      bus.run(1)
      for (const { message } of bus.sent.splice(0)) {
        for (const { name } of message.isResponse ? [] : message.questions) {
          if (!Name.format(name).startsWith("Ada") || denied.has(name.key)) continue
          denied.add(name.key)
          attempts.push(bus.now)
          bus.hear(host, "eth0", Bus.response([{ ...Bus.srv(http, "bob.local", 1), name }]))
        }
      }
    }

    const gaps = attempts.slice(1).map((at, i) => at - attempts[i]!)
    assert.isTrue(gaps.slice(0, 14).every((gap) => gap <= 252), gaps.join())
    assert.isTrue(gaps.slice(14).every((gap) => gap >= 5_000 && gap < 5_300), gaps.join())
    assert.deepStrictEqual(host.notices.filter(({ _tag }) => _tag === "Unsettled").map(({ at }) => at), [60_000])
  })

  it("M-9-5 is said once of each service, whether it or its host or both find no name", () => {
    const fate = [["Ada"], ["ada"], ["Ada", "ada"]].map((denied) => {
      const bus = new Bus.Bus()
      const host = bus.host("us", { host: "ada" })
      bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
      bus.register(host, 1)
      while (bus.now < 70_000) {
        bus.run(100)
        const names = bus.sent.splice(0).flatMap(({ message }) => message.questions.map(({ name }) => name))
        for (const name of names.filter((name) => denied.some((start) => Name.format(name).startsWith(start)))) {
          bus.hear(host, "eth0", Bus.response([{ ...Bus.srv(http, "bob.local", 1), name }]))
        }
      }
      return host.notices.filter(({ _tag }) => _tag === "Unsettled").length
    })

    assert.deepStrictEqual(fate, [1, 1, 1])
  })

  it("M-9-5 a service is registered again once its host has found a name after all", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    bus.register(host, 1)
    while (bus.now < 90_000) {
      bus.run(100)
      const names = bus.sent.splice(0).flatMap(({ message }) => message.questions.map(({ name }) => Name.format(name)))
      if (bus.now > 70_000) continue
      for (const name of names.filter((name) => name.startsWith("ada"))) {
        bus.hear(host, "eth0", Bus.response([Bus.a(name, "10.0.0.66")]))
      }
    }

    const fate = said({ host }).filter((notice) => !notice.startsWith("HostRenamed"))
    assert.deepStrictEqual(fate, ["Registered Ada", "Unsettled Ada", "Registered Ada"])
  })

  it("another host that we speak for is renamed without a word of our own", () => {
    const us = Bus.alone(0, { host: "printer", addresses: [IpInterface.fromStringUnsafe("10.0.0.50/24")] })
    while (us.bus.sent.length === 0) us.bus.run(1)
    heard(us, [Bus.a("printer.local", "10.0.0.66")])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["Registered Ada"])
    const srv = us.bus.sent.flatMap(({ message }) => message.answers).findLast(({ type }) => type === 33)
    assert.isTrue(srv?.data._tag === "Service" && Name.format(srv.data.target) === "printer-2.local")
  })

  it("a name that another of our services has is not asked for twice", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    for (const key of [1, 2, 3]) bus.register(host, key)
    bus.run(3_000)

    assert.deepStrictEqual(host.notices.filter(({ _tag }) => _tag === "Registered").map(({ name }) => name), [
      "Ada",
      "Ada (2)",
      "Ada (3)"
    ])
  })
})

describe("a tie", () => {
  it("M-8.2-4 the loser asks for the same name again a second later", () => {
    const us = probing()
    us.bus.hear(us.host, "eth0", Bus.probe([Bus.srv(http, "ada.local", 81), Bus.txt(http, "x")]))
    const at = us.bus.now
    us.bus.run(5_000)

    const asked = us.bus.since(at).filter(({ message }) =>
      message.questions.some(({ name }) => Name.format(name) === http)
    )
    assert.deepStrictEqual(
      asked.map((sent) => sent.at),
      [at, at + 1_000, at + 1_250, at + 1_500].slice(us.bus.sent[0]!.at === at ? 0 : 1)
    )
    assert.deepStrictEqual(said(us), ["Registered Ada"])
  })

  it("M-8.2.1-1 is about the records of each name by itself", () => {
    const us = probing()
    const same = [Bus.srv(http, "ada.local", 80), {
      ...Bus.txt(http, ""),
      data: { _tag: "Text" as const, octets: Uint8Array.of(0) }
    }]
    const other = { ...taken, name: Bus.name("Bob._http._tcp.local") }
    us.bus.hear(us.host, "eth0", Bus.probe([...same, other]))
    const first = us.bus.sent[0]!.at
    us.bus.run(2_000)

    assert.strictEqual(us.host.notices.find(({ _tag }) => _tag === "Registered")!.at, first + 750)
  })

  it("M-8.2-4 M-9-5 is lost ten times to one who never takes the name, and then another is taken", () => {
    const us = probing()
    const at = us.bus.now
    for (let i = 0; i < 600; i++) {
      us.bus.hear(us.host, "eth0", Bus.probe([Bus.srv(http, "bob.local", 65_535)]))
      us.bus.run(100)
    }

    assert.deepStrictEqual(said(us), ["Renamed Ada > Ada (2)", "Registered Ada (2)"])
    const renamedAt = us.host.notices.find(({ _tag }) => _tag === "Renamed")!.at
    assert.isTrue(renamedAt - at >= 9_000 && renamedAt - at < 12_000)
  })

  it("M-8.2-4 the winner takes no notice", () => {
    const us = probing()
    us.bus.hear(
      us.host,
      "eth0",
      Bus.probe([Bus.srv(http, "ada.local", 79), {
        ...Bus.txt(http, ""),
        data: { _tag: "Text", octets: Uint8Array.of(0) }
      }])
    )
    const first = us.bus.sent[0]!.at
    us.bus.run(2_000)

    assert.strictEqual(us.host.notices.find(({ _tag }) => _tag === "Registered")!.at, first + 750)
  })

  it("M-2-2 M-8.2.1-1 who proposes the same has it too", () => {
    const bus = new Bus.Bus({ delays: () => [1] })
    const hosts = ["one", "two"].map((name) => {
      const host = bus.host(name, { host: name })
      bus.attach(host, Bus.link("eth0", [name === "one" ? "10.0.0.1/24" : "10.0.0.2/24"]))
      bus.register(host, 1, { host: "shared", addresses: Bus.link("", ["10.0.0.7/24"]).addresses })
      return host
    })
    bus.run(10_000)

    for (const host of hosts) assert.deepStrictEqual(said({ host }), ["Registered Ada"])
  })
})

describe("a conflict after probing", () => {
  it.each(["answers", "authorities", "additionals"] as const)(
    "M-9-1 M-8.3-6 M-6.6-1 in the %s of a response has the name probed for again, and not answered for meanwhile",
    (section) => {
      const us = Bus.alone(5_000)
      const at = us.bus.now
      us.bus.hear(us.host, "eth0", Bus.response([taken], section))

      assert.isFalse(Claims.isOwn(us.host.claims, "eth0", Bus.name(http).key))
      us.bus.run(250)
      assert.deepStrictEqual(
        us.bus.since(at).map(({ message }) => message.questions.map(({ name }) => Name.format(name))),
        [[http]]
      )
      us.bus.run(3_000)
      assert.isTrue(Claims.isOwn(us.host.claims, "eth0", Bus.name(http).key))
      assert.deepStrictEqual(said(us), ["Registered Ada", "Registered Ada"])
      assert.strictEqual(us.bus.since(at).filter(Bus.isSaid).length, 2)
    }
  )

  it("M-10.2-1 what is taken back of a name that is contested goes alone", () => {
    const us = Bus.alone(5_000)
    heard(us, [taken])
    us.bus.run(100)
    const at = us.bus.now
    us.bus.do(us.host, (out) => Claims.deregister(us.host.claims, 1, us.bus.now, out))

    const gone = us.bus.since(at).flatMap(({ message }) => Bus.show(message.answers))
    assert.includeMembers(gone, ["Ada._http._tcp.local 33 0", "Ada._http._tcp.local 16 0", "ada.local 1 0 !"])
  })

  it("M-9-2 who loses the probing then takes another name", () => {
    const us = Bus.alone(5_000)
    heard(us, [taken])
    us.bus.run(300)
    heard(us, [taken])
    us.bus.run(3_000)

    assert.deepStrictEqual(said(us), ["Registered Ada", "Renamed Ada > Ada (2)", "Registered Ada (2)"])
  })

  it("M-9-2 M-10.1-1 what is under a name that is lost is the winner's now, and its type's pointer: neither is taken back, then or later", () => {
    const us = Bus.alone(5_000, { subtypes: ["printer"] })
    us.bus.attach(us.host, Bus.link("eth0 IPv6", ["10.0.0.1/24"], { interface: "eth0", family: "IPv6" }), "same")
    us.bus.run(5_000)
    const at = us.bus.now
    heard(us, [taken])
    us.bus.run(300)
    heard(us, [taken])
    us.bus.run(3_000)
    const gone = us.bus.since(at).filter(Bus.isGoodbye).map(({ message }) => Bus.show(message.answers))
    assert.deepStrictEqual(gone, Array.from(gone, () => ["printer._sub._http._tcp.local 12 0"]))
    assert.lengthOf(gone, 4)

    us.bus.do(us.host, (out) => Claims.close(us.host.claims, out))
    const goodbyes = us.bus.since(at).filter(Bus.isGoodbye).flatMap(({ message }) => message.answers)
    assert.isNotEmpty(goodbyes)
    const isOld = ({ data, name }: Record.Record) =>
      name.key === Bus.name(http).key || (data._tag === "Pointer" && data.target.key === Bus.name(http).key)
    assert.deepStrictEqual(new Set(Bus.show(goodbyes.filter(isOld))), new Set(["printer._sub._http._tcp.local 12 0"]))
  })

  it("M-9-1 M-8.1-13 a name that was known to be free is probed for when it is not", () => {
    const us = Bus.alone(5_000, { isVerified: true })
    const at = us.bus.now
    heard(us, [taken])
    us.bus.run(3_000)

    assert.deepStrictEqual(us.bus.since(at).map(Bus.isProbe), [true, true, true, false, false])
  })

  it("M-6.6-3 another type of the name and other pointers are no conflict", () => {
    const us = Bus.alone(5_000)
    heard(us, [Bus.opaque(http, 13, [0]), Bus.ptr("_http._tcp.local", "Bob._http._tcp.local")])

    assert.isTrue(Claims.isOwn(us.host.claims, "eth0", Bus.name(http).key))
  })

  it("M-14-1 M-3-1 a name that is lost on one link is given up on all", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]), "one")
    bus.register(host, 1)
    bus.run(5_000)
    bus.attach(host, Bus.link("eth1", ["10.0.1.1/24"]), "two")
    bus.run(300)
    const at = bus.now
    bus.hear(host, "eth1", Bus.response([taken]))
    bus.run(5_000)

    for (const key of ["eth0", "eth1"]) {
      assert.isTrue(Claims.isOwn(host.claims, key, Bus.name("Ada (2)._http._tcp.local").key), key)
      assert.isFalse(Claims.isOwn(host.claims, key, Bus.name(http).key), key)
    }
    assert.deepStrictEqual(
      bus.since(at).filter(Bus.isGoodbye).map(({ link, message }) => [link, Bus.show(message.answers)]),
      [
        // its winner may be heard here as well, and would be flushed with ours
        ["eth0", ["Ada._http._tcp.local 33 0", "Ada._http._tcp.local 16 0", "_http._tcp.local 12 0"]],
        ["eth0", ["Ada._http._tcp.local 33 0", "Ada._http._tcp.local 16 0", "_http._tcp.local 12 0"]]
      ]
    )
  })

  it("an unsolicited response by unicast takes no name away", () => {
    const us = Bus.alone(5_000)
    us.bus.hear(us.host, "eth0", Bus.response([taken]), false, false)

    assert.isTrue(Claims.isOwn(us.host.claims, "eth0", Bus.name(http).key))
  })

  it("M-10.2-10 an address of ours on another link is no conflict, and ours are said again once", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]), "one")
    bus.attach(host, Bus.link("eth1", ["10.0.1.1/24"]), "two")
    bus.register(host, 1)
    bus.run(5_000)
    const at = bus.now
    for (let i = 0; i < 1_000; i++) {
      bus.hear(
        host,
        "eth0",
        Bus.response([Bus.a("ada.local", "10.0.1.1"), Bus.opaque("x.local", 16, [i & 255, i >> 8])])
      )
      bus.run(100)
    }

    assert.deepStrictEqual(bus.since(at).map(({ link, message }) => [link, Bus.show(message.answers)]), [["eth0", [
      "ada.local 1 120 !"
    ]]])
  })

  it.each(
    [
      ["M-6.6-2 less than half of our time", 59, 1],
      ["M-6.6-2 half of our time", 60, 0]
    ] as const
  )("%s: %d s are said again %d times", (_, ttl, times) => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    heard(us, [Bus.a("ada.local", "10.0.0.1", ttl)])
    us.bus.run(2_000)

    assert.strictEqual(us.bus.since(at).length, times)
  })

  it("M-6.6-2 M-6-12 what others share and say again too, is said by one of them", () => {
    const bus = new Bus.Bus({ delays: (_, from, to) => from === to ? [0] : [1] })
    const hosts = Array.from({ length: 50 }, (_, i) => {
      const host = bus.host(`host${i}`, { host: `host${i}` })
      bus.attach(host, Bus.link("eth0", [`10.0.0.${i + 1}/24`]))
      bus.register(host, 1, { instance: `Ada ${i}` })
      return host
    })
    bus.run(5_000)
    const at = bus.now
    bus.do(hosts[0]!, (out) => Claims.deregister(hosts[0]!.claims, 1, bus.now, out))
    bus.run(5_000)

    const again = bus.since(at).filter(Bus.isSaid)
    assert.isAtLeast(again.length, 1)
    assert.isAtMost(again.length, 5)
    assert.isTrue(again.every((sent) => sent.at - at >= 20 && sent.at - at <= 122))
    assert.deepStrictEqual(Bus.show(again[0]!.message.answers), ["_services._dns-sd._udp.local 12 4500"])
  })

  it("M-6.6-2 M-6-21 said again once a second at the most", () => {
    const us = Bus.alone(5_000)
    const at = us.bus.now
    for (let i = 0; i < 100; i++) {
      heard(us, [Bus.ptr("_http._tcp.local", http, 0)])
      us.bus.run(50)
    }

    assert.isAtMost(us.bus.since(at).length, 6)
    assert.isAtLeast(us.bus.since(at).length, 5)
  })
})

// a name is kept by one, and the other has taken the next
const assertSettled = (hosts: ReadonlyArray<Bus.Host>, seed: number): void => {
  const names = hosts.map(({ claims }) => claims.claims.get("service 1")!.label).toSorted()
  assert.deepStrictEqual(names, ["Ada", "Ada (2)"], `seed ${seed}`)
  const renamed = hosts.map(({ notices }) => notices.filter(({ _tag }) => _tag === "Renamed").length).toSorted()
  assert.deepStrictEqual(renamed, [0, 1], `seed ${seed}`)
}

const seeds = Number(process.env["MDNS_SEEDS"] ?? 500)

describe("two hosts that want one name", () => {
  it(`M-2-2 M-8.2-4 starting within two seconds of each other, exactly one renames, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const bus = new Bus.Bus({
        seed,
        delays: (chance, from, to) => from === to ? [0] : [Chance.between(chance, 0, 20)]
      })
      const hosts = [1, 2].map((id) => {
        const host = bus.host(`host${id}`, { host: `host${id}` })
        bus.attach(host, Bus.link("eth0", [`10.0.0.${id}/24`]))
        return host
      })
      for (const host of hosts) bus.at(Chance.between(bus.chance, 0, 2_000), () => bus.register(host, 1))
      bus.run(10_000)

      assertSettled(hosts, seed)
    }
  }, 300_000)

  it(`M-9-1 M-9-2 joined after both had it, exactly one renames, over ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      let isJoined = false
      const bus = new Bus.Bus({
        seed,
        delays: (chance, from, to) => from === to ? [0] : isJoined ? [Chance.between(chance, 0, 20)] : []
      })
      const hosts = [1, 2].map((id) => {
        const host = bus.host(`host${id}`, { host: `host${id}` })
        bus.attach(host, Bus.link("eth0", [`10.0.0.${id}/24`]))
        bus.register(host, 1)
        return host
      })
      bus.run(5_000)
      isJoined = true
      // whoever notices says something first, or both do
      const first = Chance.between(bus.chance, 0, 2)
      for (const [i, host] of hosts.entries()) {
        if (first !== i) {
          bus.at(Chance.between(bus.chance, 0, 40), () => bus.register(host, 1, { text: Uint8Array.of(1, 65 + i) }))
        }
      }
      bus.run(10_000)

      assertSettled(hosts, seed)
    }
  }, 300_000)
})
