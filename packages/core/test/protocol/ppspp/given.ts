/** Vectors of the wire formats, section 9: the swarm, the channels and the datagrams. */
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Vectors from "../vectors.ts"

export const id = "c89800bfc82ed01ed6e3bfd5408c51274491f7d4"
export const swarm = Swarm.make({ id, hash: "sha-1" })
export const initiator = 0xef1961d4
export const responder = 0x8ba57ecb

export const request = Vectors.fromHex(
  `00000000 00 ef1961d4 0001 0101 020014 ${id} 0301 0400 0602 0900000400 ff`.replaceAll(" ", "")
)
export const answer = Vectors.fromHex("ef1961d4008ba57ecb00010301040006020900000400ff")
export const close = Vectors.fromHex("8ba57ecb0000000000ff")
export const keepAlive = Vectors.fromHex("8ba57ecb")
export const have = Vectors.fromHex("03000000000000000f")
export const haveBin = Vectors.fromHex("0300000001")
/** Without a channel before it, and without a chunk size. */
export const packed = Vectors.fromHex(`00ef1961d400010101020014${id}030104000602ff`)
