/**
 * What a simulated network cannot do.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

// Of a thousand names the first few say enough.
const shown = 20

const listed = (names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "none"
  const rest = names.length > shown ? ` and ${names.length - shown} others` : ""
  return names.slice(0, shown).join(", ") + rest
}

/**
 * No host of that name was ever mentioned, or the topology has none.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownHost extends Schema.TaggedError<UnknownHost>("effect-discovery/SimulatedNetworkError/UnknownHost")(
  "UnknownHost",
  { host: Schema.String, known: Schema.Array(Schema.String), hasTopology: Schema.optional(Schema.Boolean) }
) {
  /**
   * Names the hosts there are.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `there is no host ${JSON.stringify(this.host)} on the simulated network: it has ${listed(this.known)}. ${
      this.hasTopology ? "Name it in the topology" : "Hosts come to be with lan.host(name)"
    }`
  }
}

/**
 * The host has no interface of that name.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownInterface
  extends Schema.TaggedError<UnknownInterface>("effect-discovery/SimulatedNetworkError/UnknownInterface")(
    "UnknownInterface",
    { host: Schema.String, interface: Schema.String, known: Schema.Array(Schema.String) }
  )
{
  /**
   * Names the interfaces there are.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `host ${JSON.stringify(this.host)} has no interface ${JSON.stringify(this.interface)}: it has ${
      listed(this.known)
    }`
  }
}

/**
 * Every address of the network is taken.
 *
 * @category errors
 * @since 0.1.0
 */
export class NetworkFull extends Schema.TaggedError<NetworkFull>("effect-discovery/SimulatedNetworkError/NetworkFull")(
  "NetworkFull",
  {
    host: Schema.String,
    network: Schema.String,
    hosts: Schema.Finite,
    /** The segment whose network it is, in a topology. */
    segment: Schema.optional(Schema.String)
  }
) {
  /**
   * Says how many hosts fit.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `no address is left for host ${
      JSON.stringify(this.host)
    }: ${this.network} has room for ${this.hosts}. Make the network ${
      this.segment === undefined ? "larger with the option `network`" : `of segment ${this.segment} larger`
    }`
  }
}

/**
 * An option has a value that means nothing.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidOption
  extends Schema.TaggedError<InvalidOption>("effect-discovery/SimulatedNetworkError/InvalidOption")("InvalidOption", {
    option: Schema.String,
    value: Schema.String,
    expected: Schema.String
  })
{
  /**
   * Says what was expected.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `${this.option} is ${this.expected}, not ${this.value}`
  }
}

/**
 * Something is said to be on a segment that the network does not have.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownSegment
  extends Schema.TaggedError<UnknownSegment>("effect-discovery/SimulatedNetworkError/UnknownSegment")(
    "UnknownSegment",
    { segment: Schema.String, host: Schema.String, known: Schema.Array(Schema.String) }
  )
{
  /**
   * Names the segments there are.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `host ${JSON.stringify(this.host)} is on a segment ${
      JSON.stringify(this.segment)
    } that the network does not have: it has ${listed(this.known)}`
  }
}

/**
 * Two segments have the same name, or two hosts. A router is a host.
 *
 * @category errors
 * @since 0.1.0
 */
export class DuplicateName
  extends Schema.TaggedError<DuplicateName>("effect-discovery/SimulatedNetworkError/DuplicateName")("DuplicateName", {
    kind: Schema.Literals(["segment", "host", "interface"]),
    name: Schema.String
  })
{
  /**
   * Names the name.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `there are two ${this.kind}s ${JSON.stringify(this.name)}: each needs a name of its own`
  }
}

/**
 * Two interfaces of a segment are given the same address. A conflict of addresses can be provoked while the network runs.
 *
 * @category errors
 * @since 0.1.0
 */
export class AddressTaken
  extends Schema.TaggedError<AddressTaken>("effect-discovery/SimulatedNetworkError/AddressTaken")("AddressTaken", {
    address: Schema.String,
    segment: Schema.String,
    host: Schema.String
  })
{
  /**
   * Names the address.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `host ${JSON.stringify(this.host)} is given ${this.address}, which another host on segment ${
      JSON.stringify(this.segment)
    } has`
  }
}

/**
 * An interface is given an address that is not of its segment's network.
 *
 * @category errors
 * @since 0.1.0
 */
export class AddressOutside
  extends Schema.TaggedError<AddressOutside>("effect-discovery/SimulatedNetworkError/AddressOutside")(
    "AddressOutside",
    {
      address: Schema.String,
      host: Schema.String,
      segment: Schema.String,
      networks: Schema.Array(Schema.String)
    }
  )
{
  /**
   * Names the networks of the segment.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `host ${JSON.stringify(this.host)} is given ${this.address} on segment ${
      JSON.stringify(this.segment)
    }, whose network is ${this.networks.join(" and ")}`
  }
}

/**
 * A router stands between fewer than two segments.
 *
 * @category errors
 * @since 0.1.0
 */
export class RouterTooNarrow
  extends Schema.TaggedError<RouterTooNarrow>("effect-discovery/SimulatedNetworkError/RouterTooNarrow")(
    "RouterTooNarrow",
    { router: Schema.String, segments: Schema.Array(Schema.String) }
  )
{
  /**
   * Names its segments.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `router ${JSON.stringify(this.router)} stands between two segments or more, not ${
      this.segments.length === 0 ? "none" : `only ${this.segments.join(", ")}`
    }`
  }
}

/**
 * A route leads by a gateway or an interface that its host cannot reach, or by none.
 *
 * @category errors
 * @since 0.1.0
 */
export class ImpossibleRoute
  extends Schema.TaggedError<ImpossibleRoute>("effect-discovery/SimulatedNetworkError/ImpossibleRoute")(
    "ImpossibleRoute",
    { host: Schema.String, to: Schema.String, expected: Schema.String }
  )
{
  /**
   * Says what was expected.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `the route of host ${JSON.stringify(this.host)} to ${this.to} needs ${this.expected}`
  }
}

/**
 * What a simulated network cannot do.
 *
 * @category errors
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  UnknownHost,
  UnknownInterface,
  UnknownSegment,
  DuplicateName,
  AddressTaken,
  AddressOutside,
  RouterTooNarrow,
  ImpossibleRoute,
  NetworkFull,
  InvalidOption
])

/**
 * What a simulated network cannot do.
 *
 * @category errors
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * A simulated network was asked for something impossible: a mistake in the test.
 *
 * @category errors
 * @since 0.1.0
 */
export class SimulatedNetworkError
  extends Schema.TaggedError<SimulatedNetworkError>("effect-discovery/SimulatedNetworkError")("SimulatedNetworkError", {
    reason: Reason
  })
{
  /**
   * The message of the reason.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return this.reason.message
  }
}
