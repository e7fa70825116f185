/**
 * What counts as one sender when somebody may be forging many.
 */

/** The origin of a source address: itself, or for IPv6 its /64, since a host may take any address of that. */
export const of = (host: string): string => {
  if (!host.includes(":")) return host
  const [head = "", tail = ""] = host.replace(/%.*$/, "").split("::")
  const groups = head === "" ? [] : head.split(":")
  const rest = tail === "" ? [] : tail.split(":")
  while (groups.length + rest.length < 8) groups.push("0")
  return [...groups, ...rest].slice(0, 4).join(":")
}
