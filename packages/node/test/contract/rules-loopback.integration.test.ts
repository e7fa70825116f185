import { layer } from "@effect/vitest"
import { Layer } from "effect"
import * as LoopbackBed from "./LoopbackBed.ts"
import * as Suite from "./Suite.ts"

layer(Layer.effect(Suite.Bed, LoopbackBed.make), { excludeTestServices: true })("the contract on loopback", (it) => {
  Suite.register(it, LoopbackBed.capabilities)
})
