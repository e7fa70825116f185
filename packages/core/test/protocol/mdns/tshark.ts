/** What tshark reads in DNS messages. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Why tshark cannot be asked; `undefined` when it can. */
export const missing: string | undefined = spawnSync("tshark", ["--version"]).status === 0
  ? undefined
  : "tshark is not installed"

/** The fields of each message, as one line of text. */
export const read = (messages: ReadonlyArray<Uint8Array>, fields: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "mdns-"))
  try {
    const file = join(folder, "messages.pcap")
    writeFileSync(file, capture(messages))
    const parameters = ["-r", file, "-N", "n", "-T", "fields", ...fields.flatMap((field) => ["-e", field])]
    const { status, stderr, stdout } = spawnSync("tshark", parameters, { encoding: "utf8", timeout: 50_000 })
    if (status !== 0) throw new Error(stderr)
    return stdout.split("\n").slice(0, -1)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// a pcap file whose packets begin with the IPv4 header (link type 101)
const capture = (messages: ReadonlyArray<Uint8Array>): Buffer => {
  const header = Buffer.alloc(24)
  header.writeUInt32BE(0xa1b2c3d4)
  header.writeUInt16BE(2, 4)
  header.writeUInt16BE(4, 6)
  header.writeUInt32BE(0xffff, 16)
  header.writeUInt32BE(101, 20)
  return Buffer.concat([header, ...messages.flatMap(packet)])
}

const packet = (message: Uint8Array): ReadonlyArray<Uint8Array> => {
  const length = 28 + message.length
  const frame = Buffer.alloc(16)
  frame.writeUInt32BE(length, 8)
  frame.writeUInt32BE(length, 12)
  const headers = Buffer.from("4500000000000000011100000a4d0001e00000fb14e914e900000000", "hex")
  headers.writeUInt16BE(length, 2)
  headers.writeUInt16BE(8 + message.length, 24)
  return [frame, headers, message]
}
