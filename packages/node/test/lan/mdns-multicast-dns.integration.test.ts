import * as Peer from "./peers/Peer.ts"
import * as Suite from "./peers/Suite.ts"

Suite.suite({
  name: "a program on multicast-dns",
  start: Peer.multicastDns,
  txt: Suite.octets,
  browses: true,
  changesPort: true,
  keepsLonger: "it keeps no time",
  takesLateAddresses: true,
  choosesTtl: true,
  onConflict: "tramples"
})
