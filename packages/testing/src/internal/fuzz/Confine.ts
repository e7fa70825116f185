/**
 * What may be asked of sockets on the loopback interface of a real machine: only what cannot leave it.
 */
import type * as ContractBed from "../../ContractBed.ts"

type Options = Pick<ContractBed.OpenOptions, "multicast" | "connect">

/** @internal Whether a datagram from a socket of these options stays. `to` is `address:port`. */
export const isKept = (to: string, { multicast }: Options): boolean => {
  const address = to.replace(/^\[?(::ffff:)?/, "")
  if (/^(\{g[01]\}|22[4-9]\.|23\d\.)/.test(address)) return multicast?.interface.startsWith("127.") === true
  return /^(127\.|0\.0\.0\.0:|::1\]|::\])/.test(address)
}

/** @internal Whether a membership concerns the loopback interface only. */
export const isJoinKept = ({ group, interface: chosen }: ContractBed.JoinOptions): boolean =>
  chosen?.startsWith("127.") === true && !/^(\{g[25]\}|ff)/.test(group)
