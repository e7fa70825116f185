import type { SocketOptions } from "../peers.ts"
import { type Link, loopback } from "./Link.ts"

/** How a peer library is told to listen on a link. */
export const socketOptions = ({ destination, port }: Link): SocketOptions => ({
  port,
  ip: destination,
  interface: loopback,
  bind: "0.0.0.0"
})
