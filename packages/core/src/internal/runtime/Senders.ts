/**
 * The sockets that a source sends from, by which it knows its own datagrams when it hears them.
 */

/** Their addresses without zones, by port: that alone tells nearly all others apart. */
export type Senders = Map<number, Set<string>>

export const make = (): Senders => new Map()

/** Whether a datagram from there is our own. */
export const has = (self: Senders, host: string, port: number): boolean => {
  const hosts = self.get(port)
  return hosts !== undefined && hosts.has(withoutZone(host))
}

export const add = (self: Senders, host: string, port: number): void => {
  const hosts = self.get(port)
  if (hosts === undefined) self.set(port, new Set([host]))
  else hosts.add(host)
}

export const remove = (self: Senders, host: string, port: number): void => {
  const hosts = self.get(port)
  if (hosts?.delete(host) === true && hosts.size === 0) self.delete(port)
}

// some write it as a name, some as a number
const withoutZone = (host: string): string => host.includes("%") ? host.replace(/%.*$/, "") : host
