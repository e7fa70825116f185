import { assert, describe, it } from "@effect/vitest"
import * as DnsPacket from "dns-packet"
import * as Vectors from "../vectors.ts"
import * as Captured from "./captured.ts"
import * as Tshark from "./tshark.ts"

const pairs = Captured.captured.map(({ hex, id }) => {
  const original = Vectors.fromHex(hex)
  return { id, original, rewritten: Captured.encode(Captured.decode(original)) }
})

const records = (message: Uint8Array) => {
  const { additionals, answers, authorities, questions } = DnsPacket.decode(Buffer.from(message))
  return { additionals, answers, authorities, questions }
}

const fields = [
  ..."id flags.response flags.truncated qry.name qry.type qry.class qry.qu".split(" "),
  ..."resp.name resp.type resp.class resp.cache_flush resp.ttl a aaaa ptr.domain_name txt".split(" "),
  ..."srv.priority srv.weight srv.port srv.target nsec.next_domain_name rr.udp_payload_size opt.code opt.data".split(
    " "
  )
].map((field) => `dns.${field}`)

describe("what the writer writes of a captured message", () => {
  it.each(pairs)("dns-packet reads as the original: $id", ({ original, rewritten }) => {
    assert.deepStrictEqual(records(rewritten), records(original))
  })

  it("M-18.14-1 is never longer than the original", () => {
    for (const { id, original, rewritten } of pairs) assert.isAtMost(rewritten.length, original.length, id)
  })

  it.skipIf(Tshark.missing !== undefined)(
    `tshark reads as the original${Tshark.missing === undefined ? "" : ` (${Tshark.missing})`}`,
    () => {
      const originals = Tshark.read(pairs.map(({ original }) => original), fields)
      const rewritten = Tshark.read(pairs.map(({ rewritten }) => rewritten), fields)

      assert.strictEqual(originals.length, pairs.length)
      assert.isAbove(originals.filter((line) => line.includes("local")).length, 60)
      assert.deepStrictEqual(rewritten, originals)
    },
    60_000
  )
})
