/**
 * A UDP socket on loopback as the original programs have theirs, without any part of this library.
 */
import { Effect, type Scope } from "effect"
import { createSocket, type RemoteInfo, type Socket } from "node:dgram"

/** What was heard, with the port it came from, and a way to say something. */
export interface Wire {
  /** The first datagram for which `read` gives something, heard already or to come. */
  readonly hears: <A>(read: (payload: Buffer, from: RemoteInfo) => A | undefined) => Effect.Effect<A>
  readonly heard: ReadonlyArray<Buffer>
  readonly say: (payload: Uint8Array) => Effect.Effect<void>
}

const bind = (socket: Socket, port: number, address?: string) =>
  Effect.callback<number>((resume) => {
    socket.once("error", (error) => resume(Effect.die(error)))
    socket.bind(port, address, () => resume(Effect.succeed(socket.address().port)))
  })

const open = Effect.acquireRelease(
  Effect.sync(() => createSocket({ type: "udp4", reuseAddr: true })),
  (socket) => Effect.callback<void>((resume) => void socket.close(() => resume(Effect.void)))
)

/** A port that nobody has. */
export const freePort: Effect.Effect<number> = Effect.scoped(Effect.flatMap(open, (socket) => bind(socket, 0)))

/**
 * Listens on `port` of all addresses, and says things from `from` to the group, or else to everyone. The originals say them to
 * 255.255.255.255, which does not leave by loopback.
 */
export const make = Effect.fnUntraced(function*(options: {
  readonly port: number
  readonly group?: string
  readonly from?: string
}): Effect.fn.Return<Wire, never, Scope.Scope> {
  const { from = "127.0.0.1", group, port } = options
  const listener = yield* open
  const heard: Array<readonly [Buffer, RemoteInfo]> = []
  listener.on("message", (payload, from) => heard.push([payload, from]))
  yield* bind(listener, port)
  const sender = yield* open
  yield* bind(sender, 0, from)
  sender.setBroadcast(true)
  if (group !== undefined) {
    listener.addMembership(group, "127.0.0.1")
    sender.setMulticastInterface("127.0.0.1")
  }
  return {
    get heard() {
      return heard.map(([payload]) => payload)
    },
    hears: (read) =>
      Effect.callback((resume) => {
        const look = () => {
          for (const [payload, from] of heard) {
            const found = read(payload, from)
            if (found !== undefined) return resume(Effect.succeed(found))
          }
        }
        listener.on("message", look)
        look()
        return Effect.sync(() => listener.off("message", look))
      }),
    say: (payload) =>
      Effect.callback<void>((resume) =>
        sender.send(
          payload,
          port,
          group ?? "127.255.255.255",
          (error) => resume(error === null ? Effect.void : Effect.die(error))
        )
      )
  }
})
