/**
 * The sockets that a source sends from, by which it knows its own datagrams when it hears them.
 */

/** Their addresses without zones, by port: that alone tells nearly all others apart. */
export type Senders = Map<number, ReadonlyArray<string>>

export const make = (): Senders => new Map()

/** Whether a datagram from there is our own. */
export const has = (self: Senders, host: string, port: number): boolean => {
  const hosts = self.get(port)
  return hosts !== undefined && isAmong(hosts, withoutZone(host))
}

// there are one or two, and to hash a text that was just made costs more than to compare it
const isAmong = (hosts: ReadonlyArray<string>, host: string): boolean => {
  for (const each of hosts) if (each === host) return true
  return false
}

export const add = (self: Senders, host: string, port: number): void => {
  self.set(port, [...self.get(port) ?? [], host])
}

export const remove = (self: Senders, host: string, port: number): void => {
  const left = self.get(port)?.filter((each) => each !== host) ?? []
  if (left.length === 0) self.delete(port)
  else self.set(port, left)
}

// some write it as a name, some as a number
const withoutZone = (host: string): string => host.includes("%") ? host.replace(/%.*$/, "") : host
