/** What passes between nodes beside announcements. */
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Json from "../../../src/protocol/internal/json.ts"
import * as Wire from "../../../src/protocol/jsonBeacon/Wire.ts"
import { fromText } from "../../protocol/vectors.ts"
import * as JsonMutation from "../JsonMutation.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const [nonce, key, token] = ["0123456789abcdef", "00000000000000ff", "ff00000000000000"]

const told = Array.from({ length: 4 }, (_, index) => ({
  announcement: { name: `host ${index}`, identity: `id ${index}`, port: 8_080, attributes: { role: "é" } },
  origin: index === 0 ? undefined : index === 1 ? "fe80::1" : `10.0.0.${index}`,
  until: 60_000
}))

export const corpus = [
  Wire.ask(nonce),
  Wire.offer(nonce),
  Wire.want({ nonce, key, token, pages: [1, 2, 3] }),
  Wire.want({ nonce, key, token: undefined, pages: [0] }),
  Wire.page({ key, token, at: 0, of: 2 }, Wire.paginate(told)[0]!, 0)
]

const words = [
  `"username":"x"`,
  `"token":"${token}"`,
  `"pages":[0,4095]`,
  `"from":"10.0.0.9"`,
  `"ttl":1e999`,
  "[[[[[[[["
]
  .map(fromText)

const values: ReadonlyArray<unknown> = [
  [null, true, 0, -1, 1, 0.5, 4_095, 4_096, 1e300, "", nonce, nonce.toUpperCase(), "é", "10.0.0.1", "::1", "x"],
  [[], {}, [0], Array.from({ length: 17 }, (_, index) => index), [{ username: "ada", id: "ada", ttl: 9 }]]
].flat()

const names = ["ask", "offer", "want", "page", "key", "token", "pages", "at", "of", "peers", "from", "ttl", "__proto__"]

const inputs = (seed: number) => {
  const objects = corpus.map((octets): unknown => JSON.parse(Buffer.from(octets).toString("utf8")))
  const json = JsonMutation.make({ seed, corpus: objects, values, names })
  return Mutation.inTurn([Mutation.make({ seed, corpus, words, maxLength: 1_472 }), () => fromText(json())])
}

const decode = (payload: Uint8Array) => {
  const parsed = Json.parse(payload)
  return Result.isFailure(parsed) ? undefined : Wire.read(parsed.success, payload.length)
}

const judge = (read: ReturnType<typeof decode>): string => {
  if (read === undefined) return "none"
  if (Result.isFailure(read)) return read.failure
  const message = read.success
  const again = Result.getOrThrow(decode(write(message))!)
  Target.agree(plain(again), plain(message), "changed by being written")
  return message._tag
}

const write = (message: Wire.Message): Uint8Array => {
  switch (message._tag) {
    case "Ask":
      return Wire.ask(message.nonce)
    case "Offer":
      return Wire.offer(message.nonce)
    case "Want":
      return Wire.want(message)
    case "Page": {
      const entries = message.peers.flatMap(({ announcement, from, ttl }) =>
        Wire.paginate([{
          announcement,
          origin: from && NetAddress.formatIp(from),
          until: Math.ceil(ttl / 1_000) * 1_000
        }])
          .flat()
      )
      return Wire.page(message, entries, 0)
    }
  }
}

// how long a request is and who asks first is no part of what it says, and a second is the least that is told
const plain = (message: Wire.Message): unknown =>
  message._tag === "Want"
    ? { ...message, octets: 0 }
    : message._tag === "Page"
    ? {
      ...message,
      peers: message.peers.map(({ announcement: { identity, name, port }, from, ttl }) => ({
        identity,
        name,
        port,
        from: from && NetAddress.formatIp(from),
        ttl: Math.ceil(ttl / 1_000)
      }))
    }
    : message

export const target = Target.make({
  name: "json-talk",
  inputs,
  decode,
  judge,
  outcomes: ["none", "ask", "offer", "want", "page", "Ask", "Offer", "Want", "Page"]
})
