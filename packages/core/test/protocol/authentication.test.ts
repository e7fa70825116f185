import { Announcement, type Protocol } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { announced, hear } from "./laws.ts"

const ada = Announcement.make({ name: "ada@lan", identity: "ada", port: 22_000 })

describe("what anyone can say", () => {
  it.each<readonly [string, Protocol.Protocol<any>]>([
    ["Peerage", Peerage.protocol()],
    ["JSON", JsonBeacon.protocol()],
    ["Syncthing's first format", SyncthingV0.protocol()]
  ])("S-U1 proves nothing: %s", (_, protocol) => {
    const claims = announced(protocol, ada).flatMap((payload) => hear(protocol, payload))

    assert.deepStrictEqual(
      claims.map((output) => output._tag === "Announced" && output.claim.authentication),
      ["none"]
    )
  })

  it("S-U1 S-P8 cannot make itself more by what it says of itself", () => {
    const forged = `"authentication": "signed", "key": "${"0".repeat(64)}"`
    const text = `{"username": "eve", "id": "eve", "port": 1, ${forged}, "__proto__": {${forged}}}`
    const [output] = hear(JsonBeacon.protocol(), new TextEncoder().encode(text))
    assert(output?._tag === "Announced")

    assert.strictEqual(output.claim.authentication, "none")
    assert.isUndefined(output.claim.key)
  })
})
