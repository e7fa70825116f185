/**
 * Every group, in the order in which they run.
 */
import type * as Group from "../harness/Group.ts"
import { burst } from "./burst.ts"
import { codec } from "./codec.ts"
import { flood } from "./flood.ts"
import { hostile } from "./hostile.ts"
import { lan } from "./lan.ts"
import { idle, latency } from "./live.ts"
import { alloc, memory } from "./memory.ts"
import { peers } from "./peers.ts"
import { registry } from "./registry.ts"
import { send } from "./send.ts"
import { signed } from "./signed.ts"
import { simulation } from "./simulation.ts"
import { traffic } from "./traffic.ts"
import { changed, fanout, flat, steady, trickle, workers } from "./udp.ts"
import { weight } from "./weight.ts"
import { wire } from "./wire.ts"

export const all: ReadonlyArray<Group.Group> = [
  steady,
  trickle,
  changed,
  peers,
  fanout,
  flat,
  workers,
  send,
  alloc,
  codec,
  hostile,
  flood,
  registry,
  signed,
  memory,
  burst,
  latency,
  idle,
  lan,
  traffic,
  wire,
  simulation,
  weight
]
