/**
 * What goes wrong around the programs while they work: floods, delays, and programs that stand still.
 *
 * Nothing of it may be seen in what the programs tell: a flood is short enough for a session to decode all of it, what is delayed arrives within the
 * patience, and nobody stands still for longer than a second announcement takes.
 */
import { Seed } from "@effect-discovery/core"
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import * as Namespace from "../../packages/node/test/lan/Namespace.ts"

/** What happens in a second. */
export type Trouble =
  | { readonly do: "flood" }
  | { readonly do: "impair"; readonly by: string }
  | { readonly do: "mend" }
  | { readonly do: "pause"; readonly program: number }
  | { readonly do: "resume"; readonly program: number }

const impairments = ["delay 20ms 15ms", "duplicate 20%", "delay 5ms reorder 25% 50%"]

/** What happens in this second, by chance that depends on the seed and the second alone. */
export const at = (seed: Seed.Seed, second: number, programs: number): ReadonlyArray<Trouble> => {
  const draw = (count: number) => Seed.between(Seed.derive(seed, `trouble ${Math.floor(second / 30)}`), 0, count - 1)[0]
  switch (second % 30) {
    case 3:
      return [{ do: "impair", by: impairments[draw(impairments.length)]! }]
    case 11:
      return [{ do: "mend" }]
    case 14:
    case 22:
      return [{ do: "flood" }]
    case 18:
      return [{ do: "pause", program: draw(programs) }]
    case 20:
      return [{ do: "resume", program: draw(programs) }]
    default:
      return []
  }
}

/** How to bring it about. `signal` is sent to a program. */
export const perform = (
  namespace: string,
  flooder: ChildProcess,
  signal: (program: number, name: NodeJS.Signals) => void,
  trouble: Trouble
): void => {
  switch (trouble.do) {
    case "flood":
      flooder.stdin!.write("\n")
      return
    case "impair":
      return Namespace.sh(`ip netns exec ${namespace} tc qdisc replace dev lo root netem ${trouble.by}`)
    case "mend":
      return Namespace.sh(`ip netns exec ${namespace} tc qdisc del dev lo root`)
    case "pause":
      return signal(trouble.program, "SIGSTOP")
    case "resume":
      return signal(trouble.program, "SIGCONT")
  }
}

/** Whether the system can delay, double and reorder datagrams in a namespace: not every kernel has netem. */
export const canImpair = (namespace: string): boolean => {
  try {
    Namespace.sh(`ip netns exec ${namespace} tc qdisc replace dev lo root netem delay 1ms`)
    Namespace.sh(`ip netns exec ${namespace} tc qdisc del dev lo root`)
    return true
  } catch {
    return false
  }
}

/** Starts who floods, in a namespace; it ends with the scope. */
export const flooder = (namespace: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn("ip", ["netns", "exec", namespace, process.execPath, join(import.meta.dirname, "flooder.ts")], {
        stdio: ["pipe", "ignore", "inherit"]
      })
    ),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
