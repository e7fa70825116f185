import * as Peer from "./peers/Peer.ts"
import * as Suite from "./peers/Suite.ts"

Suite.suite({
  name: "ciao, which only publishes",
  start: Peer.ciao,
  // it makes text of values, and has no keys without one
  txt: { path: "/a=b", empty: "", text: "\u00c3\u00a9" },
  browses: false,
  changesPort: false,
  takesLateAddresses: true,
  choosesTtl: false,
  onConflict: { renamesTo: (name) => `${name} (2)` }
})
