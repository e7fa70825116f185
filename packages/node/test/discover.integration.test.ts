import { PeerKey } from "@effect-discovery/core"
import { Syncthing } from "@effect-discovery/core/protocol"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import * as Child from "./support/Child.ts"
import * as Watch from "./support/Watch.ts"

const onLoopback = ["--interface", "lo"]

const advertise = (name: string, ...args: ReadonlyArray<string>) =>
  Child.discover("advertise", "--name", name, "--port", "4242", ...onLoopback, ...args)

/** The program of the blog post: it multicasts its name every two seconds, and prints what it hears. */
const blogProgram = `
const socket = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true })
const message = JSON.stringify({ username: process.argv[1] })
socket.on("message", (message) => console.log(String(message)))
socket.bind(9778, () => {
  socket.addMembership("224.0.0.1", "127.0.0.1")
  socket.setMulticastInterface("127.0.0.1")
  setInterval(() => socket.send(message, 9778, "224.0.0.1"), 2000)
})`

layer(Watch.layer, { excludeTestServices: true, timeout: "60 seconds" })("discover", (it) => {
  it.effect.each([
    { protocol: "json", host: "", attributes: { role: "leader" }, port: 4242 },
    { protocol: "peerage", host: "@test", attributes: {}, port: 45_900 },
    { protocol: "syncthing-v0", host: "", attributes: {}, port: 4242 }
  ])("watch hears advertise by $protocol", ({ attributes, host, port, protocol }) =>
    Effect.gen(function*() {
      const watch = yield* Watch.Watch
      const name = Child.uniqueName() + host
      const id = `${protocol}:${name}`
      yield* advertise(name, "--protocol", protocol, "--attribute", "role=leader")
      const { at, peer } = yield* watch.tells("discovered", id)

      const addresses = [`127.0.0.1:${port}`]
      assert.deepStrictEqual(peer, { id, name, addresses, attributes, sources: [protocol], authentication: "none" })
      assert.strictEqual(new Date(at).toISOString(), at)
    }), 60_000)

  it.effect("watch hears advertise by syncthing", () =>
    Effect.gen(function*() {
      const key = PeerKey.fromBytes(randomBytes(32))
      const name = Syncthing.deviceId(key)
      const watch = yield* Child.discover(
        "watch",
        "--json",
        "--protocol",
        "syncthing",
        "--protocol",
        "json",
        ...onLoopback
      )
      // it announces only twice a minute, so the watch has to be there first
      yield* advertise(Child.uniqueName(), "--protocol", "json")
      yield* watch.prints(/\n/)
      const node = yield* advertise(name.toLowerCase(), "--protocol", "syncthing")
      const { peer } = yield* watch.tells("discovered", `syncthing:${name}`)

      assert.deepInclude(peer, { name, addresses: ["127.0.0.1:4242"], key, authentication: "claimed" })
      assert.deepInclude(peer["attributes"], { urls: "tcp://0.0.0.0:4242" })
      yield* node.prints(/on port 4242 by syncthing\.\n/)
      assert.strictEqual(node.stderr() + watch.stderr(), "")
    }), 60_000)

  it.effect("watch hears advertise by peernet", () =>
    Effect.gen(function*() {
      const watch = yield* Child.discover("watch", "--json", "--protocol", "peernet", ...onLoopback)
      const key = PeerKey.fromBytes(randomBytes(32))
      const node = yield* advertise(key, "--protocol", "peernet")
      const { peer } = yield* watch.tells("discovered", `peernet:${key}`)

      assert.deepInclude(peer, { name: key, addresses: ["127.0.0.1:4242"], key, authentication: "claimed" })
      assert.strictEqual(node.stderr() + watch.stderr(), "")
    }), 60_000)

  it.effect.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends advertise with a goodbye",
    (signal) =>
      Effect.gen(function*() {
        const watch = yield* Watch.Watch
        const name = Child.uniqueName()
        const node = yield* advertise(name)
        yield* watch.tells("discovered", `json:${name}`)
        yield* node.signal(signal)

        assert.strictEqual((yield* watch.tells("lost", `json:${name}`)).reason, "Goodbye")
        assert.strictEqual(yield* node.exit, 130)
      }),
    60_000
  )

  it.effect(
    "SIGHUP ends it so on Windows, too, where a program that signals itself is gone at once",
    () =>
      Effect.gen(function*() {
        const watch = yield* Watch.Watch
        const name = Child.uniqueName()
        const asOnWindows = "data:text/javascript,process.kill = () => process.exit(99)"
        const args = ["advertise", "--name", name, "--port", "4242", ...onLoopback]
        const node = yield* Child.start(process.execPath, ["--import", asOnWindows, Child.bin, ...args], {
          env: Child.home()
        })
        yield* watch.tells("discovered", `json:${name}`)
        yield* node.signal("SIGHUP")

        assert.strictEqual((yield* watch.tells("lost", `json:${name}`)).reason, "Goodbye")
        assert.strictEqual(yield* node.exit, 130)
      }),
    60_000
  )

  it.effect("--for ends advertise with a goodbye and success", () =>
    Effect.gen(function*() {
      const watch = yield* Watch.Watch
      const name = Child.uniqueName()
      const node = yield* advertise(name, "--for", "300ms")

      assert.strictEqual((yield* watch.tells("lost", `json:${name}`)).reason, "Goodbye")
      assert.strictEqual(yield* node.exit, 0)
      assert.include(node.stdout(), `Advertising ${name} on port 4242 by json, syncthing-v0.\n`)
      assert.include(node.stderr(), "peerage cannot announce this: name must be of the form name@host")
    }), 60_000)

  it.effect("programs that only speak the blog's format see ours and are seen", () =>
    Effect.gen(function*() {
      const watch = yield* Watch.Watch
      const [ours, theirs] = [Child.uniqueName(), Child.uniqueName()]
      const program = yield* Child.start(process.execPath, ["-e", blogProgram, theirs])
      yield* advertise(ours, "--protocol", "json")
      const { peer: heard } = yield* watch.tells("discovered", `json:${theirs}@127.0.0.1`)
      const [line] = yield* program.prints(new RegExp(`^.*${ours}.*$`, "m"))

      assert.deepInclude(heard, { name: theirs, addresses: ["127.0.0.1:9778"] })
      assert.strictEqual(JSON.parse(line).username, ours)
    }), 60_000)

  it.effect("prints nothing but events", () =>
    Effect.gen(function*() {
      const watch = yield* Watch.Watch
      const lines = watch.stdout().split("\n").slice(0, -1).map((line) => JSON.parse(line) as Child.Event)

      assert.isNotEmpty(lines)
      for (const { at, event, peer, ...rest } of lines) {
        assert.include(["discovered", "updated", "lost"], event)
        assert.isString(at)
        assert.isString(peer.id)
        assert.deepStrictEqual(Object.keys(rest), { discovered: [], updated: ["changed"], lost: ["reason"] }[event])
      }
    }))
})

