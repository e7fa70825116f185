import { PeerKey, type TrustError } from "@effect-discovery/core"
import { NodeIdentity } from "@effect-discovery/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Inspectable } from "effect"
import { Signature } from "effect/crypto"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { inspect } from "node:util"
import * as Temporary from "./support/temporary.ts"

const reasonOf = <A>(effect: Effect.Effect<A, TrustError.TrustError>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason._tag)

describe("create", () => {
  it.live("S-T5 a key file is made once, with mode 0600, and read again as the same key", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      const made = yield* NodeIdentity.create(file)
      const before = Fs.readFileSync(file, "utf8")
      assert.strictEqual((Fs.statSync(file).mode & 0o777).toString(8), "600")
      assert.strictEqual(yield* reasonOf(NodeIdentity.create(file)), "KeyFileExists")
      assert.strictEqual(Fs.readFileSync(file, "utf8"), before)

      assert.strictEqual((yield* NodeIdentity.load(file)).key, made.key)
      assert.strictEqual((yield* NodeIdentity.loadOrCreate(file)).key, made.key)
    }))

  it.live("S-T5 does not follow a link that somebody put in its way", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      Fs.symlinkSync(`${file}.elsewhere`, file)

      assert.strictEqual(yield* reasonOf(NodeIdentity.create(file)), "KeyFileExists")
      assert.isFalse(Fs.existsSync(`${file}.elsewhere`))
    }))

  it.live("S-T5 of many programs that want a key one makes it, and all have the same", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      const keys = yield* Effect.all(Array.from({ length: 8 }, () => NodeIdentity.loadOrCreate(file)), {
        concurrency: "unbounded"
      })

      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["node.key"])
      assert.strictEqual(new Set(keys.map(({ key }) => key)).size, 1)
    }))

  it.live("says when the file cannot be written", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* reasonOf(NodeIdentity.create(`${yield* Temporary.file("none")}/node.key`)),
        "Unwritable"
      )
    }))
})

describe("load", () => {
  it.live("reads what other tools write", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      const { privateKey, publicKey } = Crypto.generateKeyPairSync("ed25519")
      Fs.writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 })
      const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32)

      assert.strictEqual((yield* NodeIdentity.load(file)).key, PeerKey.fromBytes(raw))
    }))

  it.live.each([0o640, 0o604, 0o660, 0o644])(
    "S-T5 refuses a file that others may read (%i)",
    (mode) =>
      Effect.gen(function*() {
        const file = yield* Temporary.file("node.key")
        yield* NodeIdentity.create(file)
        Fs.chmodSync(file, mode)
        const error = yield* Effect.flip(NodeIdentity.load(file))

        assert.strictEqual(error.reason._tag, "KeyFileExposed")
        assert.include(error.message, `mode ${mode.toString(8)}`)
      })
  )

  it.live.each<[string, string]>([
    ["", "empty"],
    ["secret words", "no PEM"],
    ["-----BEGIN PRIVATE KEY-----\nc2VjcmV0IHdvcmRz\n-----END PRIVATE KEY-----\n", "no PKCS #8"],
    [
      Crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })
        .toString(),
      "another kind of key"
    ]
  ])("S-T5 an error says nothing of what is in the file (case %#)", ([text]) =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      Fs.writeFileSync(file, text, { mode: 0o600 })
      const error = yield* Effect.flip(NodeIdentity.load(file))
      const shown = `${error.message}${inspect(error, { depth: 9 })}${JSON.stringify(error)}${
        Inspectable.toStringUnknown(error)
      }`

      assert.strictEqual(error.reason._tag, "Corrupt")
      assert.notInclude(shown, "secret")
      assert.notInclude(shown, "c2Vjcm")
      assert.notInclude(shown, "MIGH")
    }))

  it.live("a file that is missing is said to be", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* reasonOf(NodeIdentity.load(yield* Temporary.file("node.key"))), "KeyFileMissing")
    }))

  it.live("S-T5 neither printing nor inspecting shows the private key", () =>
    Effect.gen(function*() {
      const identity = yield* NodeIdentity.create(yield* Temporary.file("node.key"))
      const secret = yield* Signature.toBytes(identity.privateKey)
      const shown = `${inspect(identity, { depth: 9, showHidden: true })}${
        JSON.stringify(identity)
      }${identity.privateKey}`

      assert.notInclude(shown, Buffer.from(secret).toString("hex"))
      assert.notInclude(shown, Buffer.from(secret).toString("base64"))
      assert.notInclude(shown, inspect(secret).slice(16, 60))
    }))
})
