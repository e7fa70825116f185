/**
 * What the system dropped for want of room in a socket's buffer.
 */
import { readFileSync } from "node:fs"

/** Datagrams dropped so far of all sockets on a port; throws where the system does not tell. */
export const at = (port: number): number => {
  try {
    return parse(readFileSync("/proc/net/udp", "utf8"), port)
  } catch (cause) {
    throw new Error("only Linux tells what it dropped", { cause })
  }
}

/** The same from the text that Linux gives: a line for each socket, its local port in hexadecimal, its drops at the end. */
export const parse = (text: string, port: number): number => {
  const hex = port.toString(16).toUpperCase().padStart(4, "0")
  const lines = text.matchAll(new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex} .* (\\d+) *$`, "gm"))
  return Array.from(lines, ([, drops]) => Number(drops)).reduce((total, drops) => total + drops, 0)
}
