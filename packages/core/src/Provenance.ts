/**
 * Where a claim came from.
 *
 * @since 0.1.0
 */

/**
 * The source, interface and source address that a claim was heard from. `interface` and `address` are empty for claims that came
 * from no network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Provenance {
  readonly source: string
  readonly interface: string
  readonly address: string
}
