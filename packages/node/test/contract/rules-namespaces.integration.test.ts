import { describe, layer } from "@effect/vitest"
import { Layer } from "effect"
import * as Namespace from "../lan/Namespace.ts"
import * as NamespaceBed from "./NamespaceBed.ts"
import * as Suite from "./Suite.ts"

if (Namespace.unavailable !== undefined) console.warn(`skipped, since ${Namespace.unavailable}`)

describe.skipIf(Namespace.unavailable !== undefined)("the contract in namespaces", () => {
  layer(Layer.effect(Suite.Bed, NamespaceBed.make()), { excludeTestServices: true, timeout: 60_000 })((it) => {
    Suite.register(it, NamespaceBed.capabilities)
  })
})
