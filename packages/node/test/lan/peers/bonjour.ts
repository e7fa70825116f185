/**
 * bonjour-service as a peer: IPv4 only. Values are text; a key without a value cannot be published. It probes without saying what for,
 * and gives up where a name is taken.
 *
 * usage: node bonjour.ts HOST
 */
import { Bonjour, type Service, type ServiceConfig } from "bonjour-service"
import * as Lines from "./lines.ts"

const [host = "bonjour"] = process.argv.slice(2)

// what goes wrong is told by `console.log`, an error: all but our lines goes to standard error
console.log = (first: unknown, ...rest: ReadonlyArray<unknown>) =>
  typeof first === "string" && first.startsWith("{")
    ? process.stdout.write(`${first}\n`)
    : console.error(first, ...rest)

const bonjour = new Bonjour()
const published = new Map<string, { readonly config: ServiceConfig; readonly service: Service }>()

/**
 * Milliseconds without a question before it probes, and for how long it probes at most. Its probes do not say what for, so that they are
 * answered like other queries: not within a second of the last multicast of the records, and all three of them are over by then. The last of
 * those multicasts may be its answer: a second after our second announcement, which is a second after the first.
 */
const quiet = 3_500
const probing = 1_000
let quietUntil = 0

const publishWhenQuiet = (asked: string, config: ServiceConfig): void => {
  quietUntil = performance.now() + quiet + probing
  setTimeout(() => publish(asked, config), quiet)
}

const publish = (asked: string, config: ServiceConfig): void => {
  const service = bonjour.publish(config)
  published.set(asked, { config, service })
  service.on("up", () => Lines.tell({ tell: "published", asked, name: service.name }))
  // it tells nobody that a name is taken: it stops without having been up
  const stop = service.stop
  service.stop = (...args: ReadonlyArray<unknown>) => {
    if (!service.published) Lines.tell({ tell: "refused", asked })
    return stop(...args)
  }
}

const seen = (service: Service): void =>
  Lines.tell({
    tell: "seen",
    name: service.name,
    host: service.host,
    port: service.port,
    addresses: service.addresses ?? [],
    txt: Lines.fromStrings((service as Service & { readonly rawTxt?: ReadonlyArray<Buffer> }).rawTxt ?? [])
  })

const bare = (type: string): string => type.split(".")[0]!.slice(1)

const textOf = (txt: Lines.Txt): Record<string, string> =>
  Object.fromEntries(
    Object.entries(txt).map(([key, value]) => [key, Buffer.from(value ?? "", "latin1").toString("utf8")])
  )

Lines.obey({
  publish: ({ name, port, txt, type }) =>
    publishWhenQuiet(name, { name, type: bare(type), port, host: `${host}.local`, txt: textOf(txt) }),
  // there is no update: what is published anew is announced with its new records
  update: ({ name, port, txt }) => {
    const { config, service } = published.get(name)!
    const changed = {
      ...config,
      ...(port === undefined ? {} : { port }),
      ...(txt === undefined ? {} : { txt: textOf(txt) })
    }
    service.stop(() => publish(name, changed))
  },
  withdraw: ({ name }) => published.get(name)!.service.stop(),
  browse: ({ type }) => {
    const browser = bonjour.find({ type: bare(type) })
    for (const event of ["up", "txt-update", "srv-update"] as const) browser.on(event, seen)
    browser.on("down", ({ name }) => Lines.tell({ tell: "gone", name }))
    // it takes nothing from a datagram that has no pointer, so that it has to ask for updates
    setInterval(() => performance.now() < quietUntil || browser.update(), 1_000)
  },
  exit: () => bonjour.unpublishAll(() => bonjour.destroy(() => process.exit(0)))
})
