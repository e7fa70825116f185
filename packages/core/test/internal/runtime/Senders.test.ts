import { assert, describe, it } from "@effect/vitest"
import * as Senders from "../../../src/internal/runtime/Senders.ts"

describe("Senders", () => {
  it("knows an address and port, whatever zone it is written with", () => {
    const senders = Senders.make()
    Senders.add(senders, "10.0.0.1", 4_000)
    Senders.add(senders, "fe80::1", 4_000)

    assert.isTrue(Senders.has(senders, "10.0.0.1", 4_000))
    assert.isTrue(Senders.has(senders, "fe80::1%eth0", 4_000))
    assert.isTrue(Senders.has(senders, "fe80::1%2", 4_000))
    assert.isFalse(Senders.has(senders, "10.0.0.2", 4_000))
    assert.isFalse(Senders.has(senders, "10.0.0.1", 4_001))
  })

  it("keeps nothing of those that are removed", () => {
    const senders = Senders.make()
    Senders.add(senders, "10.0.0.1", 4_000)
    Senders.add(senders, "10.0.0.2", 4_000)
    Senders.remove(senders, "10.0.0.1", 4_000)
    assert.isFalse(Senders.has(senders, "10.0.0.1", 4_000))
    assert.isTrue(Senders.has(senders, "10.0.0.2", 4_000))
    Senders.remove(senders, "10.0.0.2", 4_000)
    Senders.remove(senders, "10.0.0.2", 4_000)

    assert.strictEqual(senders.size, 0)
  })
})
