/**
 * What a process of Node holds in memory.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

// asked for here, so that it runs on plain Node
setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** Octets, without garbage. */
export const held = (): number => {
  collect()
  const { arrayBuffers, external, heapUsed } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}
