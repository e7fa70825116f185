import { PeerKey, TrustDocument } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Child from "./support/Child.ts"
import * as Temporary from "./support/temporary.ts"

const newHome = Effect.map(Temporary.file("x"), (file) => Child.home(Path.dirname(file)))

type Home = ReturnType<typeof Child.home>

/** Runs the command to its end. */
const run = Effect.fnUntraced(function*(home: Home, ...args: ReadonlyArray<string>) {
  const child = yield* Child.discoverIn(home, ...args)
  const code = yield* child.exit
  return { code, stdout: child.stdout(), stderr: child.stderr() }
})

// a disk that is always full, as Linux and BSD have it
const full = "/dev/full"

/** Runs the command with its standard output on a disk that is full. */
const runOnFull = Effect.fnUntraced(function*(home: Home, ...args: ReadonlyArray<string>) {
  const child = yield* Child.start("sh", ["-c", `exec "$@" > ${full}`, "sh", process.execPath, Child.bin, ...args], {
    env: home
  })
  return { code: yield* child.exit, stderr: child.stderr() }
})

const fileOf = (home: Home, name: string) => Path.join(home.XDG_CONFIG_HOME, "effect-discovery", name)
const modeOf = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

const newKey = (home: Home) =>
  Effect.map(run(home, "key", "new", "--json"), ({ stdout }) => (JSON.parse(stdout) as { readonly key: string }).key)

/** Every form in which a private key could be told. */
const formsOf = (file: string): ReadonlyArray<string> => {
  const pem = Fs.readFileSync(file, "utf8")
  const der = Crypto.createPrivateKey(pem).export({ type: "pkcs8", format: "der" })
  const seed = der.subarray(-32)
  return [pem.split("\n")[1]!, seed.toString("hex"), seed.toString("base64"), seed.toString("base64url")]
}

describe("discover key", { concurrent: true }, () => {
  it.live(
    "S-T5 new makes a file for its owner alone, show shows no secret, and nothing is overwritten",
    () =>
      Effect.gen(function*() {
        const home = yield* newHome
        const made = yield* run(home, "key", "new")
        const file = fileOf(home, "node.key")
        const pem = Fs.readFileSync(file, "utf8")
        const again = yield* run(home, "key", "new")
        const shown = yield* run(home, "key", "show")
        const { stdout: json } = yield* run(home, "key", "show", "--json")

        assert.deepStrictEqual([modeOf(file), modeOf(Path.dirname(file))], ["600", "700"])
        assert.match(made.stdout, /^key {10}[0-9a-f]{64}\nfingerprint {2}(?:[0-9a-f]{4} ){3}[0-9a-f]{4}\nfile /)
        assert.deepStrictEqual(shown, made)
        assert.deepInclude(again, { code: 1, stdout: "" })
        assert.include(again.stderr, "exists already, and a key is never overwritten")
        assert.strictEqual(Fs.readFileSync(file, "utf8"), pem)
        for (const form of formsOf(file)) assert.notInclude(made.stdout + again.stderr + json, form)
      }),
    60_000
  )

  it.live(
    "S-T5 --group makes the shared key of a group, of which only the label is shown",
    () =>
      Effect.gen(function*() {
        const home = yield* newHome
        const made = yield* run(home, "key", "new", "--group")
        const secret = Fs.readFileSync(fileOf(home, "group.key"), "utf8").trim()

        assert.strictEqual(modeOf(fileOf(home, "group.key")), "600")
        assert.match(made.stdout, /^group {2}[0-9a-f]{8}\nfile /)
        assert.notInclude(made.stdout + made.stderr, secret)
      }),
    60_000
  )

  it.live("S-T5 a secret on the command line is refused, and not repeated", () =>
    Effect.gen(function*() {
      const secret = Crypto.randomBytes(32)
      for (const text of [secret.toString("hex"), secret.toString("base64")]) {
        const { code, stderr, stdout } = yield* run(yield* newHome, "key", "show", "--file", text)
        assert.deepStrictEqual([code, stdout], [1, ""])
        assert.include(stderr, "--file is given what looks like a key")
        assert.notInclude(stderr, text)
      }
    }), 60_000)

  it.live.each<[string, (file: string) => void, RegExp]>([
    [
      "missing",
      () => {},
      /^discover: There is no key in \S+node\.key\. Make one with discover key new --file \S+node\.key\.\n$/
    ],
    [
      "damaged",
      (file) => Fs.writeFileSync(file, "5ec7e7", { mode: 0o600 }),
      /^discover: \S+node\.key is damaged at its text: it holds no Ed25519 private key \(PKCS #8 in PEM\)\. Mend it/
    ],
    [
      "readable by others",
      (file) => (Fs.writeFileSync(file, "5ec7e7"), Fs.chmodSync(file, 0o644)),
      /^discover: Other users may read the secret key in \S+node\.key \(mode 644\), so it is not used\. /
    ]
  ])("S-T5 a key file that is %s is told with what to do", ([, prepare, expected]) =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("node.key")
      prepare(file)
      const { code, stderr, stdout } = yield* run(yield* newHome, "key", "show", "--file", file)

      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, expected)
      assert.notInclude(stderr, "5ec7e7")
    }), 60_000)
})

