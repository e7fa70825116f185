import {
  Attributes,
  type Diagnostic,
  DiscoveryError,
  DiscoveryEvent,
  Peer,
  PeerKey,
  type TrustEntry,
  TrustError,
  type TrustEvent
} from "@effect-discovery/core"
import type { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect } from "effect"
import { CliError } from "effect/cli"
import { TestConsole } from "effect/testing"
import * as Answers from "../../src/internal/cli/Answers.ts"
import * as Failure from "../../src/internal/cli/Failure.ts"
import * as KeyText from "../../src/internal/cli/KeyText.ts"
import * as Lines from "../../src/internal/cli/Lines.ts"
import * as Log from "../../src/internal/cli/Log.ts"
import type * as News from "../../src/internal/cli/News.ts"
import * as PeerTable from "../../src/internal/cli/PeerTable.ts"
import * as Usage from "../../src/internal/cli/Usage.ts"
import { toText, units, unsafe } from "../support/hostile.ts"
import { keyed, peer } from "./peer.ts"

const key = PeerKey.fromBytes(new Uint8Array(32).fill(1))

const peersOf = (text: string): ReadonlyArray<Peer.Peer> => {
  const attributes = Attributes.make({ k: text, [text === "" ? "k" : text]: "v" })
  const parts = { name: text, attributes, sources: [text], group: text }
  return [
    peer({ ...parts, id: Peer.id("json", text) }),
    keyed(parts),
    peer({ ...parts, id: Peer.id("syncthing", text), key, authentication: "claimed" })
  ]
}

const itemsOf = (text: string): ReadonlyArray<News.Item> =>
  peersOf(text).flatMap((peer) =>
    [true, false].flatMap((isLookalike): ReadonlyArray<News.Item> => {
      const state = peer.key === undefined ? undefined : "unknown"
      const standing = { state, isDialable: false, isLookalike } as const
      return [
        { event: DiscoveryEvent.discovered(peer), standing },
        { event: DiscoveryEvent.lost(peer, "Expired"), standing },
        { event: { _tag: "StandingChanged", peer, changed: ["trust"] }, standing }
      ]
    })
  )

const diagnosticsOf = (text: string): ReadonlyArray<Diagnostic.Diagnostic> => {
  const where = { source: text, interface: text, total: 2 }
  return [
    { _tag: "DatagramRejected", ...where, reason: text, from: text, sample: text },
    { _tag: "DatagramsDropped", ...where },
    { _tag: "SessionRestarting", ...where, message: text },
    { _tag: "GoodbyeUnsaid", ...where },
    { _tag: "AnnouncementRefused", ...where, reason: text },
    { _tag: "AnnouncementRefused", ...where, reason: text, message: text },
    { _tag: "RegistryPressure", what: "evicted", total: 1 },
    { _tag: "PortShared", ...where, port: 1 },
    { _tag: "AdvertisementRenamed", ...where, previous: text, name: text },
    { _tag: "AdvertisementUnsettled", ...where, name: text },
    { _tag: "AdvertisementLarge", ...where, name: text, octets: 1 },
    { _tag: "AdvertisementKeysLong", ...where, name: text, keys: [text] },
    { _tag: "HandlerFailed", ...where, what: "failures", message: text }
  ]
}

const noticesOf = (text: string): ReadonlyArray<Lines.Noteworthy> => {
  const sighting: TrustEvent.Sighting = { key, name: text, realm: text, authentication: "signed", group: text }
  const corrupt = new TrustError.Corrupt({ file: text, where: text, problem: text })
  return [
    { _tag: "KeyChanged", ...sighting, pinned: key },
    { _tag: "RotationOffered", key, next: key, isTaken: true },
    { _tag: "StoreFailed", error: TrustError.make(corrupt) }
  ]
}

