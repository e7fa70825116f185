/**
 * The gate with signatures and seals that are real.
 */
import { Limits, PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify
} from "node:crypto"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Gate from "../../../src/protocol/signedBeacon/Gate.ts"
import * as Seal from "../../../src/protocol/signedBeacon/Seal.ts"
import * as Given from "../../internal/Given.ts"
import * as Fixtures from "./fixtures.ts"
import { epoch, options, origin, short } from "./given.ts"

const { fromHex } = Fixtures

const tagOf = (realm: string): Uint8Array =>
  createHash("sha256").update(Envelope.realmLabel(realm)).digest().subarray(0, Envelope.realmTagOctets)

const prefix = fromHex("302a300506032b6570032100")

const isGood = ({ key, message, signature }: Gate.Verify): boolean =>
  verify(
    null,
    message,
    createPublicKey({ key: Buffer.concat([prefix, key]), format: "der", type: "spki" }),
    signature
  )

const unseal = (sharedKey: Uint8Array, { header, salt, sealed }: Gate.Open): Uint8Array | undefined => {
  const key = createHmac("sha256", sharedKey).update(Seal.messageKeyInput(salt)).digest()
  const cipher = createDecipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: Seal.tagOctets })
  const ciphertext = sealed.subarray(0, -Seal.tagOctets)
  cipher.setAAD(header, { plaintextLength: ciphertext.length }).setAuthTag(sealed.subarray(ciphertext.length))
  try {
    return Buffer.concat([cipher.update(ciphertext), cipher.final()])
  } catch {
    return undefined
  }
}

/** A gate of a realm, and what it says of a datagram once its tickets are answered. */
const realGate = (overrides: Partial<Gate.Options> = {}) => {
  const realm = overrides.realm ?? "demo"
  const limits = Limits.make({ verifications: { perSecond: 1e6, burst: 1e6 } })
  const gate = Gate.make({ ...options, limits, realm, realmTag: tagOf(realm), ...overrides })
  const hear = (payload: Uint8Array): ReadonlyArray<Gate.Output> => {
    const out: Array<Gate.Output> = []
    Gate.receive(gate, { payload, origin: origin(), wallNow: epoch }, 0, out)
    for (const output of out) {
      if (output._tag === "Verify") Gate.verified(gate, output.ticket, isGood(output), 0, out)
      if (output._tag === "Open") {
        Gate.opened(gate, output.ticket, unseal(fromHex(Fixtures.sealed.sharedKey!), output), 0, out)
      }
    }
    return out.filter(({ _tag }) => _tag !== "Verify" && _tag !== "Open")
  }
  return { gate, hear }
}

const announce = fromHex(Fixtures.announce.hex)

describe("the vectors", () => {
  it("SA1 are taken in their order, and not in another", () => {
    const { gate, hear } = realGate()
    const [goodbye, successor] = [fromHex(Fixtures.goodbye.hex), fromHex(Fixtures.successor.hex)]
    const [accepted] = hear(announce)
    assert(accepted?._tag === "Accepted")
    Gate.trust(gate, accepted.key, "trusted", 0, [])

    assert.deepStrictEqual(short(hear(goodbye)), ["FloorRaised"])
    assert.deepStrictEqual(short(hear(successor)), ["FloorRaised", "Accepted", "RotationOffered"])
    assert.deepStrictEqual([announce, goodbye, successor].flatMap((one) => short(hear(one))), [
      "stale",
      "stale",
      "duplicate"
    ])
  })

  it("SA1 with any one bit flipped are refused", () => {
    const { hear } = realGate()
    for (let bit = 0; bit < announce.length * 8; bit++) {
      const flipped = new Uint8Array(announce)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      assert.deepStrictEqual(hear(flipped).map(({ _tag }) => _tag), ["Rejected"], `bit ${bit}`)
    }

    assert.deepStrictEqual(short(hear(announce)), ["Accepted"])
  })

  it("SA1 cut short, with an octet more, or of another realm are refused", () => {
    const { hear } = realGate()
    for (let length = 0; length < announce.length; length++) {
      assert.deepStrictEqual(short(hear(announce.subarray(0, length))), [length < 128 ? "size" : "format"])
    }

    assert.deepStrictEqual(short(hear(Buffer.concat([announce, new Uint8Array(1)]))), ["format"])
    assert.deepStrictEqual(short(realGate({ realm: "dema" }).hear(announce)), ["realm"])
    // even a realm with the same tag is another one
    assert.deepStrictEqual(short(realGate({ realm: "dema", realmTag: tagOf("demo") }).hear(announce)), ["signature"])
  })

  it("SG1 is opened with the key it names, and damaged is not", () => {
    const sealed = fromHex(Fixtures.sealed.hex)
    const ring = ["5288e8c3"]
    const { hear } = realGate({ ring })

    assert.deepStrictEqual(short(hear(sealed.with(100, sealed[100]! ^ 1))), ["seal"])
    assert.deepStrictEqual(short(hear(sealed.with(20, sealed[20]! ^ 1))), ["seal"])
    assert.deepInclude(hear(sealed)[0], { _tag: "Accepted", group: "5288e8c3" })
    assert.deepStrictEqual(short(realGate({ ring: ["00000000"] }).hear(sealed)), ["seal"])
  })

  it("a signature that only a lenient verifier takes is never verified", () => {
    const identity = new Uint8Array(32)
    identity[0] = 1
    const weak = new Uint8Array(announce)
    weak.set(identity, 16)
    weak.fill(0, -64).set(identity, weak.length - 64)

    assert.deepStrictEqual(short(realGate().hear(weak)), ["signature"])
  })
})

describe("real keys", () => {
  it("are told apart: what one has signed is not taken from another, nor twice", () => {
    const senders = Array.from({ length: 4 }, () => {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519")
      return { privateKey, key: PeerKey.fromBytes(publicKey.export({ format: "der", type: "spki" }).subarray(-32)) }
    })
    const { hear } = realGate()
    const dice = Given.dice(4)
    const sent: Array<Uint8Array> = []
    let accepted = 0
    for (let round = 0; round < 100; round++) {
      const [sender, other] = [dice.pick(senders), dice.pick(senders)]
      const signed = Envelope.encodeUnsigned({
        kind: "announce",
        isClocked: true,
        realmTag: tagOf("demo"),
        key: sender.key,
        stamp: { ms: epoch + round, counter: 0 },
        instance: 1,
        ttl: 90,
        body: Result.getOrThrow(Body.encode(Body.empty))
      })
      const payload = Envelope.encode(signed, sign(null, Envelope.signedInput("demo", signed), other.privateKey))
      const said = short([...hear(payload), ...sent.length > 0 ? hear(dice.pick(sent)) : []])
      const isAccepted = sender === other
      assert.strictEqual(said[0], isAccepted ? "Accepted" : "signature")
      assert.notInclude(said.slice(1), "Accepted")
      if (isAccepted) sent.push(payload)
      if (isAccepted) accepted++
    }

    assert.isAbove(accepted, 10)
  })
})
