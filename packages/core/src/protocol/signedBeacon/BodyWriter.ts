/**
 * From a body to the octets that encode it.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as Attributes from "../../Attributes.ts"
import * as PeerKey from "../../PeerKey.ts"
import * as Port from "../internal/port.ts"
import * as Text from "../internal/text.ts"
import * as Content from "./Content.ts"
import * as Ed25519 from "./Ed25519.ts"
import * as Endpoint from "./Endpoint.ts"
import * as Envelope from "./Envelope.ts"
import * as Label from "./Label.ts"
import * as Tlv from "./Tlv.ts"
import * as Wording from "./Wording.ts"

/** The octets of a body, or what of it cannot be said. */
export const write = (body: Content.Content): Uint8Array | Content.Fault => {
  const isChallenge = body.nonce !== undefined || body.target !== undefined
  const fault = isChallenge ? challengeFault(body) : announcementFault(body)
  if (fault !== undefined) return fault
  const octets = Tlv.encode(isChallenge ? challengeFields(body) : announcementFields(body))
  return octets.length > Envelope.maxBodyOctets
    ? { field: "body", limit: `at most ${Envelope.maxBodyOctets} octets in all` }
    : octets
}

const challengeFault = (body: Content.Content): Content.Fault | undefined => {
  if (body.nonce?.length !== Content.nonceOctets) return { field: "nonce", limit: `${Content.nonceOctets} octets` }
  if (body.target === undefined) return { field: "target", limit: "needed beside a nonce" }
  return announcementFields(body).length > 0 ? { field: "body", limit: "nothing beside nonce and target" } : undefined
}

const challengeFields = ({ nonce, target }: Content.Content): ReadonlyArray<Tlv.Field> => [
  { type: Content.Type.nonce, value: nonce! },
  { type: Content.Type.target, value: PeerKey.toBytes(target!) }
]

const announcementFault = (body: Content.Content): Content.Fault | undefined => {
  const { handshakeKey, name, successor } = body
  if (name !== undefined && !Wording.isName(name)) {
    return {
      field: "name",
      limit: `1 to ${Wording.maxNameOctets} octets of UTF-8 in the normal form NFC, no control characters`
    }
  }
  if (handshakeKey !== undefined && handshakeKey.length !== Content.handshakeKeyOctets) {
    return { field: "handshakeKey", limit: `${Content.handshakeKeyOctets} octets` }
  }
  if (successor !== undefined && successor.signature.length !== Ed25519.signatureOctets) {
    return { field: "successor", limit: `signed with ${Ed25519.signatureOctets} octets` }
  }
  return servicesFault(body) ?? endpointsFault(body) ?? attributesFault(body)
}

const servicesFault = ({ services }: Content.Content): Content.Fault | undefined => {
  if (!services.every(Wording.isService)) {
    return { field: "services", limit: `_name._tcp or _name._udp of at most ${Wording.maxServiceOctets} octets` }
  }
  return new Set(services).size > Content.maxServices
    ? { field: "services", limit: `at most ${Content.maxServices}` }
    : undefined
}

const endpointsFault = ({ endpoints }: Content.Content): Content.Fault | undefined => {
  if (!endpoints.every(({ port }) => Port.isPort(port))) {
    return { field: "endpoints", limit: "ports from 1 to 65535" }
  }
  const distinct = Tlv.distinct(endpoints.map(endpointField))
  return [Content.Type.endpoint4, Content.Type.endpoint6]
      .some((family) => distinct.filter(({ type }) => type === family).length > Content.maxEndpoints)
    ? { field: "endpoints", limit: `at most ${Content.maxEndpoints} of each family` }
    : undefined
}

const attributesFault = ({ attributes }: Content.Content): Content.Fault | undefined => {
  if (attributes.size > Content.maxAttributes) return { field: "attributes", limit: `at most ${Content.maxAttributes}` }
  if (![...attributes.keys()].every(Wording.isAttributeKey)) {
    return { field: "attributes", limit: `keys of 1 to ${Wording.maxKeyOctets} of a-z, 0-9, "-", "_" and "."` }
  }
  return attributeFields(attributes).some(({ value }) => value.length > Tlv.maxValueOctets)
    ? { field: "attributes", limit: `at most ${Tlv.maxValueOctets - 1} octets of key and value` }
    : undefined
}

const announcementFields = (body: Content.Content): ReadonlyArray<Tlv.Field> => {
  const { handshakeKey, name, successor } = body
  const fields = [
    ...body.services.map((service) => ({ type: Content.Type.service, value: Text.toUtf8(service) })),
    ...body.endpoints.map(endpointField),
    ...attributeFields(body.attributes)
  ]
  if (name !== undefined) fields.push({ type: Content.Type.name, value: Text.toUtf8(name) })
  if (handshakeKey !== undefined) fields.push({ type: Content.Type.handshakeKey, value: handshakeKey })
  if (successor !== undefined) {
    fields.push({
      type: Content.Type.successor,
      value: Label.concat(PeerKey.toBytes(successor.key), successor.signature)
    })
  }
  return fields
}

const endpointField = (endpoint: Endpoint.Endpoint): Tlv.Field => ({
  type: NetAddress.isIpv4Address(endpoint.address) ? Content.Type.endpoint4 : Content.Type.endpoint6,
  value: Endpoint.encode(endpoint)
})

const attributeFields = (attributes: Attributes.Attributes): Array<Tlv.Field> =>
  Array.from(attributes.keys(), (key) => {
    const octets = Text.toUtf8(key)
    return {
      type: Content.Type.attribute,
      value: Label.concat(Uint8Array.of(octets.length), octets, attributes.bytes(key)!)
    }
  })
