/**
 * Sockets of `node:dgram` on the loopback interface, with nothing around them.
 */
import { Effect, type Scope } from "effect"
import * as Dgram from "node:dgram"

/** An unbound socket, closed with the scope. Errors that nobody listens for are kept. */
export const socket = (
  options: Partial<Dgram.SocketOptions> = {}
): Effect.Effect<Dgram.Socket, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => Dgram.createSocket({ type: "udp4", ...options })),
    (socket) => Effect.sync(() => attempt(() => socket.close()))
  )

/** A socket bound to 127.0.0.1, or where it is told to. */
export const bound = (
  bind: Dgram.BindOptions = {},
  options: Partial<Dgram.SocketOptions> = {}
): Effect.Effect<Dgram.Socket, never, Scope.Scope> =>
  Effect.tap(socket(options), (socket) =>
    Effect.callback<void>((resume) => {
      socket.once("error", (error) => resume(Effect.die(error)))
      socket.bind({ address: "127.0.0.1", ...bind }, () => {
        socket.removeAllListeners("error")
        resume(Effect.void)
      })
    }))

/** Waits for an event. */
export const event = (socket: Dgram.Socket, name: string): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.callback((resume) => {
    const listener = (...args: ReadonlyArray<unknown>) => resume(Effect.succeed(args))
    socket.once(name, listener)
    return Effect.sync(() => socket.off(name, listener))
  })

/** What comes, as text. */
export const messages = (socket: Dgram.Socket): Array<string> => {
  const all: Array<string> = []
  socket.on("message", (message) => void all.push(message.toString()))
  return all
}

/** Sends to a port of 127.0.0.1, and gives the code of the failure, or how many octets were sent. */
export const send = (
  socket: Dgram.Socket,
  message: string | Uint8Array | ReadonlyArray<Uint8Array>,
  port: number,
  address = "127.0.0.1"
): Effect.Effect<unknown> =>
  Effect.callback((resume) =>
    socket.send(
      message as string,
      port,
      address,
      (error, octets) => resume(Effect.succeed(error === null ? octets : codeOf(error)))
    )
  )

/** The code that a call throws, its name where it has none, `undefined` when it does not throw. */
export const attempt = (call: () => unknown): unknown => {
  try {
    call()
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

/** The code of an error, or its name. */
export const codeOf = (error: unknown): unknown => (error as { code?: string }).code ?? (error as Error).name

/** Until the event loop has turned some times. */
export const turns: Effect.Effect<void> = Effect.callback((resume) => {
  const turn = (left: number) => left === 0 ? resume(Effect.void) : setImmediate(turn, left - 1)
  setImmediate(turn, 10)
})
