import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Captured from "./captured.ts"

const { fromHex } = Captured
const decode = (hex: string) => Message.decode(fromHex(hex))
const messageOf = (hex: string) => Captured.decode(fromHex(hex))
const text = (name: Name.Name): string => Name.format(name)
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")

/** A response of records, each its name, type, class and data in hex. */
const response = (...records: ReadonlyArray<string>): string =>
  "000084000000" + records.length.toString(16).padStart(4, "0") + "00000000" + records.join("")
const record = (name: string, type: number, data: string, class_ = "0001"): string =>
  name + type.toString(16).padStart(4, "0") + class_ + "00000078" + (data.length / 2).toString(16).padStart(4, "0") +
  data
const local = "0161056c6f63616c00"
const a = record(local, 1, "0a000001")
const datas = (hex: string) => messageOf(hex).answers.map(({ data }) => data)
const skippedOf = (...records: ReadonlyArray<string>) => {
  const { answers, skipped } = messageOf(response(...records))
  return { types: answers.map(({ type }) => type), skipped }
}

const flagged = (flags: number): string => "0000" + flags.toString(16).padStart(4, "0") + response(a).slice(8)
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe("decode: the header", () => {
  it("M-18.1-5 takes any id, and tells it", () => {
    for (const id of [0, 1, 255, 256, 0x1234, 65_535]) {
      assert.strictEqual(messageOf(id.toString(16).padStart(4, "0") + response(a).slice(4)).id, id)
    }
  })

  it("M-18.3-2 refuses every opcode but 0", () => {
    for (const opcode of numbers(15)) {
      for (const qr of [0, 0x8000]) assert.deepStrictEqual(decode(flagged(qr | opcode << 11)), Result.fail("opcode"))
    }
  })

  it("M-18.11-1 refuses every rcode but 0", () => {
    for (const rcode of numbers(15)) {
      for (const qr of [0, 0x8000]) assert.deepStrictEqual(decode(flagged(qr | rcode)), Result.fail("rcode"))
    }
  })

  it("M-18.4-1 M-18.4-2 M-18.6-2 M-18.7-1 M-18.8-1 M-18.9-1 M-18.10-1 ignores AA, RD, RA, Z, AD and CD", () => {
    for (const qr of [0, 0x8000]) {
      const plain = decode(flagged(qr))
      for (const bit of [0x0400, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x05f0]) {
        assert.deepStrictEqual(decode(flagged(qr | bit)), plain)
      }
    }
  })

  it("M-18.2-1 M-18.2-2 M-18.5-1 tells queries from responses, and whether more follows", () => {
    const { isResponse, isTruncated } = messageOf(flagged(0x0200))

    assert.deepStrictEqual([isResponse, isTruncated], [false, true])
    assert.isTrue(messageOf(flagged(0x8000)).isResponse)
    assert.isFalse(messageOf(flagged(0x8000)).isTruncated)
  })

  it("M-17-5 S-P2 refuses what is longer than any datagram", () => {
    const long = (length: number) => Uint8Array.from({ length }, () => 0)

    assert(Result.isSuccess(Message.decode(long(8_972))))
    assert.deepStrictEqual(Message.decode(long(8_973)), Result.fail("size"))
  })

  it("X-9 S-P3 S-P4 refuses counts that its octets cannot hold", () => {
    assert.deepStrictEqual(decode("00008400ffffffffffffffff"), Result.fail("counts"))
    assert.deepStrictEqual(decode("000000000001000000000000"), Result.fail("counts"))
    assert.deepStrictEqual(decode("000000000000000000000001"), Result.fail("counts"))
    assert.deepStrictEqual(
      decode("0000000000010000000000000000010001"),
      decode("00000000000100000000000000000100010000")
    )
  })

  it("S-P4 reads 64 questions and 255 records, and leaves the rest alone", () => {
    const question = "0000010001"
    const header = (questions: number, answers: number) =>
      "00000000" + [questions, answers].map((count) => count.toString(16).padStart(4, "0")).join("") + "00000000"
    const many = messageOf(header(70, 300) + question.repeat(70) + record("00", 16, "").repeat(300))

    assert.strictEqual(many.questions.length, 64)
    assert.strictEqual(many.answers.length, 255)
    assert.strictEqual(many.skipped, 0)
  })
})

