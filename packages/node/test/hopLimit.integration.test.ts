import { Network, NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { NetAddress } from "effect/net"
import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { NodeNetwork } from "../src/index.ts"

// node:dgram does not tell the hop limit of what it receives; 12 is Linux's IP_RECVTTL, which Python does not name
const receiver = `
import socket
for family, host, level, option in (
  (socket.AF_INET, "127.0.0.1", socket.IPPROTO_IP, 12),
  (socket.AF_INET6, "::1", socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT)
):
  s = socket.socket(family, socket.SOCK_DGRAM)
  s.settimeout(10)
  s.setsockopt(level, option, 1)
  s.bind((host, 0))
  print(s.getsockname()[1], flush=True)
  _, ancillary, _, _ = s.recvmsg(16, 64)
  print(int.from_bytes(ancillary[0][2], "little"), flush=True)
`

const hasPython = process.platform === "linux" && spawnSync("python3", ["--version"]).status === 0

it.live.skipIf(!hasPython)(
  "M-11-1 what is sent to one address has the hop limit asked for, in both families",
  () =>
    Effect.gen(function*() {
      const python = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("python3", ["-c", receiver], { stdio: ["ignore", "pipe", "inherit"] })),
        (process) => Effect.sync(() => process.kill())
      )
      const lines = createInterface(python.stdout)[Symbol.asyncIterator]()
      const line = Effect.map(Effect.promise(() => lines.next()), ({ value }) => Number(value))
      const network = yield* Network.Network
      const seen: Array<number> = []
      for (const [family, host] of [["IPv4", "127.0.0.1"], ["IPv6", "::1"]] as const) {
        const address = NetAddress.ipFromStringUnsafe(host)
        const port = yield* line
        const socket = yield* network.open({ family, bind: { address, port: 0 }, ttl: 255 })
        yield* socket.reader
        const writer = yield* socket.writer
        yield* writer.write({ payload: "?", address: NetAddress.inetAddressUnsafe(address, port) })
        seen.push(yield* line)
      }

      assert.deepStrictEqual(seen, [255, 255])
    }).pipe(Effect.scoped, Effect.provide(NodeNetwork.layer())),
  20_000
)

// hears the group on the loopback interface until somebody says the name
const groupReceiver = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_IP, 12, 1)
s.bind(("224.0.0.251", 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1"))
print("ready", flush=True)
while True:
  payload, ancillary, _, _ = s.recvmsg(9000, 64)
  if sys.argv[1].encode() in payload: break
print(int.from_bytes(ancillary[0][2], "little"), flush=True)
`

it.live.skipIf(!hasPython)(
  "M-11-1 S-A6 what mDNS sends to the group has a ttl of 255",
  () =>
    Effect.gen(function*() {
      const name = `hops of ${process.pid}`
      const python = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("python3", ["-c", groupReceiver, name], { stdio: ["ignore", "pipe", "inherit"] })),
        (process) => Effect.sync(() => process.kill())
      )
      const lines = createInterface(python.stdout)[Symbol.asyncIterator]()
      const line = Effect.map(Effect.promise(() => lines.next()), ({ value }) => String(value))
      assert.strictEqual(yield* line, "ready")
      yield* Mdns.publish({ name, type: "_hops._udp", port: 9 })

      assert.strictEqual(yield* line, "255")
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Mdns.layer({ interfaces: NetworkInterface.named("lo") }).pipe(Layer.provide(NodeNetwork.layer()))
      )
    ),
  20_000
)