describe("discover watch", () => {
  it.live("prints a line per event where nobody looks at a terminal", () =>
    Effect.gen(function*() {
      const name = Child.uniqueName()
      const watch = yield* Child.discover("watch", ...onLoopback, "--protocol", "json")
      yield* advertise(name, "--protocol", "json", "--attribute", "k=v")
      const [line] = yield* watch.prints(new RegExp(`^.*${name}.*$`, "m"))

      assert.match(line, new RegExp(`^\\d\\d:\\d\\d:\\d\\d discovered json:${name} 127.0.0.1:4242 k=v$`))
    }), 60_000)

  it.live("ends well after the time given", () =>
    Effect.gen(function*() {
      const watch = yield* Child.discover("watch", ...onLoopback, "--json", "--for", "100 millis")

      assert.strictEqual(yield* watch.exit, 0)
      assert.strictEqual(watch.stderr(), "")
    }), 60_000)

  it.live("ends quietly when nobody reads any more", () =>
    Effect.gen(function*() {
      const watch = yield* Child.discover("watch", ...onLoopback, "--json")
      yield* advertise(Child.uniqueName(), "--protocol", "json")
      yield* watch.prints(/\n/)
      yield* watch.closeStdout
      const others = Child.uniqueName()
      yield* advertise(others, "--protocol", "json")

      assert.strictEqual(yield* watch.exit, 0)
      assert.strictEqual(watch.stderr(), "")
    }), 60_000)

  it.live("Ctrl-C ends it with 130", () =>
    Effect.gen(function*() {
      const watch = yield* Child.discover("watch", ...onLoopback, "--json")
      yield* advertise(Child.uniqueName(), "--protocol", "json")
      yield* watch.prints(/\n/)
      yield* watch.signal("SIGINT")

      assert.strictEqual(yield* watch.exit, 130)
      assert.strictEqual(watch.stderr(), "")
    }), 60_000)
})