describe.skipIf(!Fs.existsSync(full))("discover, with a full disk for its output", { concurrent: true }, () => {
  it.live.each(["key new", "key show --json", "trust list"])("%s fails", (line) =>
    Effect.gen(function*() {
      const [home, args] = [yield* newHome, line.split(" ")]
      if (line !== "key new") yield* run(home, "trust", "add", yield* newKey(home))
      const { code, stderr } = yield* runOnFull(home, ...args)

      assert.strictEqual(code, 1)
      assert.match(stderr, /^discover: Cannot write to standard output: ENOSPC[^\n]*\n$/)
    }), 60_000)
})

describe("discover trust", { concurrent: true }, () => {
  it.live("adds, denies, removes and lists", () =>
    Effect.gen(function*() {
      const home = yield* newHome
      const key = yield* newKey(home)
      const empty = yield* run(home, "trust", "list")
      assert.deepStrictEqual([empty.code, empty.stdout], [0, ""])
      assert.include(empty.stderr, "No key is on the list in ")
      yield* run(home, "trust", "add", key, "--name", "ada\u001b[2J")
      const listed = yield* run(home, "trust", "list")
      const { stdout: json } = yield* run(home, "trust", "list", "--json")
      const denied = yield* run(home, "trust", "deny", key)
      const refused = yield* run(home, "trust", "add", key)
      const removed = yield* run(home, "trust", "remove", key, "--json")
      const missed = yield* run(home, "trust", "remove", key)

      assert.strictEqual(modeOf(fileOf(home, "trust.json")), "600")
      assert.match(listed.stdout, new RegExp(`^trusted  ${key}  [0-9a-f ]{19}  ada\\\\u\\{1b\\}\\[2J\n$`))
      assert.deepInclude(JSON.parse(json), { key, state: "trusted", name: "ada\u001b[2J" })
      assert.match(denied.stdout, /^denied {3}/)
      assert.include(refused.stderr, "is denied. To trust it after all, remove its entry first.")
      assert.deepInclude(JSON.parse(removed.stdout), { key, state: "unknown" })
      assert.strictEqual(missed.code, 1)
      assert.include(missed.stderr, "is not on the list")
    }), 60_000)

  it.live("shows a list that several programs have made too long, and makes it shorter", () =>
    Effect.gen(function*() {
      const home = yield* newHome
      const keys = Array.from({ length: 4_097 }, (_, index) =>
        PeerKey.PeerKey.make((index + 1).toString(16).padStart(64, "0")))
      const file = fileOf(home, "trust.json")
      Fs.mkdirSync(Path.dirname(file), { recursive: true })
      const entries = keys.map((key) =>
        ({ key, state: "trusted", addedAt: 0 }) as const
      )
      Fs.writeFileSync(file, TrustDocument.encode(entries), { mode: 0o600 })
      const refused = yield* run(home, "trust", "add", keys[0]!)
      const listed = yield* run(home, "trust", "list")
      const removed = yield* run(home, "trust", "remove", keys[4_096]!)
      const added = yield* run(home, "trust", "add", keys[0]!)

      assert.include(refused.stderr, "holds at most 4096 keys. Remove some")
      assert.strictEqual(listed.stdout.trimEnd().split("\n").length, 4_097)
      assert.deepStrictEqual([removed.code, added.code], [0, 0])
    }), 60_000)

  it.live("pins a name to one key", () =>
    Effect.gen(function*() {
      const [home, other] = [yield* newHome, yield* newHome]
      const flags = ["--realm", "chat", "--name", "ada"]
      const pinned = yield* run(home, "trust", "pin", yield* newKey(home), ...flags)
      const refused = yield* run(home, "trust", "pin", yield* newKey(other), ...flags)

      assert.match(pinned.stdout, /^pinned {3}.* {2}ada\n$/)
      assert.strictEqual(refused.code, 1)
      assert.include(refused.stderr, "Another key is pinned to this name")
    }), 60_000)

  it.live("S-T4 a damaged list is told with where, and is left as it is", () =>
    Effect.gen(function*() {
      const home = yield* newHome
      const key = yield* newKey(home)
      const file = yield* Temporary.file("trust.json")
      const damaged = TrustDocument.encode([]).replace("version", "vresion")
      Fs.writeFileSync(file, damaged, { mode: 0o600 })
      const { code, stderr } = yield* run(home, "trust", "add", key, "--trust", file)

      assert.strictEqual(code, 1)
      assert.match(stderr, /^discover: \S+trust\.json is damaged at [^\n]+\. Mend it or put back a copy[^\n]+\n$/)
      assert.strictEqual(Fs.readFileSync(file, "utf8"), damaged)
    }), 60_000)

  it.live("a list that cannot be written is told of once", () =>
    Effect.gen(function*() {
      const home = yield* newHome
      const file = Path.join(yield* Temporary.file("none"), "trust.json")
      const { code, stderr, stdout } = yield* run(home, "trust", "deny", "1".repeat(64), "--trust", file)

      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^discover: \S+trust\.json cannot be written\. [^\n]+\n$/)
    }), 60_000)

  it.live("S-T3 a fingerprint is not taken for a key", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* run(yield* newHome, "trust", "add", "21fe31dfa154a261")

      assert.strictEqual(code, 1)
      assert.include(stderr, "Expected a whole key, which is 64 hexadecimal digits, or a Syncthing device id")
    }), 60_000)
})
