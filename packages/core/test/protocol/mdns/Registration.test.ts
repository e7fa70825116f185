import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as Registration from "../../../src/protocol/mdns/Registration.ts"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"

const registration: Registration.Registration = {
  type: "_http._tcp",
  subtypes: [],
  port: 8080,
  priority: 0,
  weight: 0,
  text: Txt.none,
  allowLarge: false,
  isVerified: false,
  isPlaceholder: false
}

const fieldOf = (options: Partial<Registration.Registration>): string | undefined =>
  Registration.validate({ ...registration, ...options })?.field

const addresses = [IpInterface.fromStringUnsafe("10.0.0.9/24")]

describe("validate", () => {
  it("D-4.1.1-1 refuses each of the 33 control characters in an instance's name", () => {
    for (const code of [...Array(32).keys(), 0x7f]) {
      assert.strictEqual(fieldOf({ instance: `a${String.fromCharCode(code)}` }), "instance", `${code}`)
    }
    assert.isUndefined(fieldOf({ instance: "a \u0080.\\\"é€😀" }))
  })

  it("D-7.2-1 measures labels in octets of the composed form", () => {
    assert.isUndefined(fieldOf({ instance: "€".repeat(21) }))
    assert.strictEqual(fieldOf({ instance: "€".repeat(21) + "x" }), "instance")
    assert.isUndefined(fieldOf({ instance: "e\u0301".repeat(31) }))
    assert.strictEqual(fieldOf({ instance: "" }), "instance")
  })

  it("D-4.1.1-2 D-4.1.1-3 a name may be given and need not be", () => {
    assert.isUndefined(fieldOf({ instance: "My Thing" }))
    assert.isUndefined(fieldOf({}))
  })

  it.each<[field: string, options: Partial<Registration.Registration>]>([
    ["type", { type: "_http" }],
    ["type", { type: "_sixteen-letters-._tcp" }],
    ["subtypes", { subtypes: [""] }],
    ["subtypes", { subtypes: ["ok", "x".repeat(64)] }],
    ["port", { port: 0 }],
    ["port", { port: 65_536 }],
    ["port", { port: 1.5 }],
    ["port", { port: NaN }],
    ["priority", { priority: -1 }],
    ["weight", { weight: 65_536 }],
    ["attributes", { text: new Uint8Array() }],
    ["attributes", { text: Uint8Array.of(9, 1) }],
    ["attributes", { text: new Uint8Array(1_301) }],
    ["attributes", { text: new Uint8Array(100_000), allowLarge: true }],
    ["host", { host: "" }],
    ["host", { host: "a\tb" }],
    ["addresses", { addresses }],
    ["addresses", { host: "x", addresses: [IpInterface.fromStringUnsafe("224.0.0.1/4")] }],
    ["ttl", { ttl: 0 }],
    ["ttl", { ttl: 86_401 }]
  ])(
    "X-12 refuses a wrong %s before anything is sent: %o",
    (field, options) => assert.strictEqual(fieldOf(options), field)
  )

  it("takes what is within all limits", () => {
    assert.isUndefined(fieldOf({ isPlaceholder: true, port: 0 }))
    assert.isUndefined(fieldOf({ host: "x.y", addresses }))
    assert.isUndefined(fieldOf({ text: new Uint8Array(Txt.maxOctets), allowLarge: true }))
    assert.isUndefined(fieldOf({ subtypes: ["\0\n"], ttl: 1 }))
  })
})
