import { Diagnostic } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

const rejected: Omit<Diagnostic.DatagramRejected, "total"> = {
  _tag: "DatagramRejected",
  source: "peerage",
  interface: "eth0",
  reason: "size",
  from: "10.0.0.1:9",
  sample: "00"
}

describe("kind", () => {
  it("is the same whatever the latest one was about", () => {
    const restarting = { _tag: "SessionRestarting", source: "peerage", interface: "eth0" } as const

    assert.strictEqual(
      Diagnostic.kind({ ...rejected, from: "10.0.0.2:10", sample: "ff" }),
      Diagnostic.kind(rejected)
    )
    assert.strictEqual(
      Diagnostic.kind({ ...restarting, message: "a" }),
      Diagnostic.kind({ ...restarting, message: "b" })
    )
  })

  it("differs by tag, source, interface, reason and what", () => {
    const reports: ReadonlyArray<Diagnostic.Report> = [
      rejected,
      { ...rejected, source: "json" },
      { ...rejected, interface: "eth1" },
      { ...rejected, reason: "rate" },
      { _tag: "DatagramsDropped", source: "peerage", interface: "eth0" },
      { _tag: "DatagramsDropped", source: "peerage", interface: "eth1" },
      { _tag: "SessionRestarting", source: "peerage", interface: "eth0", message: "" },
      { _tag: "GoodbyeUnsaid", source: "peerage", interface: "eth0" },
      { _tag: "AnnouncementRefused", source: "peerage", reason: "name" },
      { _tag: "AnnouncementRefused", source: "peerage", reason: "attributes" },
      { _tag: "RegistryPressure", what: "evicted" },
      { _tag: "RegistryPressure", what: "refused" }
    ]

    assert.strictEqual(new Set(reports.map(Diagnostic.kind)).size, reports.length)
  })

  it("names with spaces in them are not mixed up", () => {
    assert.notStrictEqual(
      Diagnostic.kind({ ...rejected, source: "my list", interface: "eth0" }),
      Diagnostic.kind({ ...rejected, source: "my", interface: "list eth0" })
    )
  })
})
