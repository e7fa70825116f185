import { TrustDocument } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Child from "./support/Child.ts"
import * as Temporary from "./support/temporary.ts"

const newHome = Effect.map(Temporary.file("x"), (file) => Child.home(Path.dirname(file)))

type Home = ReturnType<typeof Child.home>

const run = Effect.fnUntraced(function*(home: Home, ...args: ReadonlyArray<string>) {
  const child = yield* Child.discoverIn(home, ...args)
  const code = yield* child.exit
  return { code, stdout: child.stdout(), stderr: child.stderr() }
})

/** Makes a node with a key of its own. */
const newNode = Effect.gen(function*() {
  const home = yield* newHome
  const { stdout } = yield* run(home, "key", "new", "--json")
  return {
    home,
    ...JSON.parse(stdout) as { readonly key: string; readonly fingerprint: string; readonly file: string }
  }
})

const onLoopback = ["--interface", "lo"]

// each test has a realm, so that none hears another
const newRealm = Effect.sync(Child.uniqueName)

/** Starts a watch of the realm, and waits until it hears the probe of another protocol, since signed nodes announce only twice a minute. */
const watching = Effect.fnUntraced(function*(home: Home, realm: string, ...args: ReadonlyArray<string>) {
  const flags = ["--realm", realm, "--protocol", "signed", "--protocol", "json", ...onLoopback]
  const watch = yield* Child.discoverIn(home, "watch", ...flags, ...args)
  const probe = yield* Child.discover(
    "advertise",
    "--name",
    Child.uniqueName(),
    "--port",
    "1",
    "--protocol",
    "json",
    ...onLoopback
  )
  yield* watch.prints(/\n/)
  yield* probe.signal("SIGKILL")
  return watch
})

const advertising = (home: Home, realm: string, name: string, ...args: ReadonlyArray<string>) =>
  Child.discoverIn(home, "advertise", "--name", name, "--port", "4242", "--realm", realm, ...onLoopback, ...args)

