import * as Peer from "./peers/Peer.ts"
import * as Suite from "./peers/Suite.ts"

Suite.suite({
  name: "avahi",
  start: Peer.avahi,
  unavailable: Peer.avahiUnavailable(),
  txt: Suite.octets,
  browses: true,
  changesPort: true,
  takesLateAddresses: true,
  choosesTtl: false,
  onConflict: { renamesTo: (name) => `${name} #2` }
})
