/**
 * Ports that somebody can be reached at.
 *
 * @since 0.1.0
 */

export const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535

/** What `isPort` asks for, to be told to the program. */
export const limit = "1 to 65535"
