/**
 * Where a claim came from.
 *
 * @since 0.1.0
 */

/**
 * The source, interface and source address that a claim was heard from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Provenance {
  /** The name of the source. */
  readonly source: string
  /** The name of the interface; empty where it came from no network. */
  readonly interface: string
  /** The address of the sender, without its port; empty where it came from no network. */
  readonly address: string
}