describe("discover by signed announcements", () => {
  it.live("watch hears what advertise signs, and trusts its key without a restart", () =>
    Effect.gen(function*() {
      const [watcher, ada, realm] = [yield* newHome, yield* newNode, yield* newRealm]
      const watch = yield* watching(watcher, realm, "--json")
      const node = yield* advertising(ada.home, realm, "ada", "--attribute", "role=leader")
      const id = `key:${ada.key}`
      const heard = yield* watch.tells("discovered", id)

      assert.deepInclude(heard.peer, {
        name: "ada",
        addresses: ["127.0.0.1:4242"],
        attributes: { role: "leader" },
        sources: ["signed"],
        authentication: "signed",
        key: ada.key,
        fingerprint: ada.fingerprint,
        trust: "unknown",
        dialable: false
      })
      yield* node.prints(/Advertising ada on port 4242 by signed\.\n/)

      yield* run(watcher, "trust", "add", ada.key, "--name", "ada")
      const trusted = yield* watch.tells("updated", id)
      assert.deepStrictEqual(trusted.changed, ["trust"])
      assert.deepInclude(trusted.peer, { trust: "trusted", dialable: true })

      // somebody else with that name, whom only the key tells from the one that is trusted
      const eve = yield* newNode
      yield* advertising(eve.home, realm, "\u0430da")
      const lookalike = yield* watch.tells("discovered", `key:${eve.key}`)
      assert.deepInclude(lookalike.peer, { name: "\u0430da", trust: "unknown", dialable: false, lookalike: true })

      yield* run(watcher, "trust", "remove", ada.key)
      assert.deepInclude((yield* watch.tells("updated", id, 2)).peer, { trust: "unknown", dialable: false })
      yield* node.signal("SIGINT")
      assert.strictEqual((yield* watch.tells("lost", id)).reason, "Goodbye")
      assert.strictEqual(watch.stderr(), "")
    }), 90_000)

  it.live("S-D4 a line for people has the key's short form and the trust in it", () =>
    Effect.gen(function*() {
      const [watcher, ada, realm] = [yield* newHome, yield* newNode, yield* newRealm]
      yield* run(watcher, "trust", "add", ada.key)
      const watch = yield* watching(watcher, realm)
      yield* advertising(ada.home, realm, "ada", "--attribute", "shell=\u001b[2J")
      const [line] = yield* watch.prints(/^.*127\.0\.0\.1:4242.*$/m)

      assert.strictEqual(
        line.slice("00:00:00 ".length),
        `discovered [${ada.fingerprint} signed trusted] ada 127.0.0.1:4242 shell=\\u{1b}[2J`
      )
      assert.notInclude(watch.stdout(), "\u001b")
    }), 90_000)

  it.live("who has the key of the group reads what is sealed, and nobody else", () =>
    Effect.gen(function*() {
      const [member, outsider, ada, realm] = [yield* newHome, yield* newHome, yield* newNode, yield* newRealm]
      const file = yield* Temporary.file("group.key")
      const { stdout } = yield* run(member, "key", "new", "--group", "--file", file, "--json")
      const { group } = JSON.parse(stdout) as { readonly group: string }
      const inside = yield* watching(member, realm, "--json", "--group-key", file, "--policy", "group")
      const outside = yield* watching(outsider, realm, "--json")
      yield* advertising(ada.home, realm, "ada", "--group-key", file)
      const { peer } = yield* inside.tells("discovered", `key:${ada.key}`)

      assert.deepInclude(peer, { authentication: "signed", group, trust: "unknown", dialable: true })
      assert.notInclude(outside.stdout(), ada.key)
    }), 90_000)

  it.live("S-T5 neither output has a private or shared key in it", () =>
    Effect.gen(function*() {
      const [ada, realm] = [yield* newNode, yield* newRealm]
      const file = yield* Temporary.file("group.key")
      yield* run(ada.home, "key", "new", "--group", "--file", file)
      const flags = ["--group-key", file, "--for", "500ms"]
      const node = yield* advertising(ada.home, realm, "ada", ...flags)
      assert.strictEqual(yield* node.exit, 0)
      const told = node.stdout() + node.stderr()

      assert.notInclude(told, Fs.readFileSync(file, "utf8").trim())
      assert.notInclude(told, Fs.readFileSync(ada.file, "utf8").split("\n")[1]!)
      const stamps = Path.join(ada.home.XDG_STATE_HOME, "effect-discovery", "stamps.json")
      assert.strictEqual((Fs.statSync(stamps).mode & 0o777).toString(8), "600")
    }), 60_000)

  it.live("S-T4 a damaged trust list stops the start with a sentence", () =>
    Effect.gen(function*() {
      const [ada, realm] = [yield* newNode, yield* newRealm]
      const file = yield* Temporary.file("trust.json")
      Fs.writeFileSync(file, TrustDocument.encode([]).replace("]", "[]"), { mode: 0o600 })
      for (const command of [["watch"], ["advertise", "--name", "ada", "--port", "1"]]) {
        const { code, stderr, stdout } = yield* run(
          ada.home,
          ...command,
          "--realm",
          realm,
          "--trust",
          file,
          ...onLoopback
        )
        assert.deepStrictEqual([code, stdout], [1, ""])
        assert.match(stderr, /^discover: \S+trust\.json is damaged at [^\n]+ to start from nothing, move it away\.\n$/)
      }
    }), 60_000)

  it.live("the policy open is warned of, where it disturbs no program that reads", () =>
    Effect.gen(function*() {
      const flags = ["--json", "--realm", yield* newRealm, "--policy", "open", "--for", "100ms", ...onLoopback]
      const { code, stderr, stdout } = yield* run(yield* newHome, "watch", ...flags)

      assert.deepStrictEqual([code, stdout], [0, ""])
      assert.match(stderr, /^discover: warn: every key that proves itself is dialable[^\n]*\n$/)
    }), 60_000)
})

describe("discover by signed announcements, told something wrong", { concurrent: true }, () => {
  const secret = "5ec7e7".repeat(11).slice(0, 64)

  it.live.each<[ReadonlyArray<string>, string | RegExp]>([
    [
      ["watch", "--protocol", "signed"],
      "signed needs the realm whose announcements are meant: add one, such as --realm chat."
    ],
    [
      ["watch", "--protocol", "json", "--realm", "chat"],
      "--realm is for signed announcements: add --protocol signed, or leave out --realm."
    ],
    [
      ["watch", "--group-key", "x"],
      "--group-key is for signed announcements: add --protocol signed, or leave out --group-key."
    ],
    [
      ["watch", "--realm", "chat", "--group-key", "none.key"],
      "There is no key in none.key. Make one with discover key new --group --file none.key."
    ],
    [["watch", "--realm", "chat", "--group-key", secret], /^--group-key is given what looks like a key\. /],
    [
      ["advertise", "--name", "a", "--port", "1", "--realm", "chat", "--key", secret],
      /^--key is given what looks like a key\. /
    ],
    [
      ["advertise", "--name", "a", "--port", "1", "--realm", "chat", "--key", "none.key"],
      "There is no key in none.key. Make one with discover key new --file none.key."
    ],
    [
      ["advertise", "--name", "a", "--port", "1", "--realm", "chat"],
      /^There is no key in \S+effect-discovery\/node\.key\. Make one with discover key new\.$/
    ],
    [["watch", "--realm", "x".repeat(64)], /1 to 63 octets of UTF-8/]
  ])("%j", ([args, expected]) =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run(yield* newHome, ...args, ...onLoopback)

      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^discover: [^\n]*\n$/)
      assert.notInclude(stderr, secret)
      const sentence = stderr.slice("discover: ".length, -1)
      if (typeof expected === "string") assert.strictEqual(sentence, expected)
      else assert.match(sentence, expected)
    }), 60_000)
})
