import { Journal, type SimulatedHost, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Hex } from "effect/encoding"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { open } from "../endpoint.ts"
import * as Reader from "./pcapngReader.ts"
import { record, Steps } from "./recorded.ts"
import { journalOf } from "./scenario.ts"

const text = new TextDecoder()

// As avahi and bonjour-service send them: PTR? _http._tcp.local, and scn1.local A 10.77.0.1
const query = Result.getOrThrow(Hex.decode("000000000001000000000000055f68747470045f746370056c6f63616c00000c0001"))
const response = Result.getOrThrow(
  Hex.decode("0000840000000001000000000473636e31056c6f63616c00000100010000007800040a4d0001")
)

/**
 * mDNS between three hosts, by IPv4 and IPv6, with losses, a partition and datagrams of every size there can be. To Wireshark, two queries of a host
 * within 5 seconds are a retransmission, and so are two responses without a query of the host between them.
 */
const mdns = Effect.orDie(Simulation.run(
  Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ ipv6: "fd11::/64", seed: 3, loss: 0.3 })
    const hosts = ["alice", "bob", "carol"].map((name) => lan.host(name))
    const multicast = (host: SimulatedHost.SimulatedHost) => ({
      interface: host.address,
      ttl: 255,
      loopback: true
    })
    const ipv4 = yield* Effect.forEach(
      hosts,
      (host) => open(host, { port: 5353, join: ["224.0.0.251"], multicast: multicast(host) })
    )
    const ipv6 = yield* Effect.forEach(hosts, (host) => open(host, { family: "IPv6", port: 5353, join: ["ff02::fb"] }))
    const large = yield* open(hosts[0]!, { port: 9000 })
    for (let i = 0; i < 12; i++) {
      for (const octets of [query, response]) {
        yield* ipv4[i % 3]!.sendBytes(octets, "224.0.0.251:5353")
        yield* ipv6[(i + 1) % 3]!.sendBytes(octets, "[ff02::fb%2]:5353")
        yield* Effect.sleep("3 seconds")
      }
    }
    yield* Effect.scoped(Effect.gen(function*() {
      yield* lan.partition([["alice"], ["bob", "carol"]])
      yield* ipv4[0]!.sendBytes(query, "10.11.0.2:5353")
      yield* Effect.sleep("1 second")
    }))
    for (const size of [0, 1, 60_000, 65_507]) yield* large.sendBytes(new Uint8Array(size).fill(size), "10.11.0.2:9")
    yield* Effect.sleep("1 second")
    return yield* lan.journal
  }),
  { seed: 1 }
))

