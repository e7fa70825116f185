import { Property, Schedule } from "@effect-discovery/testing"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { campaigns, propertyOf } from "./Campaigns.ts"
import * as MdnsChurn from "./MdnsChurn.ts"

/** Runs that failed once, each with what it found. */
const found: ReadonlyArray<readonly [campaign: string, what: string, token: string]> = [
  [
    "peerage",
    "a session that fails late may break again what had converged, while there is time",
    "sim1.eyJzZWVkIjotOTY5MTk5NzMzLCJvcmRlciI6InBjdCIsInByZWVtcHRpb24iOjAuMDEsImJ1Z2dpZnkiOlsic2Vzc2lvbi5vcGVuLmZhaWxzIiwic2VuZC5mYWlscyJdLCJpc1BlcmZlY3QiOnRydWUsImZhdWx0cyI6W119.15tyzyd"
  ],
  [
    "peerage",
    "who is lost and found at one instant is told as lost first",
    "sim1.eyJzZWVkIjotNzY5NzAwMjU5LCJvcmRlciI6InBjdCIsInByZWVtcHRpb24iOjAuMDEsImlzUGVyZmVjdCI6dHJ1ZSwiZmF1bHRzIjpbeyJfdGFnIjoiQ2Fycmllckxvc3MiLCJhdCI6MCwiaG9zdCI6Imhvc3Q0IiwiaW50ZXJmYWNlIjoiZXRoMCJ9LHsiX3RhZyI6IkNsb2NrU2tldyIsImF0IjoyMDAsImZvciI6MjAwLCJob3N0IjoiaG9zdDEiLCJvZmZzZXQiOjB9LHsiX3RhZyI6IkZpcmV3YWxsIiwiYXQiOjAsImZvciI6MTIxNzEsImhvc3QiOiJob3N0NCIsIm91dCI6IkVQRVJNIn0seyJfdGFnIjoiRHVwbGljYXRlQWRkcmVzcyIsImF0IjoxNzAwMCwib3duZXIiOiJob3N0MyIsInRoaWVmIjoiaG9zdDIifSx7Il90YWciOiJGaXJld2FsbCIsImF0IjoxODAwMCwiZm9yIjowLCJob3N0IjoiaG9zdDEiLCJvdXQiOiJkcm9wIn1dfQ.12p80ml"
  ],
  [
    "two segments",
    "what the system answers by itself is not sent by the host's program",
    "sim1.eyJzZWVkIjotOTA4NjE1MTQ1LCJob3N0cyI6WyJkZXNrMSIsImRlc2syIiwicmFjazEiXSwiYnVnZ2lmeSI6W10sImlzUGVyZmVjdCI6dHJ1ZSwiZmF1bHRzIjpbeyJfdGFnIjoiQ3Jhc2giLCJhdCI6MCwiZm9yIjo4MDAwLCJob3N0IjoiZGVzazEifSx7Il90YWciOiJDbG9ja0p1bXAiLCJhdCI6MCwiZm9yIjowLCJob3N0IjoiZGVzazIiLCJieSI6LTUwMDB9LHsiX3RhZyI6IkNyYXNoIiwiYXQiOjIwMDAsImZvciI6NjAwMCwiaG9zdCI6InJhY2sxIn1dfQ.1763skg"
  ],
  [
    "json",
    "a host has its address back after two faults that took it from each other",
    Schedule.toToken({
      seed: 1,
      faults: [
        { _tag: "DuplicateAddress", at: 0, for: 8000, owner: "host1", thief: "host2" },
        { _tag: "AddressChange", at: 2000, for: 12_000, host: "host2", interface: "eth0", address: "10.11.0.201" },
        { _tag: "DuplicateAddress", at: 4000, for: 6000, owner: "host2", thief: "host1" }
      ]
    })
  ],
  [
    "eight hosts",
    "some who are heard early by chance are no crowd of thousands, and one who leaves at once is not held for as long",
    "sim1.eyJzZWVkIjotMTQxMzQ5MjI0MiwiaG9zdHMiOlsiaG9zdDEiLCJob3N0MiIsImhvc3Q1IiwiaG9zdDYiLCJob3N0NyIsImhvc3Q4Il0sImRlYWQiOlsiaG9zdDciXSwiYnVnZ2lmeSI6W10sImlzUGVyZmVjdCI6dHJ1ZSwiZmF1bHRzIjpbeyJfdGFnIjoiQWRkcmVzc0NoYW5nZSIsImF0Ijo0NTgzLCJmb3IiOjMxMCwiaG9zdCI6Imhvc3Q3IiwiaW50ZXJmYWNlIjoiZXRoMCIsImFkZHJlc3MiOiIxMC4xMS4wLjI0MiJ9XX0.1ezjf7h"
  ],
  [
    "mdns",
    "sessions that all start again when the faults are over have much to say to each other",
    "sim1.eyJzZWVkIjotMTA5NjkxNzQyMiwiaXNQZXJmZWN0Ijp0cnVlLCJmYXVsdHMiOltdfQ.1y4luaf"
  ],
  [
    "json",
    "who crashed at the last moment is started again",
    Schedule.toToken({ seed: 2, faults: [{ _tag: "Crash", at: 19_999, host: "host1" }] })
  ]
]

