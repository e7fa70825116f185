/**
 * ciao as a peer: a responder only, which cannot browse. Values are text; a key without a value cannot be published. A
 * port does not change while it is announced, and two services cannot have one host name: the second takes the first for a conflict. Interfaces come from the
 * neighbour table unless they are named, and that is empty on a new network.
 *
 * usage: node ciao.ts HOST
 */
import { type CiaoService, getResponder } from "@homebridge/ciao"
import * as Lines from "./lines.ts"

const [host = "ciao"] = process.argv.slice(2)

const responder = getResponder({ interface: ["eth0"] })
const published = new Map<string, CiaoService>()

const textOf = (txt: Lines.Txt): Record<string, string> =>
  Object.fromEntries(
    Object.entries(txt).map(([key, value]) => [key, Buffer.from(value ?? "", "latin1").toString("utf8")])
  )

Lines.obey({
  publish: ({ name: asked, port, txt, type }) => {
    const service = responder.createService({
      name: asked,
      type: type.split(".")[0]!.slice(1),
      port,
      hostname: `${host}-${published.size + 1}`,
      txt: textOf(txt)
    })
    published.set(asked, service)
    let name = asked
    service.on("name-change", (changed) => {
      Lines.tell({ tell: "renamed", asked, previous: name, name: changed })
      name = changed
    })
    void service.advertise().then(() => Lines.tell({ tell: "published", asked, name }))
  },
  update: ({ name, txt = {} }) => published.get(name)!.updateTxt(textOf(txt)),
  withdraw: ({ name }) => void published.get(name)!.end(),
  exit: () => void responder.shutdown().then(() => process.exit(0))
})
