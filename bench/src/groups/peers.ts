/**
 * Against the other libraries: the same datagrams, the same kind of process.
 */
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Feed from "../udp/Feed.ts"
import * as UdpRows from "./udpRows.ts"

/** A thousand known services that repeat what they said. */
export const peers: Group.Group = {
  name: "peers",
  isUdp: true,
  run: (plan) =>
    UdpRows.run("peers", plan, [
      ...UdpRows.rawTwice("mdns6"),
      ...against("multicast-dns", "saturated", 0.5),
      ...against("multicast-dns", "2,000/s", 0.65, paced(plan, 2_000)),
      ...against("bonjour-service", "1,500/s", 0.1, paced(plan, 1_500))
    ])
}

const kinds = { "multicast-dns": "multicastDns", "bonjour-service": "bonjourService" } as const

const paced = ({ pacedWindow }: Group.Plan, rate: number): Partial<Feed.Options> => ({
  pace: { rate, burst: 1 },
  window: pacedWindow
})

const against = (
  peer: keyof typeof kinds,
  rate: string,
  target: number,
  feed: Partial<Feed.Options> = {}
): ReadonlyArray<UdpRows.Spec> => [
  { name: `${peer}, ${rate}`, feed: { kind: kinds[peer], format: "mdns6", ...feed } },
  {
    name: `ours mdns, ${rate}`,
    feed: { kind: "discovery", format: "mdns6", ...feed },
    against: `${peer}, ${rate}`,
    ratio: "cost",
    target: Row.ratioAtMost(target),
    isLossless: feed.pace !== undefined
  }
]
