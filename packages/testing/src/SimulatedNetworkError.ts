/**
 * What a simulated network cannot do.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * No host of that name was ever mentioned.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownHost extends Schema.TaggedError<UnknownHost>("effect-discovery/SimulatedNetworkError/UnknownHost")(
  "UnknownHost",
  { host: Schema.String, known: Schema.Array(Schema.String) }
) {
  /**
   * Names the hosts there are.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `there is no host ${JSON.stringify(this.host)} on the simulated network: it has ${
      this.known.length === 0 ? "none" : this.known.join(", ")
    }. Hosts come to be with lan.host(name)`
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
      this.known.join(", ")
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
  { host: Schema.String, network: Schema.String, hosts: Schema.Finite }
) {
  /**
   * Says how many hosts fit.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `no address is left for host ${
      JSON.stringify(this.host)
    }: ${this.network} has room for ${this.hosts}. Make the network larger with the option \`network\``
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
 * What a simulated network cannot do.
 *
 * @category errors
 * @since 0.1.0
 */
export const Reason = Schema.Union([UnknownHost, UnknownInterface, NetworkFull, InvalidOption])

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
