/**
 * Decoders of other libraries, as far as they are installed.
 */
import * as Peers from "../peers.ts"

type Decode = (payload: Buffer) => unknown

/** How each reads a message of mDNS. */
export const mdns = (): ReadonlyMap<Peers.Name, Decode> =>
  installed([["@dnsquery/dns-packet", dnsquery], ["@homebridge/ciao", ciao]])

/** How each reads what Syncthing's discovery says. */
export const syncthing = (): ReadonlyMap<Peers.Name, Decode> => installed([["protobufjs", protobuf]])

const installed = (
  decoders: ReadonlyArray<readonly [name: Peers.Name, load: () => Decode]>
): ReadonlyMap<Peers.Name, Decode> =>
  new Map(decoders.flatMap(([name, load]) => Peers.isInstalled(name) ? [[name, load()] as const] : []))

const dnsquery = (): Decode => Peers.load<{ readonly decode: Decode }>("@dnsquery/dns-packet").decode

const ciao = (): Decode => {
  // it knows the types of records once it is loaded as a whole
  Peers.load("@homebridge/ciao")
  const { DNSPacket } = Peers.load<{
    readonly DNSPacket: { readonly decode: (context: object, payload: Buffer) => unknown }
  }>("@homebridge/ciao", "/lib/coder/DNSPacket.js")
  const context = { address: "127.1.0.1", family: "IPv4", port: 5_353 }
  return (payload) => DNSPacket.decode(context, payload)
}

interface Protobuf {
  readonly parse: (text: string) => {
    readonly root: { readonly lookupType: (name: string) => { readonly decode: (payload: Uint8Array) => unknown } }
  }
}

const announce = `
syntax = "proto3";
message Announce {
  bytes id = 1;
  repeated string addresses = 2;
  int64 instance_id = 3;
}`

// the message comes after four octets that say what it is
const protobuf = (): Decode => {
  const type = Peers.load<Protobuf>("protobufjs").parse(announce).root.lookupType("Announce")
  return (payload) => type.decode(payload.subarray(4))
}
