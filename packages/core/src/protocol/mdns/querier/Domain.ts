/**
 * Which names are asked for by multicast (RFC 6762, sections 3 and 4).
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
