import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

interface Vector {
  readonly id: string
  readonly wrong: string
  readonly hex: string
  readonly decode: "error" | "ok" | "either"
  readonly must: ReadonlyArray<string>
}

const vectors = JSON.parse(
  readFileSync(new URL("./fixtures/malformed.json", import.meta.url), "utf8")
) as ReadonlyArray<Vector>

const domain = "_evil._tcp.local"

/** What appears for certain; of all other vectors nothing has to. */
const appears: { readonly [id: string]: ReadonlyArray<string> } = {
  "id-nonzero": ["Evil"],
  "inst-hasownproperty": ["hasOwnProperty"],
  "inst-proto": ["__proto__"],
  "txt-many-empty": ["Evil"],
  "txt-one-empty": ["Evil"],
  "txt-proto": ["Evil"]
}

const isNothingToAppear = ({ decode, must }: Vector) =>
  decode === "error" || must.some((text) => /no service appears|no up|not shown/.test(text))

const keys: { readonly [id: string]: ReadonlyArray<string> } = {
  "txt-many-empty": [],
  "txt-one-empty": [],
  "txt-proto": ["__proto__", "constructor", "toString", "length"]
}

const good = Wire.response({
  answers: [
    Wire.ptr(domain, `good.${domain}`),
    Wire.srv(`good.${domain}`, "good.local", 80),
    Wire.txt(`good.${domain}`, ["a=1"]),
    Wire.a("good.local", "10.77.0.2")
  ]
})

describe("datagrams that are wrong, or odd", () => {
  for (const vector of vectors) {
    row(`${vector.id}: ${vector.wrong}`, (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const registered = yield* Subject.register(us, { instance: "ours", type: "_evil._tcp", port: 80 })
        const browse = yield* Subject.browse(us, "_evil._tcp")
        yield* Effect.sleep("5 seconds")
        const since = yield* bench.now
        yield* bench.peer().send(Buffer.from(vector.hex, "hex"))
        yield* Effect.sleep("4 seconds")
        const seen = Subject.names(browse)
        const evil = Subject.find(browse, "Evil")
        yield* bench.peer().send(good)
        yield* Effect.sleep("4 seconds")
        yield* bench.peer().send(Wire.query({ questions: [Wire.question(domain, "PTR")] }))
        yield* Effect.sleep("2 seconds")
        const sent = yield* bench.sent({ since })

        if (isNothingToAppear(vector)) assert.deepStrictEqual(seen, [])
        if (vector.id in appears) assert.deepStrictEqual(seen, appears[vector.id])
        if (vector.id in keys) assert.deepStrictEqual(Subject.keysOf(evil).toSorted(), keys[vector.id]!.toSorted())
        assert.isAtMost(seen.length, 1)
        if (vector.decode === "error") assert.isAtLeast(yield* Subject.rejected(us), 1)
        assert.deepStrictEqual(Object.keys(Object.prototype), [])
        assert.include(Subject.names(browse), "good")
        assert.isTrue(sent.some(Tap.answers(domain, "PTR")))
        assert.strictEqual(yield* registered.name, "ours")
        assert.isAtMost(sent.length, 40)
      }), { network: "10.77.0.0/24" })
  }
})
