import { Announcement, Endpoint, Machine, type Protocol } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { address, advertise, hear, received, withdraw } from "./laws.ts"
import { fromText } from "./vectors.ts"

const textOf = (payload: Uint8Array) => new TextDecoder().decode(payload)

/** `+id name` announces, `-id` is the goodbye. */
const make = (options: Partial<Beacon.Options> = {}): Protocol.Protocol<Beacon.State> =>
  Beacon.make({
    name: "hello",
    endpoint: Endpoint.multicast("239.20.30.40", 4_000),
    interval: { min: 1_000, max: 2_000 },
    encode: ({ name }, identity) => Result.succeed(fromText(`+${identity} ${name}`)),
    decode: (payload) => {
      const [sign, identity = "", name = ""] = /^([+-])(\S*) ?(.*)$/.exec(textOf(payload))?.slice(1) ?? []
      if (sign === undefined) return Result.fail("sign")
      return Result.succeed(sign === "+" ? { name, identity } : { name: identity, identity, ttl: 0 })
    },
    goodbye: (_, identity) => fromText(`-${identity}`),
    ...options
  })

const ada = Announcement.make({ name: "Ada", identity: "ada" })
const grace = Announcement.make({ name: "Grace", identity: "grace" })

const show = (output: Protocol.Output): string => {
  switch (output._tag) {
    case "Transmit":
      return textOf(output.payload)
    case "Announced":
      return `announced ${output.claim.identity}`
    case "Withdrawn":
      return `withdrawn ${output.identity}`
    case "Rejected":
      return `rejected ${output.reason}`
  }
}

const play = (
  inputs: ReadonlyArray<readonly [number, Exclude<Protocol.Input, Machine.Woke>]>,
  options: { readonly protocol?: Protocol.Protocol<Beacon.State>; readonly seed?: number; readonly until?: number } = {}
) =>
  Machine.replay(options.protocol ?? make(), { seed: options.seed ?? 1, inputs, until: options.until })
    .map(([at, output]) => `${at} ${show(output)}`)

describe("advertise", () => {
  it("sends at once, an update too", () => {
    const renamed = Announcement.update(ada, { name: "Countess" })

    assert.deepStrictEqual(play([[10, advertise(ada)], [20, advertise(renamed)]]), ["10 +ada Ada", "20 +ada Countess"])
  })

  it("tells what a datagram announces, and leaves out goodbyes", () => {
    const inputs = [[0, advertise(ada)], [5, advertise(grace)]] as const
    const outputs = Machine.replay(make(), { seed: 1, inputs, until: 2_100 })

    assert.deepStrictEqual(outputs.map(([, output]) => "key" in output && output.key), [0, undefined, 0, 0])
  })

  it("says goodbye for an identity that is given up", () => {
    const lines = play([[0, advertise(ada)], [5, advertise(grace)]])

    assert.deepStrictEqual(lines, ["0 +ada Ada", "5 -ada", "5 +grace Grace"])
  })

  it("says no goodbye for an identity that is advertised elsewhere", () => {
    const lines = play([[0, advertise(ada, 1)], [1, advertise(ada, 2)], [2, advertise(grace, 1)], [3, withdraw(2)]])

    assert.deepStrictEqual(lines, ["0 +ada Ada", "1 +ada Ada", "2 +grace Grace", "3 -ada"])
  })

  it("keeps what it had when the format cannot carry what is to replace it", () => {
    const protocol = make({
      encode: ({ name }) =>
        name === "Ada" ? Result.succeed(fromText("+ada")) : Result.fail({ field: "name", limit: "Ada" })
    })
    const lines = play([[0, advertise(ada)], [5, advertise(grace)]], { protocol, until: 1_000 })

    assert.deepStrictEqual(lines.filter((line) => !line.endsWith("+ada")), [])
    assert.deepInclude(protocol.validate(grace), { source: "hello", field: "name", limit: "Ada" })
    assert.isUndefined(protocol.validate(ada))
  })

  it("draws one instance for each thing advertised, and keeps it through updates", () => {
    const protocol = make({ identify: (_, instance) => instance })
    const renamed = Announcement.update(ada, { name: "Countess" })
    const lines = play([[0, advertise(ada, 1)], [1, advertise(renamed, 1)], [2, advertise(ada, 2)]], { protocol })
    const [first, second, third] = lines.map((line) => /\+([0-9a-f]{8}) /.exec(line)?.[1])

    assert.isDefined(first)
    assert.strictEqual(second, first)
    assert.notStrictEqual(third, first)
  })

  it("draws the instance from the seed, whatever the node's name", () => {
    const protocol = make({ identify: (_, instance) => instance })
    const instance = (announcement: Announcement.Announcement, seed: number) =>
      play([[0, advertise(announcement)]], { protocol, seed })[0]!.slice(3, 11)

    assert.strictEqual(instance(ada, 1), instance(ada, 1))
    assert.notStrictEqual(instance(ada, 1), instance(ada, 2))
    assert.strictEqual(instance(ada, 1), instance(grace, 1))
  })
})