describe("discover, told something wrong", { concurrent: true }, () => {
  const known = `"json" | "mdns" | "peerage" | "peernet" | "signed" | "syncthing" | "syncthing-v0"`
  const node = ["advertise", ...onLoopback, "--name", "a", "--port", "1"]

  it.live.each([
    [["wach"], `Unknown subcommand "wach" for "discover". Did you mean watch? See discover --help.`],
    [
      ["watch", "--jsn"],
      "Unrecognized flag: --jsn in command discover watch. Did you mean --json? See discover watch --help."
    ],
    [["watch", "now"], `Unexpected positional argument: "now". See discover watch --help.`],
    [
      ["watch", "--protocol", "mdnss"],
      `Invalid value for flag --protocol: "mdnss". Expected: ${known}. See discover watch --help.`
    ],
    [
      ["watch", "--for", "soon"],
      `Invalid value for flag --for: "soon". Expected a duration such as 500ms, 10s or 2m. See discover watch --help.`
    ],
    [["watch", "--interface", "no\u001b[2Jne"], /^No interface named no\\u\{1b\}\[2Jne is up; choose from .*lo.*\.$/],
    [["advertise", "--port", "1"], "Missing required flag: --name. See discover advertise --help."],
    [["advertise", "--name", "a"], "Missing required flag: --port. See discover advertise --help."],
    [
      ["advertise", "--name", "a", "--port", "65536"],
      `Invalid value for flag --port: "65536". Expected a port from 1 to 65535. See discover advertise --help.`
    ],
    [
      ["advertise", "--name", "a", "--port", "http"],
      `Invalid value for flag --port: "http". Expected a port from 1 to 65535. See discover advertise --help.`
    ],
    [
      ["advertise", "--name", "", "--port", "1"],
      "Missing value for flag --name. Expected a name, which has at least one character. See discover advertise --help."
    ],
    [
      [...node, "--attribute", "role"],
      `Invalid value for flag --attribute: "role". Expected key=value, such as role=leader. See discover advertise --help.`
    ],
    [
      ["watch", "--protocol", "mdns"],
      "mdns needs a service type: add one, such as --type _http._tcp, or see which there are with discover types."
    ],
    [
      ["watch", "--protocol", "json", "--type", "_http._tcp"],
      "Service types are for mdns: add --protocol mdns, or leave out --type."
    ],
    [
      [...node, "--subtype", "_printer"],
      "A subtype narrows a type of service: add one, such as --type _http._tcp, or leave out --subtype."
    ],
    [
      [...node, "--txt", "=x"],
      `Invalid value for flag --txt: "=x". Expected key=value, or a key alone. See discover advertise --help.`
    ],
    [["resolve"], "Missing required argument: name. See discover resolve --help."],
    [
      [...node, "--protocol", "peerage"],
      "peerage cannot announce this: name must be of the form name@host, with 3 to 255 octets. Nothing was sent."
    ]
  ] as ReadonlyArray<[ReadonlyArray<string>, string | RegExp]>)("%j", ([args, expected]) =>
    Effect.gen(function*() {
      const command = yield* Child.discover(...args)

      assert.strictEqual(yield* command.exit, 1)
      assert.strictEqual(command.stdout(), "")
      const told = command.stderr()
      assert.match(told, /^discover: [^\n]*\n$/)
      const sentence = told.slice("discover: ".length, -1)
      if (typeof expected === "string") assert.strictEqual(sentence, expected)
      else assert.match(sentence, expected)
    }), 60_000)
})

describe("discover, asked about itself", { concurrent: true }, () => {
  it.live("--version", () =>
    Effect.gen(function*() {
      const command = yield* Child.discover("--version")

      assert.strictEqual(yield* command.exit, 0)
      assert.match(command.stdout(), /^\d+\.\d+\.\d+\S*\n$/)
    }), 60_000)

  it.live.each([
    "discover",
    "discover --help",
    "discover watch --help",
    "discover advertise --help",
    "discover resolve --help",
    "discover types --help",
    "discover key new --help",
    "discover key show --help",
    "discover trust add --help",
    "discover trust list --help"
  ])(
    "%s tells its usage",
    (line) =>
      Effect.gen(function*() {
        const [, ...args] = line.split(" ")
        const command = yield* Child.discover(...args)

        assert.strictEqual(yield* command.exit, 0)
        assert.strictEqual(command.stderr(), "")
        assert.include(command.stdout(), `USAGE\n  ${line.replace("--help", "").trim()} `)
      }),
    60_000
  )
})
