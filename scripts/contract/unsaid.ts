/**
 * What Linux does and the text of a rule does not tell, found by random programs on real sockets. Each is held by a test of
 * `packages/testing/test/rules/fuzzed.test.ts`.
 */
export const unsaid: ReadonlyArray<readonly [rule: number, what: string]> = [
  [8, "The broadcast address of an interface that is down cannot be bound: `EADDRNOTAVAIL`."],
  [9, "A dual-stack socket that is connected by IPv6 is still in the way of an IPv4 wildcard bound after it."],
  [10, "Of several sockets on a port the one bound last decides whether another may share it."],
  [11, "Interface-local groups, `ff01::`, take a zone as link-local ones do."],
  [20, "An IPv6 socket with `reusePort` is looked at after those without, and the first bound of them first."],
  [21, "Only sockets that hear the same families take turns: a dual-stack one and one of IPv6 alone do not."],
  [28, "On a socket bound to an address, `0.0.0.0` is that address, not 127.0.0.1."],
  [29, "It is so for IPv4 alone: what comes from `::1` leaves the host, and whoever gets it drops it."],
  [29, "Nor does the sending host hear such a datagram to a group, except on its loopback interface."],
  [35, "That there is no route is told before that a datagram is too large."],
  [68, "A socket that is bound to a broadcast address sends from the address of the interface."],
  [70, "With the interface gone but the bound address still there (127.0.0.1, say), the failure is `ENODEV`."],
  [
    71,
    "What has to be sent to an IPv6 group in fragments does not reach the host itself by an interface without carrier."
  ],
  [74, "With a ttl of 0 an IPv4 datagram does leave a host that has not joined the group on that interface."],
  [80, "Connecting to a link-local group takes an interface: `EINVAL` without a zone or an interface to send by."],
  [96, "For IPv6 the first means the one joined last."],
  [
    96,
    "Leaving an IPv4 group without an interface leaves it on the one that a route leads to: `ENODEV` without a route, `EADDRNOTAVAIL` where the socket did not join it."
  ],
  [
    98,
    "On an interface that is down, groups and 255.255.255.255 are sent without an error, and lost, where only the bound address leads there."
  ],
  [98, "A host that has lost its address of a network does not hear that network's broadcast address."],
  [98, "A socket that is bound to an IPv6 address which was removed still sends from it, wherever a route leads."],
  [98, "One that is bound to an IPv4 address which was removed cannot send to the host itself either: `ENETUNREACH`."],
  [
    98,
    "A socket that is bound with a zone stays with that interface: once it is deleted every send without a zone fails with `ENETUNREACH`, also when one of the same name has come."
  ]
]