describe("withdraw", () => {
  it("waits for the others, and for nothing when there are none", () => {
    const protocol = make()
    let { state } = protocol.init(1, 0)
    for (const [key, at] of [[1, 0], [2, 900]] as const) state = protocol.step(state, advertise(ada, key), at).state
    const one = protocol.step(state, withdraw(1), 901)
    const none = protocol.step(one.state, withdraw(2), 902)

    assert.isAtLeast(one.wakeAt, 1_900)
    assert.strictEqual(none.wakeAt, Infinity)
  })

  it("says goodbye and falls silent", () => {
    assert.deepStrictEqual(play([[0, advertise(ada)], [500, withdraw()]], { until: 60_000 }), [
      "0 +ada Ada",
      "500 -ada"
    ])
  })

  it("is silent in a format without goodbye", () => {
    const protocol = make({ goodbye: undefined })

    assert.deepStrictEqual(play([[0, advertise(ada)], [500, withdraw()]], { protocol, until: 60_000 }), ["0 +ada Ada"])
  })

  it("of what was never advertised does nothing", () => {
    assert.deepStrictEqual(play([[0, withdraw(7)]]), [])
  })
})

describe("hear", () => {
  const heard = (text: string, options?: Partial<Beacon.Options>) => hear(make(options), fromText(text)).map(show)

  it("announces, withdraws or rejects", () => {
    assert.deepStrictEqual(heard("+ada Ada"), ["announced ada"])
    assert.deepStrictEqual(heard("-ada"), ["withdrawn ada"])
    assert.deepStrictEqual(heard("hello"), ["rejected sign"])
  })

  it("S-U7 ignores its own announcement, whoever sends it, and counts what else is said in its name", () => {
    const spoofed = address("10.77.0.66", 1)
    const lines = play([
      [0, advertise(ada)],
      [1, received(fromText("+ada Ada"))],
      [2, received(fromText("+ada Mallory"), spoofed)],
      [3, received(fromText("-ada"), spoofed)]
    ])

    assert.deepStrictEqual(lines, ["0 +ada Ada", "2 rejected selfSpoof", "3 rejected selfSpoof"])
  })

  it("S-U7 goes on announcing itself whatever is said in its name", () => {
    const silent = play([[0, advertise(ada)]], { until: 20_000 })
    const spoofed = play([
      [0, advertise(ada)],
      ...Array.from(
        { length: 100 },
        (_, i) => [1 + i * 100, received(fromText(i % 2 === 0 ? "-ada" : "+ada Eve"))] as const
      )
    ], { until: 20_000 })

    assert.deepStrictEqual(spoofed.filter((line) => !line.includes("rejected")), silent)
  })

  it("hears another node of the same name", () => {
    const lines = play([[0, advertise(ada)], [1, received(fromText("+ada2 Ada"))]])

    assert.deepStrictEqual(lines, ["0 +ada Ada", "1 announced ada2"])
  })

  it("hears an identity again once it has withdrawn it", () => {
    const lines = play([[0, advertise(ada)], [1, withdraw()], [2, received(fromText("+ada Ada"))]])

    assert.deepStrictEqual(lines, ["0 +ada Ada", "1 -ada", "2 announced ada"])
  })

  it("looks at nothing longer than its limit", () => {
    assert.deepStrictEqual(heard("+ada Ada", { maxDatagram: 8 }), ["announced ada"])
    assert.deepStrictEqual(heard("+ada Adam", { maxDatagram: 8 }), ["rejected size"])
  })

  it.each([
    { name: "" },
    { name: "\ud800" },
    { name: "ada", identity: "" },
    { name: "ada", identity: "\udfff" },
    { name: "ada", port: 65_536 },
    { name: "ada", port: -1 },
    { name: "ada", port: 0.5 },
    { name: "ada", port: NaN },
    { name: "ada", ttl: Infinity },
    { name: "ada", ttl: NaN },
    { name: "ada", ttl: -1 },
    { name: "ada", ttl: "-1 seconds" as const },
    { name: "ada", ttl: `${1e21} seconds` as const },
    { name: "ada", ttl: `${"9".repeat(400)} nanos` as `${number} nanos` }
  ])("refuses what a decoder should not have let through: %j", (announcement) => {
    assert.deepStrictEqual(heard("+ada Ada", { decode: () => Result.succeed(announcement) }), ["rejected announcement"])
  })

  it.each<readonly [string, Partial<Beacon.Options>]>([
    ["decoder", { decode: (payload) => Result.succeed({ name: decodeURIComponent(textOf(payload)) }) }],
    ["incarnation", { helloBack: { incarnation: ({ name }) => decodeURIComponent(name) } }]
  ])("a datagram that the format's %s throws at is refused, and no other", (_, options) => {
    const protocol = make(options)
    const lines = play([[0, received(fromText("+ada %"))], [1, received(fromText("+ada Ada"))]], { protocol, until: 2 })

    assert.deepStrictEqual(lines.map((line) => line.slice(0, 11)), ["0 rejected ", "1 announced"])
    assert.deepStrictEqual(heard("+ada %", options), ["rejected defect"])
  })

  it("a goodbye is heard that tells no incarnation", () => {
    const incarnation = ({ name, ttl }: Announcement.Options) => {
      if (ttl === 0) throw new Error("no incarnation")
      return name
    }
    const protocol = make({ helloBack: { incarnation } })
    const lines = play([[0, received(fromText("+ada Ada"))], [1, received(fromText("-ada"))]], { protocol, until: 2 })

    assert.deepStrictEqual(lines, ["0 announced ada", "1 withdrawn ada"])
  })

  it("believes an announcement for its own ttl, else for the format's, else for three intervals", () => {
    const ttl = (options: Partial<Beacon.Options>) => {
      const [output] = hear(make(options), fromText("+ada Ada"))
      return output?._tag === "Announced" ? output.claim.ttl : undefined
    }

    assert.strictEqual(ttl({ ttl: "9 seconds", decode: () => Result.succeed({ name: "ada", ttl: 5 }) }), 5)
    assert.strictEqual(ttl({ ttl: "9 seconds" }), 9_000)
    assert.strictEqual(ttl({}), 6_000)
    assert.strictEqual(ttl({ interval: "10 seconds" }), 30_000)
  })
})

