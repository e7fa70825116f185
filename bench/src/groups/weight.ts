/**
 * What it weighs to have the library: to load it, and to install it.
 */
import * as Effect from "effect/Effect"
import type * as Group from "../harness/Group.ts"
import { inTurn } from "../harness/inTurn.ts"
import * as Row from "../harness/Row.ts"
import * as Peers from "../peers.ts"
import * as FirstAnnouncement from "../weight/FirstAnnouncement.ts"
import * as Imports from "../weight/Imports.ts"
import * as Installed from "../weight/Installed.ts"
import { rowsOr } from "./memory.ts"

const name = "weight"

/** All of it, of the packages as they would be published. */
export const weight: Group.Group = {
  name,
  isUdp: false,
  run: (plan) => Effect.map(rowsOr(name, "all", rows(plan)), (rows) => ({ rows }))
}

const rows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const installed = yield* Installed.make
  plan.onMeasured(`${name} packed`)
  Imports.prepare(installed.folder)
  FirstAnnouncement.prepare(installed.folder)
  return [
    ...importRows(installed.folder, plan),
    ...(yield* announcementRows(installed.folder, plan)),
    ...peerRows(installed.folder, plan),
    ...Installed.packages.flatMap((each) => packageRows(installed, each)),
    ...schemaRows(installed, plan)
  ]
})

const measured = (row: Omit<Row.Measured, "group">): Row.Row => Row.measured({ group: name, ...row })

const own = "@effect-discovery"

// where programs begin; what else can be imported is a part of the first of each package
const entries = [
  `${own}/core`,
  `${own}/core/Discovery`,
  `${own}/core/protocol`,
  ...["JsonBeacon", "Mdns", "Peerage", "SignedBeacon", "Syncthing"].map((each) => `${own}/core/protocol/${each}`),
  `${own}/node`,
  `${own}/node/NodeNetwork`,
  `${own}/testing`
]

const starts = ({ isQuick }: Group.Plan): number => isQuick ? 3 : 15

// a pair after the other, so that both have the same machine
const importRows = (folder: string, plan: Group.Plan): ReadonlyArray<Row.Row> =>
  entries.map((entry) => {
    const alone = Imports.together(folder, entry, Imports.list(folder, entry).effect)
    const pairs = Array.from({ length: starts(plan) }, () =>
      [
        Imports.time(folder, entry),
        Imports.time(folder, alone)
      ] as const)
    plan.onMeasured(`${name} ${entry}`)
    return measured({
      name: `import ${entry} over effect's modules`,
      unit: "ms",
      values: pairs.map(([whole, effect]) => whole - effect),
      target: Row.atMost(15)
    })
  })

const announcementRows = (folder: string, plan: Group.Plan) =>
  Effect.forEach(["raw", "ours"] as const, (kind) =>
    Effect.map(
      Effect.promise(() => inTurn(starts(plan), () => FirstAnnouncement.time(folder, kind))),
      (values) => measured({ name: `start to first announcement, ${kind}`, unit: "ms", values })
    ))

const peerRows = (folder: string, plan: Group.Plan): ReadonlyArray<Row.Row> =>
  (["multicast-dns", "bonjour-service", "@homebridge/ciao"] as const).map((peer) => {
    const row = `import ${peer} over an empty script`
    const path = Peers.pathOf(peer)
    if (path === undefined) return Row.skipped(name, row, "it is not installed")
    const values = Array.from({ length: starts(plan) }, () => Imports.time(folder, path) - Imports.time(folder))
    return measured({ name: row, unit: "ms", values })
  })

const packageRows = (installed: Installed.Installed, each: Installed.Package): ReadonlyArray<Row.Row> => [
  measured({
    name: `${own}/${each}, packed`,
    unit: "kB",
    values: [installed.packed[each] / 1_000],
    target: Row.atMost(300)
  }),
  measured({
    name: `${own}/${each}, dependencies`,
    unit: "packages",
    values: [Installed.surplusOf(Installed.manifestOf(installed, each)).length],
    target: Row.atMost(0)
  })
]

const schemaRows = (installed: Installed.Installed, plan: Group.Plan): ReadonlyArray<Row.Row> => {
  const modules = Installed.packages.flatMap((each) => Installed.entriesOf(installed, each))
  const loaded = modules.map((module) => Imports.list(installed.folder, module))
  plan.onMeasured(`${name} Schema`)
  const loading = loaded.filter(Imports.loadsSchema)
  return [
    measured({ name: "modules that load Schema", unit: `of ${modules.length}`, values: [loading.length] }),
    measured({
      name: "modules that load Schema without need",
      unit: `of ${modules.length}`,
      values: [loading.filter((each) => !Imports.needsSchema(each)).length],
      target: Row.atMost(0)
    })
  ]
}
