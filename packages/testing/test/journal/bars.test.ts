import type { NetworkEvent } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Bars from "../../src/internal/diagram/Bars.ts"

const event = (
  seq: number,
  kind: Exclude<NetworkEvent.Kind, "drop">,
  text: string,
  more: Partial<NetworkEvent.Common> = {}
): NetworkEvent.NetworkEvent => ({
  seq,
  time: seq * 10,
  kind,
  text,
  host: "ada",
  interface: "eth0",
  socket: undefined,
  datagram: undefined,
  causes: [],
  rule: undefined,
  code: undefined,
  ...more
})

const barsOf = (...events: ReadonlyArray<NetworkEvent.NetworkEvent>) =>
  Bars.of(events, ["ada"]).map(({ begin, end, lane, name }) => [name, begin, end, lane])

const [one, two] = ["239.1.1.1", "239.1.1.2"]

describe("membership", () => {
  it("lasts from the first socket that joins to the last that leaves or closes", () =>
    assert.deepStrictEqual(
      barsOf(
        event(1, "join", one, { socket: 1 }),
        event(2, "join", one, { socket: 2 }),
        event(3, "leave", one, { socket: 1 }),
        event(4, "close", "", { socket: 2, interface: undefined })
      ),
      [[`${one} on eth0`, 10, 40, 0]]
    ))

  it("is one of a group and an interface, and each has a place of its own", () =>
    assert.deepStrictEqual(
      barsOf(
        event(1, "join", one, { socket: 1 }),
        event(2, "join", two, { socket: 1 }),
        event(3, "join", one, { socket: 1, interface: "wlan0" }),
        event(4, "leave", two, { socket: 1, interface: undefined }),
        event(5, "interface", "removed"),
        event(6, "join", one, { socket: 1 })
      ),
      [
        [`${two} on eth0`, 20, 40, 1],
        [`${one} on eth0`, 10, 50, 0],
        [`${one} on wlan0`, 30, 60, 2],
        [`${one} on eth0`, 60, 60, 0]
      ]
    ))

  it("does not come of a join that failed", () =>
    assert.deepStrictEqual(barsOf(event(1, "join", one, { socket: 1, code: "ENODEV" })), []))
})

describe("state", () => {
  it("lasts until the next one, of each subject by itself, and ends where none is named", () =>
    assert.deepStrictEqual(
      barsOf(
        event(1, "mark", "probing"),
        event(2, "mark", "bob: alive"),
        event(3, "mark", "announced"),
        event(4, "mark", "bob: expired"),
        event(5, "mark", "bob: "),
        event(6, "mark", "")
      ),
      [
        ["probing", 10, 30, 0],
        ["bob: alive", 20, 40, 1],
        ["bob: expired", 40, 50, 1],
        ["announced", 30, 60, 0]
      ]
    ))
})