describe("faultOf", () => {
  it("tells why a datagram is no message, as decoding it does", () => {
    const long = { length: 8_973 }
    for (const octets of [fromHex(response(a)), fromHex(response(a, record(local, 1, "0a"))), Uint8Array.from(long)]) {
      for (const length of [octets.length, octets.length - 1, 13, 12, 11]) {
        const payload = octets.subarray(0, length)
        assert.strictEqual(Message.faultOf(payload), Result.getOrUndefined(Result.flip(Message.decode(payload))))
      }
    }
  })

  it("keeps nothing of a datagram for the next", () => {
    const many = Array.from(
      { length: 255 },
      (_, i) => record(`01${(i & 0xff).toString(16).padStart(2, "0")}00`, 16, "")
    )

    assert.isUndefined(Message.faultOf(fromHex(response(...many))))
    // a pointer to where there was a name before
    assert.strictEqual(Message.faultOf(fromHex(response(record("c01a", 1, "0a000001"), a))), "pointer")
    assert.deepStrictEqual(messageOf(response(a)).answers.map(({ name }) => text(name)), ["a.local"])
  })
})

describe("decode: classes", () => {
  it("M-18.12-1 takes the top bit of a question's class for QU", () => {
    const classes = ["0001", "8001", "00ff", "80ff"].map((class_) =>
      messageOf(`000000000001000000000000${local}000c${class_}`)
    )

    assert.deepStrictEqual(classes.map(({ questions: [question] }) => [question!.class, question!.unicast]), [
      [1, false],
      [1, true],
      [255, false],
      [255, true]
    ])
  })

  it("M-18.13-1 M-10.2-9 takes the top bit of a record's class for cache flush, and masks it off", () => {
    const { answers } = messageOf(
      response(a, record(local, 1, "0a000001", "8001"), record(local, 1, "0a000001", "8003"))
    )

    assert.deepStrictEqual(answers.map(({ class: class_, flush }) => [class_, flush]), [[1, false], [1, true], [
      3,
      true
    ]])
  })

  it("M-10.2-9 takes the class of OPT for a size", () => {
    const { answers: [option] } = messageOf(response(record("00", 41, "00040000", "8f00")))

    assert.deepStrictEqual([option!.class, option!.flush, hex(Record.octetsOf(option!.data))], [
      0x8f00,
      false,
      "00040000"
    ])
  })
})

describe("decode: names", () => {
  it("M-18.14-6 reads compressed names of questions and records", () => {
    const { answers, questions } = messageOf(
      `000000000002000100000000 ${local}00010001 c00e00010001 0162c00c000100010000007800040a000001`
    )

    assert.deepStrictEqual(questions.map(({ name }) => text(name)), ["a.local", "local"])
    assert.deepStrictEqual(answers.map(({ name }) => text(name)), ["b.a.local"])
  })

  it("shares a name that others point to", () => {
    const { answers: [first, second] } = messageOf(response(a, record("c00c", 1, "0a000002")))

    assert.strictEqual(first!.name, second!.name)
  })

  it("X-2 refuses pointers to themselves, forwards, in a circle, into the header or into nothing", () => {
    for (const target of ["c00c", "c00e", "c01c", "c000", "c00b", "ffff"]) {
      assert.deepStrictEqual(decode(response(record(target, 1, "0a000001"), a)), Result.fail("pointer"))
    }
    assert.deepStrictEqual(decode(response(record("0161c00c", 1, "0a000001"))), Result.fail("pointer"))
    // two that point to each other
    assert.deepStrictEqual(decode(response(record("c00ec00c", 1, "0a000001"))), Result.fail("pointer"))
  })

  it("X-2 S-P4 follows 126 pointers and no more", () => {
    // in the data of a TXT at offset 25, each pointer pointing to the one before it
    const pointer = (target: number) => (0xc000 + target).toString(16)
    const chain = (length: number) => {
      const pointers = numbers(length - 1).map((i) => pointer(i === 1 ? 12 : 25 + 2 * (i - 2)))
      return response(record("016100", 16, pointers.join("")), record(pointer(25 + 2 * (length - 2)), 1, "0a000001"))
    }

    assert.deepStrictEqual(messageOf(chain(126)).answers.map(({ name }) => text(name)), ["a", "a"])
    assert.deepStrictEqual(decode(chain(127)), Result.fail("pointer"))
  })

  it("M-C-1 reads names of 255 octets beside the final zero, and refuses longer ones", () => {
    const labels = (last: number) => ("3f" + "61".repeat(63)).repeat(3) + last.toString(16) + "61".repeat(last) + "00"

    assert.strictEqual(messageOf(response(record(labels(62), 1, "0a000001"))).answers[0]!.name.wire.length, 256)
    assert.deepStrictEqual(decode(response(record(labels(63), 1, "0a000001"))), Result.fail("name"))
    // and so when the end of it is pointed to
    const pointing = record("0161c00c", 1, "0a000001")
    assert.deepStrictEqual(decode(response(record(labels(62), 1, "0a000001"), pointing)), Result.fail("name"))
  })

  it("X-2 S-P4 refuses a datagram whose names take more than 4,096 steps", () => {
    const long = "0161".repeat(120) + "00"
    const reading = (count: number) =>
      decode(response(record(long, 16, ""), ...Array.from({ length: count }, () => record("c00c", 16, ""))))

    assert(Result.isSuccess(reading(32)))
    assert.deepStrictEqual(reading(33), Result.fail("budget"))
  })

  it("X-2 S-P4 refuses a datagram whose names have more than 64 KiB", () => {
    const long = ("3f" + "61".repeat(63)).repeat(3) + "3d" + "61".repeat(61) + "00"
    const pointer = record("c00c", 12, "c00c")
    const reading = (count: number) =>
      decode(response(record(long, 16, ""), ...Array.from({ length: count }, () => pointer)))

    assert(Result.isSuccess(reading(127)))
    assert.deepStrictEqual(reading(129), Result.fail("budget"))
  })

  it("M-16-3 X-11 S-P6 keeps the octets of labels: capitals, U+FEFF, dots, zeros, what is no UTF-8", () => {
    const label = "1041efbbbf2e005c5c2effc3a9e9615a40"
    const { answers: [record_] } = messageOf(response(record(label + "00", 1, "0a000001")))

    assert.strictEqual(hex(record_!.name.wire), label + "00")
  })
})

