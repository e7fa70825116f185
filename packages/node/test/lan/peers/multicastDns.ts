/**
 * multicast-dns as a peer: packets and nothing else, IPv4 only. What it does as a responder and a browser is what programs that use it do: it
 * probes nothing, sets no cache-flush bit, answers at once and by multicast, and asks every second.
 *
 * usage: node multicastDns.ts HOST ADDRESS
 */
import { createRequire } from "node:module"
import * as Lines from "./lines.ts"

interface Record {
  readonly name: string
  readonly type: string
  readonly ttl?: number
  readonly data: unknown
}

interface Packet {
  readonly questions: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly answers: ReadonlyArray<Record>
  readonly additionals: ReadonlyArray<Record>
}

// it has no types of its own
interface MulticastDns {
  readonly on: (event: "query" | "response", listener: (packet: Packet) => void) => void
  readonly query: (name: string, type: string) => void
  readonly respond: (packet: Partial<Packet>, callback?: () => void) => void
  readonly destroy: (callback: () => void) => void
}

const makeMulticastDns = createRequire(import.meta.url)("multicast-dns") as () => MulticastDns

const [host = "raw", address = "10.77.0.2"] = process.argv.slice(2)
const mdns = makeMulticastDns()

interface Service {
  readonly name: string
  readonly type: string
  readonly port: number
  readonly txt: Lines.Txt
  readonly ttl?: number
}

const published = new Map<string, Service>()

const recordsOf = ({ name, port, ttl = 120, txt, type }: Service): ReadonlyArray<Record> => {
  const instance = `${name}.${type}.local`
  return [
    { name: `${type}.local`, type: "PTR", ttl, data: instance },
    { name: instance, type: "SRV", ttl, data: { port, target: `${host}.local` } },
    { name: instance, type: "TXT", ttl, data: Lines.toStrings(txt) },
    { name: `${host}.local`, type: "A", ttl: 120, data: address }
  ]
}

mdns.on("query", ({ questions }) => {
  const asks = ({ name, type }: Record) =>
    questions.some((question) =>
      question.name.toLowerCase() === name.toLowerCase() && (question.type === type || question.type === "ANY")
    )
  for (const service of published.values()) {
    const records = recordsOf(service)
    if (records.some(asks)) mdns.respond({ answers: records })
  }
})

const announce = (service: Service): void => mdns.respond({ answers: recordsOf(service) })

const browsed = new Set<string>()
const cache = new Map<string, Record>()
const told = new Map<string, string>()

const key = ({ data, name, type }: Record): string =>
  `${type} ${name.toLowerCase()}${type === "PTR" || type === "A" || type === "AAAA" ? ` ${String(data)}` : ""}`

const instances = (): ReadonlyArray<string> =>
  [...cache.values()].flatMap(({ data, name, type }) => type === "PTR" && browsed.has(name) ? [String(data)] : [])

const addressesOf = (target: string): ReadonlyArray<string> =>
  [...cache.values()].flatMap(({ data, name, type }) =>
    (type === "A" || type === "AAAA") && name.toLowerCase() === target.toLowerCase() ? [String(data)] : []
  )

const labelOf = (instance: string): string => instance.slice(0, instance.search(/\._[^.]+\._(tcp|udp)\./))

mdns.on("response", ({ additionals, answers }) => {
  for (const record of [...answers, ...additionals]) {
    if (record.ttl === 0) cache.delete(key(record))
    else cache.set(key(record), record)
  }
  const present = instances()
  for (const instance of present) {
    const srv = cache.get(`SRV ${instance.toLowerCase()}`)?.data as { port: number; target: string } | undefined
    const txt = cache.get(`TXT ${instance.toLowerCase()}`)?.data as ReadonlyArray<Buffer> | undefined
    const addresses = srv === undefined ? [] : addressesOf(srv.target)
    if (srv === undefined || txt === undefined || addresses.length === 0) continue
    const name = labelOf(instance)
    const line = { name, host: srv.target, port: srv.port, addresses, txt: Lines.fromStrings(txt) }
    if (told.get(instance) === JSON.stringify(line)) continue
    told.set(instance, JSON.stringify(line))
    Lines.tell({ tell: "seen", ...line })
  }
  for (const instance of told.keys()) {
    if (present.includes(instance)) continue
    told.delete(instance)
    Lines.tell({ tell: "gone", name: labelOf(instance) })
  }
})

setInterval(() => {
  for (const type of browsed) mdns.query(type, "PTR")
}, 1_000)

const withdraw = (asked: string, callback?: () => void): void => {
  const service = published.get(asked)!
  published.delete(asked)
  mdns.respond({ answers: recordsOf({ ...service, ttl: 0 }).filter(({ type }) => type !== "A") }, callback)
}

const leave = (): void => {
  const [asked] = published.keys()
  if (asked === undefined) mdns.destroy(() => process.exit(0))
  else withdraw(asked, leave)
}

Lines.obey({
  publish: (service) => {
    const { name } = service
    published.set(name, service)
    announce(service)
    Lines.tell({ tell: "published", asked: name, name })
  },
  update: ({ name, port, txt }) => {
    const before = published.get(name)!
    const service = { ...before, port: port ?? before.port, txt: txt ?? before.txt }
    published.set(name, service)
    // without a cache-flush bit both would hold
    if (service.port !== before.port) {
      mdns.respond({ answers: recordsOf({ ...before, ttl: 0 }).filter(({ type }) => type === "SRV") })
    }
    announce(service)
  },
  withdraw: ({ name }) => withdraw(name),
  browse: ({ type }) => {
    browsed.add(`${type}.local`)
    mdns.query(`${type}.local`, "PTR")
  },
  exit: leave
})
