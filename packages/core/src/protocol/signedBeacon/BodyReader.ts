/**
 * From octets to the body that they encode.
 */
import * as Attributes from "../../Attributes.ts"
import * as PeerKey from "../../PeerKey.ts"
import * as Text from "../internal/text.ts"
import * as Content from "./Content.ts"
import * as Ed25519 from "./Ed25519.ts"
import * as Endpoint from "./Endpoint.ts"
import * as Envelope from "./Envelope.ts"
import * as Tlv from "./Tlv.ts"
import * as Wording from "./Wording.ts"

/** The body of an envelope of this kind, `undefined` when it is none. */
export const read = (octets: Uint8Array, kind: Envelope.Kind): Content.Content | undefined => {
  const fields = octets.length > Envelope.maxBodyOctets ? undefined : Tlv.decode(octets)
  if (fields === undefined) return undefined
  switch (kind) {
    case "announce":
      return readAnnouncement(fields)
    case "goodbye":
    case "retire":
      return fields.length === 0 ? Content.empty : undefined
    case "challenge":
    case "proof":
      return readChallenge(fields)
  }
}

const readChallenge = (fields: ReadonlyArray<Tlv.Field>): Content.Content | undefined => {
  const [nonce, target] = fields
  if (fields.length !== 2 || nonce?.type !== Content.Type.nonce || target?.type !== Content.Type.target) {
    return undefined
  }
  if (nonce.value.length !== Content.nonceOctets || target.value.length !== PeerKey.byteLength) return undefined
  return {
    ...Content.empty,
    nonce: new Uint8Array(nonce.value),
    target: PeerKey.fromBytes(target.value)
  }
}

interface Draft {
  name?: string
  readonly services: Array<string>
  readonly endpoints: Array<Endpoint.Endpoint>
  readonly attributes: Map<string, Uint8Array>
  handshakeKey?: Uint8Array
  successor?: Content.Successor
}

const readAnnouncement = (fields: ReadonlyArray<Tlv.Field>): Content.Content | undefined => {
  const draft: Draft = { services: [], endpoints: [], attributes: new Map() }
  for (const field of fields) {
    if (!take(draft, field)) return undefined
  }
  return { ...draft, attributes: Attributes.make(draft.attributes) }
}

/** Adds a field; whether it is sound and not one too many. */
const take = (draft: Draft, { type, value }: Tlv.Field): boolean => {
  switch (type) {
    case Content.Type.name:
      return takeName(draft, value)
    case Content.Type.service:
      return takeService(draft, value)
    case Content.Type.endpoint4:
      return takeEndpoint(draft, value, 4)
    case Content.Type.endpoint6:
      return takeEndpoint(draft, value, 16)
    case Content.Type.attribute:
      return takeAttribute(draft, value)
    case Content.Type.handshakeKey:
      return takeHandshakeKey(draft, value)
    case Content.Type.successor:
      return takeSuccessor(draft, value)
    default:
      return type >= Content.Type.optional
  }
}

const takeName = (draft: Draft, value: Uint8Array): boolean => {
  const name = Text.fromUtf8(value)
  if (name === undefined || draft.name !== undefined || !Wording.isName(name)) return false
  draft.name = name
  return true
}

const takeService = ({ services }: Draft, value: Uint8Array): boolean => {
  const service = Text.fromUtf8(value)
  return service !== undefined && Wording.isService(service) && services.push(service) <= Content.maxServices
}

const takeEndpoint = ({ endpoints }: Draft, value: Uint8Array, addressOctets: 4 | 16): boolean => {
  const endpoint = Endpoint.decode(value, addressOctets)
  if (endpoint === undefined) return false
  endpoints.push(endpoint)
  return endpoints.filter(({ address }) => address._tag === endpoint.address._tag).length <= Content.maxEndpoints
}

const takeAttribute = ({ attributes }: Draft, value: Uint8Array): boolean => {
  const end = 1 + (value[0] ?? 0)
  const key = Text.fromUtf8(value.subarray(1, end))
  if (end > value.length || key === undefined || !Wording.isAttributeKey(key) || attributes.has(key)) return false
  return attributes.set(key, value.subarray(end)).size <= Content.maxAttributes
}

const takeHandshakeKey = (draft: Draft, value: Uint8Array): boolean => {
  if (draft.handshakeKey !== undefined || value.length !== Content.handshakeKeyOctets) return false
  draft.handshakeKey = new Uint8Array(value)
  return true
}

const takeSuccessor = (draft: Draft, value: Uint8Array): boolean => {
  if (draft.successor !== undefined || value.length !== PeerKey.byteLength + Ed25519.signatureOctets) return false
  draft.successor = {
    key: PeerKey.fromBytes(value.subarray(0, PeerKey.byteLength)),
    signature: new Uint8Array(value.subarray(PeerKey.byteLength))
  }
  return true
}
