import { Announcement, Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Equal } from "effect"
import * as Given from "./internal/Given.ts"

describe("make", () => {
  it("needs a name only, and leaves out what is not said", () => {
    const announcement = Announcement.make({ name: "ada" })

    assert.deepStrictEqual({ ...announcement }, { name: "ada", attributes: Attributes.empty })
  })

  it("keeps all that is said", () => {
    const addresses = [Given.address("10.0.0.1:80")]
    const announcement = Announcement.make({
      name: "ada",
      identity: "a1",
      port: 8080,
      addresses,
      attributes: { role: "leader" },
      ttl: "2 minutes",
      authentication: "claimed"
    })

    assert.deepStrictEqual({ ...announcement }, {
      name: "ada",
      identity: "a1",
      port: 8080,
      addresses,
      attributes: Attributes.make({ role: "leader" }),
      ttl: Duration.minutes(2),
      authentication: "claimed"
    })
  })

  it.each<readonly [Announcement.Options, string]>([
    [{ name: "" }, "name: it must be at least one character"],
    [{ name: "ada", identity: "" }, "identity: it must be at least one character"],
    [{ name: "ada", group: "" }, "group: it must be at least one character"],
    [{ name: "ada", port: 65_536 }, "port: it must be 0 to 65535"],
    [{ name: "ada", port: -1 }, "port: it must be 0 to 65535"],
    [{ name: "ada", port: 80.5 }, "port: it must be 0 to 65535"],
    [{ name: "ada", ttl: -1 }, "ttl: it must be a duration, and not less than nothing"],
    [{ name: "ada", ttl: Number.NaN }, "ttl: it must be a duration, and not less than nothing"],
    [{ name: "ada", ttl: `${1e21} seconds` }, "ttl: it must be a duration, and not less than nothing"]
  ])("throws on %o, and says why", (options, message) => {
    assert.throws(() => Announcement.make(options), RangeError, message)
  })

  it("gives equal values for equal content", () => {
    const make = (load: string) => Announcement.make({ name: "ada", attributes: { load }, ttl: 1_000 })

    assert.isTrue(Equal.equals(make("1"), make("1")))
    assert.isFalse(Equal.equals(make("1"), make("2")))
  })
})

describe("update", () => {
  const ada = Announcement.make({ name: "ada", port: 80, attributes: { load: "1" }, ttl: 1_000 })

  it("replaces what it is given and nothing else", () => {
    const updated = Announcement.update(ada, { attributes: { load: "2" } })

    assert.deepStrictEqual(updated, Announcement.make({ name: "ada", port: 80, attributes: { load: "2" }, ttl: 1_000 }))
    assert.strictEqual(ada.attributes.get("load"), "1")
  })

  it("takes away what it is given as undefined", () => {
    assert.deepStrictEqual(
      Announcement.update(ada, { port: undefined, ttl: undefined }),
      Announcement.make({ name: "ada", attributes: { load: "1" } })
    )
  })

  it("keeps the name, which cannot be taken away", () => {
    const nameless: object = { name: undefined }

    assert.deepStrictEqual(Announcement.update(ada, nameless), ada)
  })

  it("checks the result", () => {
    assert.throws(() => Announcement.update(ada, { name: "" }))
  })
})
