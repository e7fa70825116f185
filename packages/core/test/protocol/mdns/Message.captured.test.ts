import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Vectors from "../vectors.ts"
import * as Captured from "./captured.ts"

describe("decode", () => {
  it.each(Captured.captured)("reads $id as its program means it", ({ expected, hex }) => {
    const { answers, additionals, authorities, id, qr, questions, tc } = expected

    assert.deepStrictEqual(Captured.describe(Captured.decode(Vectors.fromHex(hex))), {
      id,
      qr,
      tc,
      questions,
      answers,
      authorities,
      additionals
    })
  })

  // longer than any datagram of mDNS may be, else good
  const tooLong = new Set(["size-9000"])

  it.each(Captured.malformed)("X-8 $id: $wrong", ({ expected, hex, id }) => {
    const decoded = Message.decode(Vectors.fromHex(hex))

    if (expected.decode === "error" || tooLong.has(id)) assert(Result.isFailure(decoded))
    if (expected.decode === "ok" && !tooLong.has(id) && id !== "opcode-5") assert(Result.isSuccess(decoded))
  })
})

describe("Writer", () => {
  it.each(Captured.captured)("writes $id so that it reads the same", ({ hex }) => {
    const message = Captured.decode(Vectors.fromHex(hex))

    assert.deepStrictEqual(Captured.decode(Captured.encode(message)), message)
  })
})