describe("decode: data", () => {
  const soa = (name: string) => name + name + "00".repeat(20)
  const compressed: ReadonlyArray<readonly [string, number, string, string]> = [
    ["NS", 2, "0162c00c", "0162" + local],
    ["CNAME", 5, "0162c00c", "0162" + local],
    ["SOA", 6, soa("0162c00c"), soa("0162" + local)],
    ["PTR", 12, "0162c00c", "0162" + local],
    ["MX", 15, "0001c00c", "0001" + local],
    ["RP", 17, "c00cc00e", local + local.slice(4)],
    ["AFSDB", 18, "0001c00c", "0001" + local],
    ["RT", 21, "0001c00c", "0001" + local],
    ["PX", 26, "0001c00cc00e", "0001" + local + local.slice(4)],
    ["KX", 36, "0001c00c", "0001" + local],
    ["DNAME", 39, "c00c", local],
    ["NSEC", 47, "c00c000140", local + "000140"]
  ]

  it.each(compressed)("M-18.14-7 expands names in the data of %s", (_, type, data, expanded) => {
    assert.deepStrictEqual(
      datas(response(a, record(local, type, data))).map((data) => hex(Record.octetsOf(data)))[1],
      expanded
    )
  })

  it("M-18.14-9 expands the target of SRV", () => {
    const [, service] = datas(response(a, record(local, 33, "000100021f90c00c")))

    assert.strictEqual(hex(Record.octetsOf(service!)), "000100021f90" + local)
    assert.deepInclude(service, { _tag: "Service", priority: 1, weight: 2, port: 8_080 })
  })

  it("M-18.14-8 expands names of the other old types, and keeps unknown ones as they are", () => {
    for (const type of [3, 4, 7, 8, 9]) {
      assert.strictEqual(hex(Record.octetsOf(datas(response(a, record(local, type, "c00c")))[1]!)), local)
    }
    for (const type of [13, 35, 99, 65_280]) {
      assert.strictEqual(hex(Record.octetsOf(datas(response(a, record(local, type, "c00c")))[1]!)), "c00c")
    }
  })

  it("X-8 S-P5 leaves out a record whose data is not what its type says, and reads the next", () => {
    const bad: ReadonlyArray<readonly [number, string]> = [
      [1, "0a0000"],
      [1, "0a00000100"],
      [28, "00".repeat(15)],
      [28, "00".repeat(17)],
      [2, "c00c00"],
      [5, "0162"],
      [6, soa("00") + "00"],
      [6, "c00c"],
      [12, "c00c00"],
      [12, "0162c0"],
      [12, "3f61"],
      [12, "cfff"],
      [15, "00"],
      [17, "c00c"],
      [26, "0001c00c"],
      [33, "000000000000"],
      [33, "000000001f90c00cc00c"],
      [39, "40"],
      [47, "c0"]
    ]
    for (const [type, data] of bad) {
      assert.deepStrictEqual(
        skippedOf(a, record(local, type, data), a),
        { types: [1, 1], skipped: 1 },
        `${type} ${data}`
      )
    }
  })

  it("X-10 leaves out what may not be empty, and takes an empty TXT", () => {
    for (const type of [1, 2, 5, 6, 12, 15, 28, 33, 39, 47]) {
      assert.deepStrictEqual(skippedOf(record(local, type, ""), a), { types: [1], skipped: 1 })
    }
    assert.deepStrictEqual(skippedOf(record(local, 16, ""), record(local, 13, ""), a), {
      types: [16, 13, 1],
      skipped: 0
    })
    assert.deepStrictEqual(datas(response(record(local, 16, "")))[0]!, { _tag: "Text", octets: new Uint8Array(0) })
  })

  it("X-8 S-P5 refuses a message in which a record ends beyond it", () => {
    const cut = record(local, 16, "0161").replace("00020161", "00030161")

    assert.deepStrictEqual(decode(response(a, cut)), Result.fail("truncated"))
    assert.deepStrictEqual(decode(response(a).slice(0, -2)), Result.fail("truncated"))
  })

  it("no longer needs the datagram once the data was looked at", () => {
    const datagram = fromHex(response(a, record(local, 16, "0161"), record(local, 47, local + "000440000008")))
    const [address, text, denial] = Captured.decode(datagram).answers.map(({ data }) => data)
    const key = () => [address!, text!, denial!].map(Record.dataKey)
    const before = key()
    datagram.fill(0xff)

    assert.deepStrictEqual(key(), before)
    assert.deepStrictEqual(denial, {
      _tag: "Denial",
      next: Result.getOrThrow(Name.fromString("a.local")),
      types: [1, 28]
    })
  })
})

