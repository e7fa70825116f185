/**
 * Faults as plain data: what goes wrong, to whom, when and for how long.
 *
 * A `FaultEvent` can be generated, stored, shrunk and replayed; `lan.faults.apply` puts one to work, `lan.faults.play` a whole schedule. All
 * times are milliseconds.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Link from "./Link.ts"

/**
 * Which datagrams a fault is about: those of which everything holds that is named, so `{}` means all.
 *
 * **Details**
 *
 * `from` and `to` are names of hosts; a multicast is matched for each receiver by itself. `group` is the destination's address, whatever its
 * kind. `port` is the destination's.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Match = Schema.Struct({
  from: Schema.optional(Schema.String),
  to: Schema.optional(Schema.String),
  group: Schema.optional(Schema.String),
  port: Schema.optional(Schema.Finite),
  isMulticast: Schema.optional(Schema.Boolean)
})

/**
 * Which datagrams a fault is about.
 *
 * @category models
 * @since 0.1.0
 */
export interface Match extends Schema.Schema.Type<typeof Match> {}

/**
 * Which links a fault is about: one direction between two hosts, all that a host sends or gets, or with nothing named all links.
 *
 * **Details**
 *
 * `host` is both directions of one host. `segment` leaves only the links of that segment.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Target = Schema.Struct({
  from: Schema.optional(Schema.String),
  to: Schema.optional(Schema.String),
  host: Schema.optional(Schema.String),
  segment: Schema.optional(Schema.String)
})

/**
 * Which links a fault is about.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target extends Schema.Schema.Type<typeof Target> {}

/**
 * Socket calls that can be made to fail.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Operation = Schema.Literals(["bind", "connect", "join", "send"])

/**
 * A socket call that can be made to fail.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = typeof Operation.Type

/**
 * Codes with which a socket call can be made to fail. What each becomes in the library: UDP semantics, section 14.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Code = Schema.Literals([
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "EINVAL",
  "EMFILE",
  "EMSGSIZE",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOBUFS",
  "ENODEV",
  "EPERM"
])

/**
 * A code with which a socket call can be made to fail.
 *
 * @category models
 * @since 0.1.0
 */
export type Code = typeof Code.Type

const Order = Schema.Literals(["fifo", "reverse", "random"])

/**
 * In which order held datagrams go on: as they came, the other way round, or as the seed has it.
 *
 * @category models
 * @since 0.1.0
 */
export type Order = typeof Order.Type

const when = {
  /** Milliseconds after the schedule began. */
  at: Schema.optional(Schema.Finite),
  /** Milliseconds; without it a fault lasts until its scope closes. */
  for: Schema.optional(Schema.Finite)
}

/**
 * A fault.
 *
 * **Details**
 *
 * `at` is when it begins, in milliseconds after the schedule did, and `for` how long it lasts; without `for` it lasts until its scope closes. `docs/faults.md` tells
 * of each what it mimics.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FaultEvent = Schema.Union([
  Schema.TaggedStruct("Partition", { ...when, groups: Schema.Array(Schema.Array(Schema.String)) }),
  Schema.TaggedStruct("Cut", { ...when, from: Schema.String, to: Schema.String }),
  Schema.TaggedStruct("Link", { ...when, ...Target.fields, link: Link.Link }),
  Schema.TaggedStruct("Loss", { ...when, ...Target.fields, probability: Schema.Finite }),
  Schema.TaggedStruct("Duplicate", { ...when, ...Target.fields, probability: Schema.Finite }),
  Schema.TaggedStruct("Reorder", {
    ...when,
    ...Target.fields,
    probability: Schema.Finite,
    gap: Schema.optional(Schema.Finite),
    within: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("Corrupt", {
    ...when,
    ...Target.fields,
    probability: Schema.Finite,
    mode: Schema.optional(Schema.Literals(["drop", "deliver"]))
  }),
  Schema.TaggedStruct("Hold", {
    ...when,
    match: Match,
    order: Schema.optional(Order),
    limit: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("Replay", {
    ...when,
    match: Match,
    delay: Schema.Finite,
    copies: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("Snooping", { ...when, segment: Schema.optional(Schema.String), after: Schema.Finite }),
  Schema.TaggedStruct("DuplicateAddress", { ...when, owner: Schema.String, thief: Schema.String }),
  Schema.TaggedStruct("Firewall", {
    ...when,
    host: Schema.String,
    in: Schema.optional(Schema.Literals(["allow", "drop"])),
    out: Schema.optional(Schema.Literals(["allow", "drop", "EPERM"])),
    port: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("Errno", {
    ...when,
    host: Schema.String,
    operation: Operation,
    code: Code,
    times: Schema.optional(Schema.Finite),
    probability: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("InterfaceDown", { ...when, host: Schema.String, interface: Schema.String }),
  Schema.TaggedStruct("CarrierLoss", { ...when, host: Schema.String, interface: Schema.String }),
  Schema.TaggedStruct("AddressChange", {
    ...when,
    host: Schema.String,
    interface: Schema.String,
    address: Schema.String
  }),
  Schema.TaggedStruct("Crash", { ...when, host: Schema.String }),
  Schema.TaggedStruct("Restart", { ...when, host: Schema.String }),
  Schema.TaggedStruct("Pause", {
    ...when,
    host: Schema.String,
    mode: Schema.optional(Schema.Literals(["gc", "sleep"])),
    duration: Schema.Finite
  }),
  Schema.TaggedStruct("ClockSkew", { ...when, host: Schema.String, offset: Schema.Finite }),
  Schema.TaggedStruct("ClockDrift", { ...when, host: Schema.String, ppm: Schema.Finite }),
  Schema.TaggedStruct("ClockJump", { ...when, host: Schema.String, by: Schema.Finite })
])

/**
 * A fault.
 *
 * @category models
 * @since 0.1.0
 */
export type FaultEvent = typeof FaultEvent.Type

/**
 * The kinds of faults.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = FaultEvent["_tag"]

/**
 * The names of all kinds of faults, for generators and for the coverage of a campaign.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds: ReadonlyArray<Kind> = FaultEvent.members.map((member) => member.fields._tag.schema.literal)
