/**
 * The bed of the network contract on the loopback interface of this machine: one host, in this process.
 *
 * It lets nothing out (`Confinement`).
 */
import { NodeNetwork } from "@effect-discovery/node"
import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
import { Effect, type Scope } from "effect"
import { networkInterfaces } from "node:os"
import * as Confinement from "./Confinement.ts"
import * as Quiet from "./Quiet.ts"
import { Settling } from "./Settling.ts"

/** Builds the bed; it goes with the scope. */
export const make: Effect.Effect<ContractBed.Bed, never, Scope.Scope> = Effect.gen(function*() {
  const settling = new Settling((self) => Quiet.until(() => self.arrivals))
  const network = settling.watch(Confinement.confine(yield* NodeNetwork.make()))
  const { settle } = settling
  const h1 = NetworkContract.fromNetwork({ name: "h1", network, settle })
  let port = firstPort
  return {
    name: "loopback",
    tier: "t1",
    capabilities,
    host: (name) => {
      if (name !== "h1") throw new Error(`there is no ${name} on the loopback interface`)
      return h1
    },
    settle,
    port: Effect.sync(() => (port = port === 32_767 ? 20_000 : port + 1)),
    reset: Effect.void
  }
})

const isPrivileged = process.getuid?.() === 0

const hasIpv6 = Object.values(networkInterfaces()).flat().some((entry) => entry?.address === "::1")

/** What it can do. */
export const capabilities: ReadonlySet<ContractBed.Capability> = new Set<ContractBed.Capability>([
  "network",
  isPrivileged ? "privileged" : "unprivileged",
  ...(hasIpv6 ? ["ipv6" as const] : [])
])

// below the ports that systems choose from, and apart from those of tests in other processes
const firstPort = 20_000 + (process.pid * 61) % 12_000