describe("dataKey", () => {
  it("takes no more of the stack for more types of a denial", () => {
    const next = Result.getOrThrow(Name.fromString("a.local"))
    const types = Array.from({ length: 300_000 }, (_, index) => index & 0xffff)
    const key = Record.dataKey({ _tag: "Denial", next, types })

    assert.strictEqual(key.length, next.key.length + types.length)
    for (const index of [0, 255, 256, 65_535, 65_537, 299_999]) {
      assert.strictEqual(key.charCodeAt(next.key.length + index), types[index])
    }
  })

  it("tells the longest data apart by its last octet", () => {
    const keys = [0, 1].map((last) => {
      const octets = new Uint8Array(8_900).fill(0xe9)
      octets[8_899] = last
      return Record.dataKey({ _tag: "Text", octets })
    })

    assert.deepStrictEqual(keys.map((key) => key.length), [8_900, 8_900])
    assert.notStrictEqual(keys[0], keys[1])
  })
})

describe("decode: NSEC", () => {
  const types = (data: string) => {
    const [denial] = datas(response(record(local, 47, data)))
    return denial?._tag === "Denial" ? denial.types : undefined
  }

  it("M-6.1-2 reads one window of 1 to 32 octets", () => {
    for (let length = 1; length <= 32; length++) {
      const bits = "00".repeat(length - 1) + "01"

      assert.deepStrictEqual(types(local + "00" + length.toString(16).padStart(2, "0") + bits), [8 * length - 1])
    }
  })

  it("M-6.1-6 M-6.1-7 uses one whose next name is not its owner's", () => {
    assert.deepStrictEqual(types("0178056c6f63616c00000440000008"), [1, 28])
  })

  it("M-6.1-8 loses nothing but an NSEC that cannot be read", () => {
    for (const windows of ["0000", "0021" + "ff".repeat(33), "000540000008", "00", "0001400001ff", "01014000014000"]) {
      assert.deepStrictEqual(
        skippedOf(a, record(local, 47, local + windows), a),
        { types: [1, 1], skipped: 1 },
        windows
      )
    }
  })

  it("M-6.1-9 reads several windows, and leaves out what lists more types than any name has", () => {
    assert.deepStrictEqual(types(local + "000140010140"), [1, 257])
    assert.deepStrictEqual(types(local + "0020" + "ff".repeat(32))?.length, 256)
    assert.deepStrictEqual(types(local + "0020" + "ff".repeat(32) + "010180"), undefined)
  })
})