const failuresOf = (text: string): ReadonlyArray<unknown> => [
  new Failure.UnknownInterface({ name: text, up: [text] }),
  new Failure.NothingToAnnounce({ reasons: [text] }),
  new Failure.SigningUnused({ flag: text }),
  new Failure.KeyMissing({ file: text, command: text }),
  new Failure.NotListed({ key, file: text }),
  new Failure.SecretOnCommandLine({ flag: text }),
  new Failure.OutputFailed({ cause: new Error(text) }),
  DiscoveryError.make(new DiscoveryError.SourceFailed({ source: text, cause: new Error(text) })),
  TrustError.make(new TrustError.Corrupt({ file: text, where: text, problem: text })),
  TrustError.make(new TrustError.KeyFileExposed({ file: text, mode: text })),
  TrustError.make(new TrustError.NameTaken({ realm: text, name: text, pinned: key }))
]

const serviceOf = (text: string): Mdns.Service => ({
  id: text,
  name: text,
  type: text,
  host: text,
  port: 1,
  priority: 0,
  weight: 0,
  addresses: [],
  attributes: Attributes.make({ k: text }),
  isTextMalformed: false,
  texts: [],
  interfaces: [text]
})

const entryOf = (text: string): TrustEntry.TrustEntry => ({
  key,
  state: "trusted",
  name: text,
  realm: text,
  addedAt: 0,
  until: 1
})

const tableOf = (text: string): ReadonlyArray<string> => {
  const rows = itemsOf(text).map(({ event, standing }) => ({ peer: event.peer, standing, age: 1, left: 2 }))
  return [40, 80, 200].flatMap((columns) =>
    PeerTable.lines({ title: text, rows, latest: [text] }, { columns, rows: 50 })
  )
}

/** Every line that the command can make of a text. */
const linesOf = (text: string): ReadonlyArray<string> => [
  ...itemsOf(text).flatMap((item) => [Lines.text(item, 0), Lines.json(item, 0)]),
  ...diagnosticsOf(text).map(Lines.diagnostic),
  ...noticesOf(text).map((notice) => Lines.trustEvent(notice, 2)),
  ...tableOf(text),
  Answers.serviceText(serviceOf(text)),
  Answers.serviceJson(serviceOf(text), 0),
  Answers.hostText({ host: text, addresses: [] }),
  Answers.hostJson({ host: text, addresses: [text] }, 0),
  Answers.typeText({ event: "lost", type: text }, 0),
  Answers.typeJson({ event: "lost", type: text }, 0),
  KeyText.entry(entryOf(text)),
  KeyText.entryJson(entryOf(text)),
  ...KeyText.own(key, text),
  KeyText.ownJson(key, text),
  ...KeyText.shared("5288e8c3", text),
  KeyText.sharedJson("5288e8c3", text)
]

const invocation = (text: string) =>
  Usage.presenter.present(
    {
      _tag: "InvalidInvocation",
      helpDoc: { description: text, usage: text, flags: [], annotations: Context.empty() },
      commandPath: ["discover"],
      errors: [new CliError.UnrecognizedOption({ option: text, suggestions: [text], command: ["discover"] })]
    } as Parameters<typeof Usage.presenter.present>[0]
  )

describe("whatever comes from the network or the user", () => {
  it.effect.prop(
    "S-D1 no line of the command has anything unsafe in it",
    { units },
    ({ units }) =>
      Effect.sync(() => {
        const text = toText(units)
        for (const line of linesOf(text)) assert.notMatch(line, unsafe)
      }),
    { arbitrary: { runs: 300 } }
  )

  it.effect.prop(
    "S-D1 neither has any failure or log",
    { units },
    ({ units }) =>
      Effect.gen(function*() {
        const text = toText(units)
        yield* Effect.forEach(failuresOf(text), (failure) => Failure.report(Cause.fail(failure)), { discard: true })
        yield* invocation(text)
        yield* Effect.logWarning(text, { text }).pipe(Effect.annotateLogs(text, text), Effect.provide(Log.layer))
        const lines = (yield* TestConsole.errorLines).map(String)

        assert.isAtLeast(lines.length, failuresOf(text).length + 2)
        for (const line of lines) assert.notMatch(line, unsafe)
      }),
    { arbitrary: { runs: 100 } }
  )
})
