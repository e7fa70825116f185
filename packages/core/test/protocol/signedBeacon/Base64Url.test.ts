import { assert, describe, it } from "@effect/vitest"
import * as Base64Url from "../../../src/protocol/signedBeacon/Base64Url.ts"

const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff)

describe("base64url", () => {
  it("gives back what it was made of", () => {
    for (let length = 0; length < 200; length++) {
      const text = Base64Url.encode(octets(length))
      assert.strictEqual(text, Buffer.from(octets(length)).toString("base64url"))
      assert.deepStrictEqual(Base64Url.decode(text), octets(length))
    }
  })

  it("has one spelling: of all texts of one to four characters no two mean the same", () => {
    const characters = "AQgw_-+/=\n B9"
    const spellings = new Map<string, string>()
    const walk = (text: string): void => {
      const decoded = Base64Url.decode(text)
      if (decoded !== undefined) {
        const content = Buffer.from(decoded).toString("hex")
        assert.isUndefined(spellings.get(content), text)
        spellings.set(content, text)
      }
      if (text.length < 4) { for (const character of characters) walk(text + character) }
    }
    walk("")

    assert.isAbove(spellings.size, 1_000)
  })

  for (const text of ["AA==", "AA=", "A", "AAAAA", "AB", "AAB", "A A", "AA\n", "+AAA", "/AAA", "ÄAAA"]) {
    it(`${JSON.stringify(text)} is none`, () => assert.isUndefined(Base64Url.decode(text)))
  }
})
