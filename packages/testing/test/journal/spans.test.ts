import type { NetworkEvent } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Spans from "../../src/internal/diagram/Spans.ts"

const columns = ["ada", "grace", "mary"]

const event = (
  seq: number,
  kind: "fault" | "host" | "mark",
  text: string,
  host?: string,
  causes: ReadonlyArray<number> = []
) => ({ seq, time: seq * 10, kind, text, host, causes }) as NetworkEvent.NetworkEvent

const spansOf = (events: ReadonlyArray<NetworkEvent.NetworkEvent>) =>
  Spans.of(events, columns).map(({ begin, end, sides, text }) => [text, begin, end, sides])

describe("spans", () => {
  it("a partition has sides, and hosts in no group are on none", () =>
    assert.deepStrictEqual(spansOf([event(1, "fault", "partition ada | mary"), event(2, "fault", "partition ends")]), [
      ["partition ada | mary", 10, 20, [0, undefined, 1]]
    ]))

  it("an end ends what it names as its cause", () =>
    assert.deepStrictEqual(
      spansOf([
        event(1, "fault", "partition ada | mary"),
        event(2, "fault", "partition ada | grace"),
        event(3, "fault", "partition ends", undefined, [1]),
        event(4, "mark", "the end")
      ]).map(([text, , end]) => [text, end]),
      [["partition ada | mary", 30], ["partition ada | grace", 40]]
    ))

  it("any fault that is seen to end lasts until then, on its host where it has one", () =>
    assert.deepStrictEqual(
      spansOf([
        event(1, "fault", "clock skew ada 5 ms", "ada"),
        event(2, "fault", "loss 0.2"),
        event(3, "fault", "clock skew ends", "ada", [1])
      ]),
      [["clock skew ada 5 ms", 10, 30, [0, undefined, undefined]]]
    ))

  it("heal ends what parts hosts", () =>
    assert.deepStrictEqual(
      spansOf([
        event(1, "fault", "cut ada grace"),
        event(2, "fault", "hold"),
        event(3, "fault", "heal"),
        event(4, "mark", "")
      ])
        .map(([text, , end]) => [text, end]),
      [["cut ada grace", 30], ["hold", 40]]
    ))

  it("a crash ends a pause, and the host is off all the same", () =>
    assert.deepStrictEqual(
      spansOf([
        event(1, "host", "pause gc 10s", "ada"),
        event(2, "host", "crash", "ada"),
        event(3, "host", "resume", "ada"),
        event(4, "host", "boot", "ada")
      ]).map(([text, begin, end]) => [text, begin, end]),
      [["pause gc 10s", 10, 30], ["crash", 20, 40]]
    ))

  it("a host is off from a crash or a stop until it boots, and during a pause", () =>
    assert.deepStrictEqual(
      spansOf([
        event(1, "host", "crash", "ada"),
        event(2, "host", "pause gc 2s", "mary"),
        event(3, "host", "boot", "ada"),
        event(4, "host", "resume", "mary"),
        event(5, "host", "stop", "nobody")
      ]),
      [["crash", 10, 30, [0, undefined, undefined]], ["pause gc 2s", 20, 40, [undefined, undefined, 0]]]
    ))
})
