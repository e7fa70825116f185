/**
 * What a name is by its domain: asked for by multicast or not (RFC 6762, sections 3 and 4), and that of an address or not.
 */
import * as Name from "../Name.ts"

const domain = (...labels: ReadonlyArray<string>): Name.Name => {
  const octets = labels.flatMap((label) => [label.length, ...Array.from(label, (letter) => letter.charCodeAt(0))])
  return Name.fromWire(Uint8Array.from([...octets, 0]))
}

/** `local`, and where the addresses of a link lead back to their hosts. */
const linkLocal: ReadonlyArray<Name.Name> = [
  domain("local"),
  domain("254", "169", "in-addr", "arpa"),
  ...["8", "9", "a", "b"].map((nibble) => domain(nibble, "e", "f", "ip6", "arpa"))
]

/** Whether a name has its meaning on one link only, so that multicast is the one way to ask for it. */
export const isLinkLocal = (name: Name.Name): boolean => linkLocal.some((domain) => Name.isWithin(name, domain))

const arpa = domain("arpa")

/** Whether a name is that of an address, from which a pointer leads back to its host. */
export const isReverse = (name: Name.Name): boolean => Name.isWithin(name, arpa)
