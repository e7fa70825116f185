import { DiscoveryError } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const where = { source: "peerage", endpoint: "230.1.1.1:45900", interface: "eth0" }

const unavailable = (cause: unknown) => new DiscoveryError.EndpointUnavailable({ ...where, cause })
const failed = (cause: unknown) => new DiscoveryError.SourceFailed({ source: "peerage", cause })

const messages: ReadonlyArray<readonly [DiscoveryError.Reason, string]> = [
  [
    new DiscoveryError.AddressInUse({ ...where, cause: new Error("bind EADDRINUSE") }),
    "peerage cannot listen on 230.1.1.1:45900 (eth0): another program holds the port without sharing it. " +
    "Stop that program, or let it set address reuse (SO_REUSEADDR)."
  ],
  [
    new DiscoveryError.PermissionDenied({ ...where, cause: new Error("bind EACCES") }),
    "peerage may not open 230.1.1.1:45900 (eth0). Allow UDP for this program, or choose a port above 1023."
  ],
  [
    new DiscoveryError.NoUsableInterface({ source: "peerage", available: ["lo", "docker0"] }),
    "peerage found no usable network interface (up are lo, docker0). Connect to a network, or select one with the option " +
    "`interfaces`, for example NetworkInterface.isLoopback."
  ],
  [
    new DiscoveryError.NoUsableInterface({ source: "peerage", available: [] }),
    "peerage found no usable network interface (none is up). Connect to a network, or select one with the option " +
    "`interfaces`, for example NetworkInterface.isLoopback."
  ],
  [
    unavailable(new Error("addMembership ENODEV")),
    "peerage cannot use 230.1.1.1:45900 on eth0: addMembership ENODEV. " +
    "Check that the interface is up and has an address and a route to the group."
  ],
  [
    unavailable(new Error("bind EMFILE 230.1.1.1:45900")),
    "peerage cannot use 230.1.1.1:45900 on eth0: bind EMFILE 230.1.1.1:45900. " +
    "Close what the program has open and does not need, or let it open more files (ulimit -n)."
  ],
  [
    failed(new Error("connection lost")),
    "The source peerage has failed for good: connection lost. Mend what made it fail, and restart the discovery layer."
  ],
  [
    new DiscoveryError.SourceFailed({ source: "mdns", advice: "Give it more time", cause: new Error("ENODEV") }),
    "The source mdns has failed for good: ENODEV. Give it more time."
  ],
  [
    new DiscoveryError.InvalidAnnouncement({ source: "peerage", field: "name", limit: "at most 255 octets" }),
    "peerage cannot announce this: name must be at most 255 octets. Nothing was sent."
  ],
  [
    new DiscoveryError.InvalidName({ source: "mdns", name: "http", limit: "a service type such as _http._tcp" }),
    "mdns cannot ask for \"http\": it must be a service type such as _http._tcp. Nothing was sent."
  ],
  [
    new DiscoveryError.AddressInUse({
      source: "mdns",
      endpoint: "224.0.0.251:5353",
      interface: "eth0",
      advice: "Let that program share it",
      cause: new Error("bind EADDRINUSE")
    }),
    "mdns cannot listen on 224.0.0.251:5353 (eth0): another program holds the port without sharing it. " +
    "Let that program share it."
  ],
  [
    new DiscoveryError.Unsupported({ operation: "Advertising", advice: "Add a source that can announce." }),
    "Advertising is not possible here. Add a source that can announce."
  ]
]

const sentences = (message: string): number => message.split(/(?<=[.!?]) /).length

describe("message", () => {
  it.each(messages)("%s says what to do", (reason, message) => {
    assert.strictEqual(DiscoveryError.make(reason).message, message)
    assert.strictEqual(sentences(message), 2)
  })

  it("every reason has been looked at", () => {
    const tags = DiscoveryError.Reason.members.map((member) => member.fields._tag.schema.literal)

    assert.sameMembers(tags, Array.from(new Set(messages.map(([{ _tag }]) => _tag))))
  })

  it("is one line of two sentences, whatever the cause says", () => {
    const cause = new Error("bind failed.\n  at listen (node:net:1)\r\n\u2028see the log. Then try again.")

    for (const { message } of [unavailable(cause), failed(cause), failed(DiscoveryError.make(unavailable(cause)))]) {
      assert.notMatch(message, /[\r\n\u2028\u2029]/)
      assert.strictEqual(sentences(message), 2, message)
    }
  })

  it("leaves out the interface where there is none in particular", () => {
    const worker = { source: "ppspp", endpoint: "port 6778", interface: "", cause: new Error("no") }
    const reasons = [
      new DiscoveryError.AddressInUse(worker),
      new DiscoveryError.PermissionDenied(worker),
      new DiscoveryError.EndpointUnavailable(worker)
    ]

    assert.deepStrictEqual(reasons.map(({ message }) => message.slice(0, message.search(/: |\. /))), [
      "ppspp cannot listen on port 6778",
      "ppspp may not open port 6778",
      "ppspp cannot use port 6778"
    ])
  })

  it("is there for causes that are no error", () => {
    for (const cause of [undefined, null, "", "gone", 7, Symbol("gone"), { why: "gone" }, Object.create(null)]) {
      assert.match(failed(cause).message, /^The source peerage has failed for good: .+\. Mend /)
    }
  })
})

describe("make", () => {
  it.effect("an error can be caught by its reason, with the native cause", () =>
    Effect.gen(function*() {
      const cause = new Error("ENODEV")
      const caught = yield* Effect.fail(DiscoveryError.make(unavailable(cause))).pipe(
        Effect.catchReason("DiscoveryError", "EndpointUnavailable", (reason) => Effect.succeed(reason.cause))
      )

      assert.strictEqual(caught, cause)
    }))
})
