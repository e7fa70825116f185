import { PeerRegistry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Given from "./internal/Given.ts"

const { goodbye, heard, registry } = Given

describe("Withdrawn", () => {
  it("tells the reason that its source gives", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)
    const [event] = tell({ ...goodbye("ada"), reason: "Expired" }, 1)

    assert.deepInclude(event, { _tag: "PeerLost", reason: "Expired" })
  })
})

describe("perOrigin", () => {
  const count = (state: PeerRegistry.PeerRegistry, source: string) =>
    PeerRegistry.peers(state).filter(({ sources }) => sources.includes(source)).length

  it("lets a source have more peers of one address, and others no more than before", () => {
    const { state, tell } = registry()
    for (let i = 0; i < 300; i++) {
      tell({ ...heard(`service ${i}`, {}, { source: "mdns" }), perOrigin: 256 }, i)
      tell(heard(`beacon ${i}`), i)
    }

    assert.strictEqual(count(state, "mdns"), 256)
    assert.strictEqual(count(state, "test"), 64)
  })
})
