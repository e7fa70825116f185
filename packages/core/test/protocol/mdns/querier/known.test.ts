/** Known answers (RFC 6762, sections 7.1 and 7.2). */
import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { A, address, ANY, Bench, goodbye, host, http, link, name, pointer, PTR } from "./Bench.ts"

/** The known answers of a query for a record that was heard at 0, asked at that age for the first time. */
const listed = (record: Record.Record, age: number) => {
  const bench = new Bench()
  const id = bench.ask(record.name, record.type, { mode: "watch" })
  bench.hear([record])
  bench.until(age - 100)
  bench.ask(record.name, record.type, { refresh: false })
  bench.release(id)
  while (bench.sent.length === 0) bench.until(bench.now + 1)
  return { at: bench.now, answers: bench.sent[0]!.message.answers }
}

describe("known answers", () => {
  it("M-5.2-3 M-7.1-3 are listed with what is left of their ttl, from a half on", () => {
    for (const ttl of [100, 1_000, 4_500]) {
      const { answers, at } = listed(pointer("a", ttl), 490 * ttl)

      assert.deepStrictEqual(answers, [pointer("a", ttl - Math.ceil(at / 1_000))])
      assert.deepStrictEqual(listed(pointer("a", ttl), 510 * ttl).answers, [])
    }
  })

  it("M-7.1-3 are listed only when the seconds that are left make a half, as the answerer reckons", () => {
    for (let age = 2_300; age < 2_600; age += 7) {
      for (const { ttl } of listed(pointer("a", 5), age).answers) assert.isAtLeast(2 * ttl, 5)
    }
  })

  it("M-7.1-3 are listed with exactly half of it", () => {
    assert.deepStrictEqual(listed(pointer("a", 4), 1_500).answers, [pointer("a", 2)])
  })

  it("M-10.2-7 have no flush bit", () => {
    assert.deepStrictEqual(listed(address(1), 10_000).answers.map(({ flush }) => flush), [false])
  })

  it("are not those who have said goodbye", () => {
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear([pointer("a"), pointer("b")])
    bench.hear([goodbye(pointer("a"))])
    bench.until(200)

    assert.deepStrictEqual(bench.sent[0]!.message.answers.map(Record.key), [Record.key(pointer("b"))])
  })

  it("X-23 are listed once, though two questions have them", () => {
    const bench = new Bench()
    bench.ask(host, A)
    bench.ask(host, ANY)
    bench.hear([address(1)])
    bench.until(200)

    assert.deepStrictEqual(bench.sent.map(({ message }) => [message.questions.length, message.answers.length]), [[
      2,
      1
    ]])
  })

  it("X-23 are listed once, though they are our own and another says them, too", () => {
    const bench = new Bench({ owned: () => [pointer("Ours"), pointer("alone")] })
    bench.ask(http, PTR)
    bench.hear([pointer("ours"), pointer("theirs")])
    bench.until(200)

    assert.deepStrictEqual(
      bench.sent.flatMap(({ message }) => message.answers.map(Record.key)),
      [pointer("ours"), pointer("theirs"), pointer("alone")].map(Record.key)
    )
  })

  it("M-7.2-1 M-7.2-2 that are too many follow at once, in messages without a question", () => {
    const known = Array.from({ length: 200 }, (_, i) => pointer(`an instance with a long name ${i}`))
    const bench = new Bench()
    bench.ask(http, PTR)
    bench.hear(known)
    bench.until(200)
    const messages = bench.sent.map(({ message }) => message)

    assert.isAbove(messages.length, 2)
    assert.deepStrictEqual(
      messages.map(({ isTruncated }) => isTruncated),
      messages.map((_, i) => i < messages.length - 1)
    )
    assert.deepStrictEqual(messages.map(({ questions }) => questions.length), messages.map((_, i) => i === 0 ? 1 : 0))
    assert.deepStrictEqual(messages.flatMap(({ answers }) => answers.map(Record.key)), known.map(Record.key))
    assert.strictEqual(new Set(bench.times).size, 1)
  })

  it("that are longer than a frame are left out", () => {
    const bench = new Bench({ links: [{ ...link, maxPayload: 100 }] })
    bench.ask(host, ANY)
    bench.hear([{ ...address(1), type: 99, data: { _tag: "Opaque", octets: new Uint8Array(100) } }, address(1)])
    bench.until(200)

    assert.deepStrictEqual(bench.sent.map(({ message }) => [message.isTruncated, message.answers.length]), [[false, 1]])
  })
})

describe("questions", () => {
  it("that do not fit into one message go in several", () => {
    const bench = new Bench({ links: [{ ...link, maxPayload: 512 }] })
    const names = Array.from({ length: 40 }, (_, i) => name(`a-host-with-a-long-name-${i}.local`))
    for (const asked of names) bench.ask(asked, A)
    bench.hear(names.map((owner) => address(1, 120, owner)))
    bench.until(200)

    const questions = bench.sent.flatMap(({ message }) => message.questions.map(({ name }) => name.key))
    assert.deepStrictEqual(questions.toSorted(), names.map(({ key }) => key).toSorted())
    assert.strictEqual(bench.sent.flatMap(({ message }) => message.answers).length, 40)
  })
})
