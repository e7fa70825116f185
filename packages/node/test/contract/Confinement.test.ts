import type { Network } from "@effect-discovery/core"
import { type ContractBed, Fuzz, NetworkContract, type SocketProgram } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Stream } from "effect"
import { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import { networkInterfaces } from "node:os"
import * as Confinement from "./Confinement.ts"

/** A network that sends nothing and tells what it was asked to: `send <family> <address> by <interface>` or `join <group> on <interface>`. */
const recording = () => {
  const asked: Array<string> = []
  const by = (chosen: NetAddress.MulticastInterface | undefined) =>
    typeof chosen === "object" ? NetAddress.formatIp(chosen) : String(chosen)
  const sent = ({ family, multicast }: Network.OpenOptions, address: NetAddress.IpAddress) =>
    void asked.push(`send ${family} ${NetAddress.formatIp(address)} by ${by(multicast?.interface)}`)
  const write = (options: Network.OpenOptions, datagrams: ReadonlyArray<DatagramSocket.OutgoingDatagram>) =>
    Effect.sync(() => {
      for (const { address } of datagrams) {
        if (address !== undefined && NetAddress.isInetAddress(address)) sent(options, address.address)
      }
    })
  const network: Network.Network["Service"] = {
    interfaces: Stream.make([]),
    open: (options) =>
      Effect.sync(() => {
        if (options.connect !== undefined) sent(options, options.connect.address)
        return DatagramSocket.make({
          reader: Effect.succeed({
            pull: Effect.never,
            address: NetAddress.inetAddressFromInputUnsafe({ address: "127.0.0.1", port: 9 }),
            dropped: () => 0,
            joinMulticast: ({ group, interface: chosen }) =>
              Effect.sync(() => void asked.push(`join ${NetAddress.formatIp(group)} on ${by(chosen)}`))
          }),
          writer: Effect.succeed({
            write: (datagram) => write(options, [datagram]),
            writeAll: (datagrams) => write(options, datagrams)
          })
        })
      })
  }
  return {
    asked,
    host: NetworkContract.fromNetwork({ name: "h1", network: Confinement.confine(network), settle: Effect.void })
  }
}

const own = Object.values(networkInterfaces()).flat().flatMap((entry) =>
  entry === undefined || entry.internal ? [] : [entry.address.replace(/%.*/, "")]
)
const own4 = own.filter((address) => address.includes("."))
const reached4 = ["127.0.0.1", "127.9.8.7", "127.255.255.255", "0.0.0.0"]
const groups4 = ["224.0.0.1", "224.0.0.251", "239.255.77.1", "232.1.1.1"]
const others4 = [
  "10.11.0.2",
  "10.11.0.255",
  "192.168.1.255",
  "198.51.100.1",
  "255.255.255.255",
  "126.255.255.255",
  "128.0.0.0",
  "0.0.0.1",
  "169.254.1.1",
  "220.1.1.1",
  "240.0.0.1",
  ...own4
]
const reached6 = ["::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"]
const others6 = [
  "fe80::1",
  "fe80::1%1",
  "fe80::1%lo",
  "ff01::1",
  "ff02::1%1",
  "ff02::fb",
  "ff05::77%lo",
  "ff0e::1",
  "fd11::2",
  "2001:db8::1",
  "::2",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "::ffff:198.51.100.1",
  "::ffff:255.255.255.255",
  ...own.filter((address) => address.includes(":")),
  ...own4.map((address) => `::ffff:${address}`)
]
const mapped = groups4.map((group) => `::ffff:${group}`)

// not by the system's help either: neither for a loopback source, nor for a socket of the other family
const settings: ReadonlyArray<ContractBed.OpenOptions> = (["IPv4", "IPv6"] as const).flatMap((family) => [
  { family },
  { family, address: family === "IPv4" ? "127.0.0.1" : "::1", broadcast: true },
  { family, address: "127.0.0.1", dualStack: true },
  ...["0.0.0.0", "", "198.51.100.1", "10.11.0.1", "lo", "eth0", ...own4].map((chosen) => ({
    family,
    dualStack: true,
    broadcast: true,
    address: "127.0.0.1",
    multicast: { interface: chosen, ttl: 4 }
  }))
])

const endpoint = (address: string): string => address.includes(":") ? `[${address}]:9` : `${address}:9`

/** What an address of a sent datagram, or of a joined group, may be. */
const stays = (asked: string): boolean =>
  /^send IPv[46] (::ffff:)?127(\.\d+){3} by /.test(asked) ||
  /^send IPv[46] ((::ffff:)?0\.0\.0\.0|::1?) by /.test(asked) ||
  /^send IPv[46] (::ffff:)?2(2[4-9]|3\d)(\.\d+){3} by 127\./.test(asked) ||
  /^join \d+(\.\d+){3} on (127\.|198\.51\.100\.)/.test(asked)

describe("the confined network", () => {
  it.effect("hands nothing over that could leave, whatever the socket's options", () =>
    Effect.gen(function*() {
      const { asked, host } = recording()
      let refused = 0
      for (const options of settings) {
        for (const to of [...others4, ...groups4, ...others6, ...mapped].map(endpoint)) {
          const attempts = [
            Effect.flatMap(host.open(options), (socket) => socket.send("x", to)),
            Effect.flatMap(host.open(options), (socket) => socket.sendAll(["x", "y"], to)),
            host.open({ ...options, connect: to })
          ]
          for (const attempt of attempts) {
            // an address with an unknown zone is refused before
            if (Exit.isFailure(yield* Effect.exit(Effect.scoped(attempt)))) refused++
            else assert.fail(`${to} from ${JSON.stringify(options)}`)
          }
        }
      }

      assert.deepStrictEqual(asked, [])
      assert.isAbove(refused, 1000)
    }))

  it.effect("joins on the loopback interface only, and no IPv6 group at all", () =>
    Effect.gen(function*() {
      const { asked, host } = recording()
      const places = [undefined, "", "0.0.0.0", "lo", "eth0", "1", "2", "10.11.0.1", ...own]
      for (const group of [...groups4, "ff01::1", "ff02::fb", "ff05::77", ...mapped]) {
        for (const chosen of [...places, ...(group.includes(":") ? ["127.0.0.1", "198.51.100.1"] : [])]) {
          for (const family of ["IPv4", "IPv6"] as const) {
            const socket = yield* host.open({ family, dualStack: true })
            const exit = yield* Effect.exit(socket.join({ group, interface: chosen }))
            assert.isTrue(Exit.isFailure(exit), `${group} on ${chosen}`)
          }
        }
      }

      assert.deepStrictEqual(asked, [])
    }))

  it.effect("lets through what stays", () =>
    Effect.gen(function*() {
      const { asked, host } = recording()
      const multicast = { interface: "127.0.0.1", ttl: 1 }
      const socket = yield* host.open({ family: "IPv6", dualStack: true, multicast })
      for (const to of [...reached4, ...groups4, ...reached6, ...mapped]) yield* socket.send("x", endpoint(to))
      for (const group of groups4) yield* socket.join({ group, interface: "127.0.0.1" })

      assert.strictEqual(asked.length, reached4.length + reached6.length + 3 * groups4.length)
    }))

  it.effect("holds programs made for a network of hosts, as those made for it", () =>
    Effect.gen(function*() {
      const counted = { refused: 0, asked: 0 }
      for (let seed = 1; seed <= 300; seed++) {
        for (const place of ["lan", "loopback"] as const) {
          const { asked, host } = recording()
          const exits = yield* play(Fuzz.generate(seed, place), host)
          counted.refused += exits.filter(Exit.isFailure).length
          counted.asked += asked.length
          for (const each of asked) assert.isTrue(stays(each), each)
        }
      }

      assert.isAbove(counted.refused, 1000)
      assert.isAbove(counted.asked, 1000)
    }))
})

/** Carries a program out without any care of its own, as if all of its hosts were this one. */
const play = (program: SocketProgram.Program, host: ContractBed.ContractHost) =>
  Effect.gen(function*() {
    const exits: Array<Exit.Exit<unknown, unknown>> = []
    const sockets = new Map<string, ContractBed.ContractSocket>()
    const plain = (text: string) =>
      text.replace(/\{g[01]\}/, "239.78.1.1").replace(/\{g2\}/, "ff02::78").replace(/\{g5\}/, "ff05::78")
        .replace(/\{h.*?\}/, "fe80::1").replace(/:[ps]\d+$/, ":9")
    for (const op of program.ops) {
      if (op.op === "open") {
        const { address, connect, scope: _, ...options } = op.options
        const exit = yield* Effect.exit(host.open({
          ...options,
          ...(address === undefined ? {} : { address: plain(address) }),
          ...(connect === undefined ? {} : { connect: plain(connect) })
        }))
        exits.push(exit)
        if (Exit.isSuccess(exit)) sockets.set(op.socket, exit.value)
      }
      const socket = "socket" in op ? sockets.get(op.socket) : undefined
      if (socket === undefined) continue
      if (op.op === "join") {
        exits.push(yield* Effect.exit(socket.join({ ...op.options, group: plain(op.options.group) })))
      }
      if (op.op === "send" && op.to !== undefined) exits.push(yield* Effect.exit(socket.send("x", plain(op.to))))
    }
    return exits
  })
