import * as Peer from "./peers/Peer.ts"
import * as Suite from "./peers/Suite.ts"

Suite.suite({
  name: "python-zeroconf",
  start: Peer.zeroconf,
  unavailable: Peer.zeroconfUnavailable(),
  txt: Suite.octets,
  browses: true,
  changesPort: true,
  keepsLonger: "it takes pointers to hold for 19 minutes at least",
  takesLateAddresses: true,
  choosesTtl: true,
  onConflict: { renamesTo: (name) => `${name}-2` }
})
