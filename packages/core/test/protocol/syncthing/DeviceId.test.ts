import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as DeviceId from "../../../src/protocol/syncthing/DeviceId.ts"
import { captured, fromHex, fromText } from "../vectors.ts"

const counted = Uint8Array.from({ length: 32 }, (_, at) => at + 1)

const ids: ReadonlyArray<readonly [octets: Uint8Array, text: string]> = [
  [counted, "AEBAGBA-FAYDQQA-CIKBMGA-2DQPCA6-IREEYUC-ULBOGAW-ZDINRYH-I6D4QAF"],
  [fromText("asdl".repeat(8)), "MFZWI3D-BONSGYC-YLTMRWG-C43ENR5-QXGZDMM-FZWI3DP-BONSGYY-LTMRWAD"],
  [
    fromHex("7f7c8723ecca5b4d22061c4981b34c34d865ec376be1eb74330873c9a6f9b205"),
    "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2"
  ],
  ...captured<{ readonly idHex: string; readonly deviceId: string }>("syncthing").map(
    ({ expected: { deviceId, idHex } }) => [fromHex(idHex), deviceId] as const
  )
]

const faultOf = (text: string) => {
  const parsed = DeviceId.parse(text)
  return Result.isFailure(parsed) ? parsed.failure : undefined
}

const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const octets = Schema.Array(octet).check(Schema.isMinLength(32), Schema.isMaxLength(32))

describe("format and parse", () => {
  it.each(ids)("are inverse on %#", (id, text) => {
    assert.strictEqual(DeviceId.format(id), text)
    assert.deepStrictEqual(DeviceId.parse(text), Result.succeed(id))
  })

  it.prop("are inverse on any 32 octets", { octets }, ({ octets }) => {
    const id = Uint8Array.from(octets)

    assert.deepStrictEqual(DeviceId.parse(DeviceId.format(id)), Result.succeed(id))
  })
})

describe("parse", () => {
  const text = ids[0]![1]
  const plain = text.replaceAll("-", "")
  const unchecked = [0, 14, 28, 42].map((at) => plain.slice(at, at + 13)).join("")

  it.each([
    plain,
    text.toLowerCase(),
    text.replaceAll("-", " "),
    unchecked,
    `${unchecked}====`,
    text.replaceAll("O", "0").replaceAll("I", "1").replaceAll("B", "8")
  ])("takes %s", (written) => {
    assert.deepStrictEqual(DeviceId.parse(written), Result.succeed(counted))
  })

  it("finds every single wrong character", () => {
    let missed = 0
    for (let at = 0; at < plain.length; at++) {
      for (const other of "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") {
        const wrong = plain.slice(0, at) + other + plain.slice(at + 1)
        if (other !== plain[at] && faultOf(wrong) !== "check") missed++
      }
    }

    assert.strictEqual(missed, 0)
  })

  it.each([
    ["", "length"],
    ["A", "length"],
    [`${plain}A`, "length"],
    [" ".repeat(257), "length"],
    [`9${plain.slice(1)}`, "alphabet"],
    [`é${plain.slice(1)}`, "alphabet"],
    [`B${plain.slice(1)}`, "check"],
    // another last character for the same octets
    [`${unchecked.slice(0, -1)}B`, "check"]
  ])("refuses %j as %s", (written, fault) => {
    assert.strictEqual(faultOf(written), fault)
  })
})

describe("checkOf", () => {
  it("is that of the format's description", () => {
    assert.strictEqual(DeviceId.checkOf("AB725E4GHIQPL3ZFGT"), "G")
  })
})

describe("short", () => {
  it("is the beginning of the text", () => {
    for (const [id, text] of ids) assert.strictEqual(DeviceId.short(id), text.slice(0, 7))
  })
})