describe("a run that failed once", () => {
  for (const [name, what, replay] of found) {
    it.effect(`${name}: ${what}`, () =>
      Effect.gen(function*() {
        const campaign = campaigns.find((campaign) => campaign.name === name)!
        yield* Property.check({ ...propertyOf(campaign), replay })
      }), 30_000)
  }

  const churned: ReadonlyArray<readonly [what: string, token: string]> = [
    [
      "what is replayed once the faults are over is not held against whoever answers it",
      "sim1.eyJzZWVkIjo4NzM1MzY3MTgsImRlYWQiOltdLCJpc1BlcmZlY3QiOnRydWUsImZhdWx0cyI6W3siX3RhZyI6IlJlcGxheSIsImF0IjoxMTAwMCwibWF0Y2giOnt9LCJkZWxheSI6MzcwMCwiY29waWVzIjozfSx7Il90YWciOiJQYXVzZSIsImF0IjoxMjAwMCwiZm9yIjowLCJob3N0IjoiaG9zdDUiLCJtb2RlIjoic2xlZXAiLCJkdXJhdGlvbiI6OTAwfV19.k15ush"
    ],
    [
      "who gives a link up late does not close it for who took it over",
      "sim1.eyJzZWVkIjotMTY3NDcwMjQyMywiaXNQZXJmZWN0Ijp0cnVlLCJmYXVsdHMiOlt7Il90YWciOiJSZXBsYXkiLCJhdCI6MzgwMCwiZm9yIjo1MDAwLCJtYXRjaCI6eyJmcm9tIjoiaG9zdDEifSwiZGVsYXkiOjMwNTEsImNvcGllcyI6Mn0seyJfdGFnIjoiRHVwbGljYXRlQWRkcmVzcyIsImF0Ijo5NDMwLCJmb3IiOjIxMDAsIm93bmVyIjoiaG9zdDQiLCJ0aGllZiI6Imhvc3QzIn1dfQ.1j9sm84"
    ],
    [
      "two owners of one name who both browse find each other",
      "sim1.eyJzZWVkIjo4NDQ0MzMwNzMsImhvc3RzIjpbImhvc3QxIiwiaG9zdDIiLCJob3N0MyIsImhvc3Q1Il0sImRlYWQiOlsiaG9zdDUiLCJob3N0MiJdLCJidWdnaWZ5IjpbXSwiaXNQZXJmZWN0Ijp0cnVlLCJmYXVsdHMiOlt7Il90YWciOiJQYXJ0aXRpb24iLCJhdCI6MCwiZ3JvdXBzIjpbWyJob3N0NSIsImhvc3QzIl0sWyJob3N0MiIsImhvc3QxIl1dfV19.1wfjnh4"
    ]
  ]
  for (const [what, replay] of churned) {
    it.effect(`mdns churn: ${what}`, () => Property.check({ ...MdnsChurn.property, replay }), 30_000)
  }
})
