/**
 * What is left of programs that have ended.
 */
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import type { Host } from "../kernel/Topology.ts"
import * as Fibers from "../simulation/Fibers.ts"

const shown = 5

/** @internal What is left on these hosts, in words; undefined when nothing is. */
export const find = (hosts: ReadonlyArray<Host>): Effect.Effect<string | undefined> =>
  Effect.map(Effect.service(Scheduler.Scheduler), (scheduler) => {
    const left = [...hosts.flatMap(socketsOf), ...fibersOf(scheduler, hosts)]
    if (left.length === 0) return undefined
    const more = left.length > shown ? [`${left.length - shown} more`] : []
    return `left behind: ${[...left.slice(0, shown), ...more].join(", ")}`
  })

const socketsOf = ({ interfaces, name, openSockets }: Host): ReadonlyArray<string> => [
  ...(openSockets === 0 ? [] : [`${openSockets} open sockets of ${name}`]),
  ...interfaces.flatMap(({ groups, label }) =>
    groups.size === 0 ? [] : [`memberships of ${label} in ${Array.from(groups.keys()).join(" ")}`]
  )
]

const fibersOf = (scheduler: Scheduler.Scheduler, hosts: ReadonlyArray<Host>): ReadonlyArray<string> => {
  const fibers = Fibers.of(scheduler)
  const names = new Set<unknown>(hosts.map(({ name }) => name))
  return fibers === undefined ? [] : fibers.unfinished
    .filter((fiber) => names.has(fiber.getRef(References.CurrentLogAnnotations)["host"]))
    .map((fiber) => fibers.describe(fiber))
}
