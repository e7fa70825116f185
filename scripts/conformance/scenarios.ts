/**
 * The subtests of Apple's conformance tool, as public results of it name them, and the rows whose tests play them.
 */
export const scenarios: ReadonlyArray<readonly [name: string, ids: ReadonlyArray<string>]> = [
  ["initial probing", ["M-8.1-1", "M-8.1-3"]],
  ["simultaneous probe conflict", ["M-8.2-3", "M-8.2-4"]],
  ["rate limiting after 15 denials", ["M-8.1-11"]],
  ["probe denials", ["M-8.1-7", "M-8.1-8"]],
  ["winning simultaneous probes, and its announcements", ["M-8.2-4", "M-8.3-2"]],
  ["SRV probing and announcing", ["M-8.1-1", "M-8.3-1"]],
  ["subsequent conflict on A", ["M-9-1", "M-14-1"]],
  ["subsequent conflict on SRV, and its announcements", ["M-9-1", "M-9-2"]],
  ["simple reply, and its response time", ["M-6-10", "M-6-11"]],
  ["shared reply timing", ["M-6-12"]],
  ["duplicate suppression", ["M-7.1-1", "M-7.1-2"]],
  ["distributed duplicate suppression", ["M-7.4-1"]],
  ["multiple questions", ["M-6.3-1", "M-6.3-2"]],
  ["reply aggregation", ["M-6.4-1", "M-6.4-2"]],
  ["manual name change, and its announcements", ["M-8.4-1", "M-8.4-3"]],
  [
    "hot-plugging: probing, simultaneous, rate limiting, denials, winning, subsequent conflict on A and on SRV",
    ["M-8-1", "M-8.2-4", "M-8.1-11", "M-8.1-7", "M-9-1"]
  ],
  ["no duplicate records", ["X-23"]],
  ["required additional records", ["D-12.1-1", "D-12.2-1"]],
  ["legal characters in address names", ["D-4.1.1-4", "M-16-1"]],
  ["flush bit set in non-shared responses", ["M-10.2-5"]],
  ["flush bit not set in probe proposals", ["M-8.2-2"]],
  ["flush bit not set in unicast replies", ["M-6.7-4"]],
  ["unicast interoperability", ["M-6.7-1", "M-6.7-2"]],
  ["chattiness", ["X-24", "M-8.3-4"]],
  ["IP TTL 255", ["M-11-1"]],
  ["case change in queries and denials", ["X-14", "X-21"]],
  ["IPv6", ["M-20-1"]],
  ["link-local and routable peers", ["M-11-2", "M-11-4"]]
]