describe("validate", () => {
  const field = (announcement: Announcement.Announcement, maxDatagram?: number) => {
    const refused = make({ maxDatagram }).validate(announcement)
    return refused === undefined ? "none" : `${refused.field}: ${refused.limit}`
  }

  it("refuses what nobody with the same options would read", () => {
    const attributed = Announcement.update(ada, { attributes: { role: "x" } })
    const limit = "short enough for a datagram of 7 octets (this one takes 8)"

    assert.strictEqual(field(ada, 8), "none")
    assert.strictEqual(field(ada, 7), `name: ${limit}`)
    assert.strictEqual(field(attributed, 7), `attributes: ${limit}`)
    assert.match(field(Announcement.make({ name: "x".repeat(1_470) })), /^name: /)
  })
})

describe("make", () => {
  it.each([-1, 65_536, 0.5, NaN])("refuses a port of %d", (port) => {
    assert.throws(() => make({ port }), RangeError, "port")
  })

  it.each([0, -1, NaN])("refuses a longest datagram of %d octets", (maxDatagram) => {
    assert.throws(() => make({ maxDatagram }), RangeError, "maxDatagram")
  })

  it.each([0, -1, NaN, Infinity])("refuses an interval of %d", (interval) => {
    assert.throws(() => make({ interval }), RangeError)
  })

  it.each([0, -1, NaN])("refuses a ttl of %d", (ttl) => {
    assert.throws(() => make({ ttl }), RangeError)
  })

  it("refuses an interval that ends before it starts", () => {
    assert.throws(() => make({ interval: { min: 2, max: 1 } }), RangeError, "no longer than its `max`")
  })
})

describe("wake", () => {
  it("catches up with one announcement, however late it is woken", () => {
    const protocol = make()
    const { state } = protocol.step(protocol.init(1, 0).state, advertise(ada), 0)
    const { outputs, wakeAt } = protocol.step(state, Machine.Woke, 1_000_000)

    assert.deepStrictEqual(outputs.map(show), ["+ada Ada"])
    assert.isTrue(wakeAt >= 1_001_000 && wakeAt <= 1_002_000)
  })

  it("sends nothing before the time it gave", () => {
    const protocol = make()
    const { state, wakeAt } = protocol.step(protocol.init(1, 0).state, advertise(ada), 0)
    const early = protocol.step(state, Machine.Woke, wakeAt - 1)

    assert.deepStrictEqual(early.outputs, [])
    assert.strictEqual(early.wakeAt, wakeAt)
  })
})
