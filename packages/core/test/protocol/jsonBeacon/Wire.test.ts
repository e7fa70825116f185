import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Json from "../../../src/protocol/internal/json.ts"
import * as Wire from "../../../src/protocol/jsonBeacon/Wire.ts"

const read = (payload: Uint8Array) => Wire.read(Result.getOrThrow(Json.parse(payload)), payload.length)
const readText = (text: string) => read(new TextEncoder().encode(text))

const nonce = "0123456789abcdef"
const key = "00000000000000ff"
const token = "ff00000000000000"

const told = (count: number, attributes?: Record<string, string>): ReadonlyArray<Wire.Told> =>
  Array.from({ length: count }, (_, index) => ({
    announcement: { name: `host ${index}`, identity: `id ${index}`, port: 8_080, attributes },
    origin: `10.0.${index >> 8}.${index & 255}`,
    until: 60_500
  }))

describe("a message", () => {
  it("is read as it was written", () => {
    assert.deepStrictEqual(read(Wire.ask(nonce)), Result.succeed({ _tag: "Ask", nonce }))
    assert.deepStrictEqual(read(Wire.offer(nonce)), Result.succeed({ _tag: "Offer", nonce }))
    const want = { nonce, key, token, pages: [1, 2, 15] }
    const payload = Wire.want(want)
    assert.deepStrictEqual(read(payload), Result.succeed({ _tag: "Want", ...want, octets: payload.length }))
  })

  it("is none that has a username, or none of these members", () => {
    assert.isUndefined(readText(`{"username":"ada","ask":"${nonce}"}`))
    assert.isUndefined(readText("{}"))
  })

  it.each<readonly [string, Wire.Rejection]>([
    [`{"ask":1}`, "ask"],
    [`{"ask":"0123456789ABCDEF"}`, "ask"],
    [`{"offer":"01"}`, "offer"],
    [`{"want":"${nonce}"}`, "want"],
    [`{"want":"${nonce}","key":"${key}","pages":[]}`, "want"],
    [`{"want":"${nonce}","key":"${key}","pages":[-1]}`, "want"],
    [`{"want":"${nonce}","key":"${key}","pages":[4096]}`, "want"],
    [`{"want":"${nonce}","key":"${key}","pages":[0.5]}`, "want"],
    [`{"want":"${nonce}","key":"${key}","pages":[${Array.from({ length: 17 }, () => 1)}]}`, "want"],
    [`{"want":"${nonce}","key":"${key}","token":"","pages":[1]}`, "want"],
    [`{"page":"${key}","token":"${token}","at":0,"of":1}`, "page"],
    [`{"page":"${key}","token":"${token}","at":1,"of":1,"peers":[]}`, "page"],
    [`{"page":"${key}","token":"${token}","at":0,"of":5000,"peers":[]}`, "page"],
    [`{"page":"${key}","at":0,"of":1,"peers":[]}`, "page"],
    [`{"page":"${key}","token":"${token}","at":0,"of":1,"peers":[1]}`, "page"],
    [`{"page":"${key}","token":"${token}","at":0,"of":1,"peers":[{"username":"ada","id":"a"}]}`, "page"],
    [`{"page":"${key}","token":"${token}","at":0,"of":1,"peers":[{"username":"ada","id":"a","ttl":0}]}`, "page"],
    [`{"page":"${key}","token":"${token}","at":0,"of":1,"peers":[{"username":"ada","ttl":9}]}`, "page"],
    [
      `{"page":"${key}","token":"${token}","at":0,"of":1,"peers":[{"username":"a","id":"a","ttl":9,"from":"x"}]}`,
      "page"
    ]
  ])("is refused: %s", (text, reason) => {
    assert.deepStrictEqual(readText(text), Result.fail(reason))
  })
})

describe("want", () => {
  it("S-A2 is long enough to be answered by who has no token", () => {
    assert.isAtLeast(Wire.want({ nonce, key, token: undefined, pages: [0] }).length * Wire.gain, Wire.maxOctets)
  })
})

describe("page", () => {
  const pagesOf = (entries: ReadonlyArray<Wire.Told>, now = 0) => {
    const pages = Wire.paginate(entries)
    return pages.map((page, at) => Wire.page({ key, token, at, of: pages.length }, page, now))
  }

  it("S-P7 fits in a datagram and is what a reader takes, whatever is told", () => {
    const long = { k: "é".repeat(200), "a,b": ",,,,".repeat(10) }
    for (const entries of [told(1_000), told(50, long), told(40, { k: "v".repeat(1_300) })]) {
      for (const payload of pagesOf(entries)) {
        assert.isAtMost(payload.length, Wire.maxOctets)
        assert.isTrue(Result.isSuccess(read(payload)!))
      }
    }
  })

  it("tells all, each with where it is and the seconds that it still holds", () => {
    const peers = pagesOf(told(1_000), 1_000).flatMap((payload) => {
      const message = Result.getOrThrow(read(payload)!)
      return message._tag === "Page" ? message.peers : []
    })

    assert.strictEqual(peers.length, 1_000)
    assert.deepInclude(peers[999]!.announcement, { name: "host 999", identity: "id 999", port: 8_080 })
    assert.strictEqual(peers[999]!.ttl, 59_000)
    assert.strictEqual(NetAddress.formatIp(peers[999]!.from!), "10.0.3.231")
  })

  it("leaves out what is too long for any page, and what no longer holds", () => {
    assert.deepStrictEqual(Wire.paginate(told(1, { k: "v".repeat(1_400) })), [])
    assert.include(new TextDecoder().decode(pagesOf(told(1), 60_500)[0]), `"peers":[]`)
  })

  it("is known by its key from its first octets", () => {
    const [payload] = pagesOf(told(1))

    assert.isTrue(Wire.isPageOf(payload!, key))
    assert.isFalse(Wire.isPageOf(payload!, token))
    assert.isFalse(Wire.isPageOf(payload!.subarray(0, 26), key))
  })
})
