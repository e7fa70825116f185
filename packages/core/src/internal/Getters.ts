/**
 * Getters of a class that are made enumerable: as if they were fields, to whoever compares or prints its objects.
 */

/** Makes these getters of a prototype enumerable. */
export const expose = (prototype: object, ...properties: ReadonlyArray<string>): void => {
  for (const property of properties) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, property)!
    Object.defineProperty(prototype, property, { ...descriptor, enumerable: true })
  }
}
