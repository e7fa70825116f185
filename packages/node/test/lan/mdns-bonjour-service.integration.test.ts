import * as Peer from "./peers/Peer.ts"
import * as Suite from "./peers/Suite.ts"

Suite.suite({
  name: "bonjour-service",
  start: Peer.bonjour,
  // it makes text of values, and has no keys without one
  txt: { path: "/a=b", empty: "", text: "\u00c3\u00a9" },
  browses: true,
  changesPort: true,
  keepsLonger: "it keeps no time",
  takesLateAddresses: false,
  choosesTtl: false,
  onConflict: "refuses"
})