describe("toPcapng", () => {
  it.effect("what was sent is read back, with where and when it was sent", () =>
    Effect.gen(function*() {
      const capture = Reader.read(Journal.toPcapng(yield* journalOf(), { start: 5000 }))
      const [first] = capture.packets

      assert.strictEqual(
        capture.interfaces.map(({ name }) => name).join(" "),
        "ada/lo ada/eth0 grace/lo grace/eth0 mary/lo mary/eth0 fault"
      )
      assert.isTrue(capture.interfaces.every(({ linkType, resolution }) => linkType === 101 && resolution === 9))
      assert.deepStrictEqual(Array.from(capture.names), [["10.11.0.1", "ada"], ["10.11.0.2", "grace"], [
        "10.11.0.3",
        "mary"
      ]])
      assert.deepStrictEqual(first, {
        interface: "ada/eth0",
        nanos: 5_000_000_000n,
        flags: 2 | 2 << 2,
        comments: [],
        source: "10.11.0.1 9778",
        destination: "239.1.1.1 9778",
        ttl: 1,
        payload: new TextEncoder().encode("one"),
        missing: 0
      })
    }))

  it.effect("a loss is on the interface of faults, with its reason; a fault is told by the packet after it", () =>
    Effect.gen(function*() {
      const { drops, interfaces, packets } = Reader.read(Journal.toPcapng(yield* journalOf()))
      const lost = packets.filter((packet) => packet.interface === "fault")
      const [, second, third] = packets.filter((packet) => packet.interface === "ada/eth0")

      // its headers: the whole of it is on the interface it was sent by
      assert.deepStrictEqual(lost.map(({ missing, payload }) => [missing, payload.length]), [["two".length, 0]])
      assert.match(lost[0]!.comments[0]!, /^DROP partition at grace\/eth0 (rule=\d+ )?event=\d+ \(The two hosts are on/)
      assert.match(second!.comments.join("\n"), /^MARK apart event=\d+\nFAULT partition ada mary \| grace event=\d+$/)
      assert.match(third!.comments.join("\n"), /^FAULT partition ends event=\d+$/)
      assert.strictEqual(drops[interfaces.findIndex(({ name }) => name === "grace/eth0")], 1)
    }))

  it.effect("a host sees what came in and went out", () =>
    Effect.gen(function*() {
      const { interfaces, packets } = Reader.read(
        Journal.toPcapng(yield* journalOf(), { perspective: { host: "grace" } })
      )

      assert.deepStrictEqual(interfaces.map(({ name }) => name), ["grace/lo", "grace/eth0", "fault"])
      assert.deepStrictEqual(
        packets.map((packet) => [packet.interface, text.decode(packet.payload), packet.flags & 3]),
        [["grace/eth0", "one", 1], ["fault", "two", 0], ["grace/eth0", "three", 1]]
      )
    }))

  it.effect("what a host sends to a group that it is in goes by its interface once", () =>
    Effect.gen(function*() {
      const { packets } = Reader.read(Journal.toPcapng(yield* journalOf(), { perspective: { host: "ada" } }))

      assert.deepStrictEqual(
        packets.filter((packet) => packet.interface === "ada/eth0").map(({ payload }) => text.decode(payload)),
        ["one", "two", "three"]
      )
    }))

  it.effect("addresses of both families, and datagrams of any size", () =>
    Effect.gen(function*() {
      const { names, packets } = Reader.read(Journal.toPcapng(yield* mdns))

      assert.strictEqual(names.get("fe80:0:0:0:0:0:0:2"), "bob")
      assert.strictEqual(names.get("fd11:0:0:0:0:0:0:3"), "carol")
      assert.includeMembers(packets.map(({ payload }) => payload.length), [0, 1, 60_000, 65_507])
      assert.includeMembers(packets.map(({ destination }) => destination), ["ff02:0:0:0:0:0:0:fb 5353", "10.11.0.2 9"])
    }))

  it.prop("every datagram comes back whole", { steps: Steps }, ({ steps }) => {
    const journal = record(steps)
    const { packets } = Reader.read(Journal.toPcapng(journal))
    const sent = journal.events.filter(({ kind }) => kind === "send").map(({ datagram }) =>
      journal.datagram(datagram!)!
    )
    const dropped = journal.events.filter(({ kind }) => kind === "drop")
    const outbound = packets.filter(({ flags }) => (flags & 3) === 2)

    assert.deepStrictEqual(
      outbound.map(({ payload }) => Hex.encode(payload)),
      sent.map(({ payload }) => Hex.encode(payload))
    )
    assert.deepStrictEqual(outbound.map(({ nanos }) => nanos), sent.map(({ time }) => BigInt(time) * 1000n))
    assert.strictEqual(packets.length - outbound.length, dropped.length)
  })

  const hasTshark = spawnSync("tshark", ["--version"]).status === 0

  it.effect.skipIf(!hasTshark)(
    "tshark finds nothing wrong with it (skipped without tshark)",
    () =>
      Effect.gen(function*() {
        const file = yield* temporary(Journal.toPcapng(yield* mdns))
        const { rows, warnings } = tshark(file, [
          "frame.interface_name",
          "ip.checksum.status",
          "udp.checksum.status",
          "frame.comment",
          "_ws.expert.severity",
          "_ws.expert.message"
        ])
        const names = tshark(file, ["_ws.col.Source", "_ws.col.Destination", "_ws.col.Protocol"]).rows
        const lost = rows.filter(([port]) => port === "fault")
        const whole = rows.filter(([port]) => port !== "fault")

        assert.deepStrictEqual(warnings, [])
        assert.deepStrictEqual(run("capinfos", [file]).warnings, [])
        // 1 is good, 2 unverified, for there are headers only; where ICMP quotes a datagram there are two
        assert.deepStrictEqual(whole.filter(([, ip, udp]) => !/^(1|1,1)?$/.test(ip!) || udp !== "1"), [])
        assert.deepStrictEqual(lost.filter(([, ip, udp]) => !/^(1|1,1)?$/.test(ip!) || !/^[12]$/.test(udp!)), [])
        // comments, chats and notes are below
        assert.deepStrictEqual(rows.filter(([, , , , severities]) => highest(severities!) >= warning), [])
        assert.deepInclude(names, ["alice", "224.0.0.251", "MDNS"])
        assert.deepInclude(names, ["carol", "ff02::fb", "MDNS"])
        assert.isAbove(lost.length, 20)
        assert.deepStrictEqual(lost.filter(([, , , comment]) => !/DROP .*event=\d+/.test(comment!)), [])
      }),
    60_000
  )
})

const temporary = (octets: Uint8Array) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "pcapng-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    ),
    (directory) => {
      const file = join(directory, "capture.pcapng")
      writeFileSync(file, octets)
      return file
    }
  )

// Wireshark's PI_WARN
const warning = 0x600000
const highest = (severities: string) => Math.max(0, ...severities.split(",").map(Number))

const tshark = (file: string, fields: ReadonlyArray<string>) =>
  run("tshark", [
    "-r",
    file,
    "-N",
    "n",
    ...["ip", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]),
    ..."-T fields -E separator=/t".split(" "),
    ...fields.flatMap((field) => ["-e", field])
  ])

const run = (program: string, parameters: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(program, parameters, { encoding: "utf8", timeout: 50_000 })
  assert.strictEqual(status, 0, stderr)
  return {
    rows: stdout.split("\n").slice(0, -1).map((line) => line.split("\t")),
    warnings: stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Running as user"))
  }
}
