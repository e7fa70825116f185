/**
 * Syncthing as a peer: announces itself on the LAN and nowhere else, and tells whom it has discovered.
 *
 * usage: node syncthing.ts, with a /run of its own. Each line of standard input is the TCP port to start anew with.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"

/** What it tells, a JSON object a line. */
export type Line =
  | { readonly tell: "ready"; readonly myId: string; readonly deviceId: string }
  | { readonly tell: "devices"; readonly devices: Readonly<Record<string, ReadonlyArray<string>>> }

const home = "/run/syncthing"
const key = "key"
// without the process that watches over the one that does the work, which would outlive it
const env = { ...process.env, HOME: home, STNOUPGRADE: "1", STMONITORED: "yes" }

const tell = (line: Line): void => console.log(JSON.stringify(line))

// on the LAN only: nothing is asked of a server, no name is looked up, no router is told anything
const options: Readonly<Record<string, string>> = {
  globalAnnounceEnabled: "false",
  localAnnounceEnabled: "true",
  relaysEnabled: "false",
  natEnabled: "false",
  crashReportingEnabled: "false",
  urAccepted: "-1",
  startBrowser: "false"
}

const configure = (port: string): void => {
  const path = `${home}/config.xml`
  let xml = readFileSync(path, "utf8").replace(/<apikey>[^<]*/, `<apikey>${key}`)
  for (const [name, value] of Object.entries({ ...options, listenAddress: `tcp://0.0.0.0:${port}` })) {
    xml = xml.replace(new RegExp(`<${name}>[^<]*`), `<${name}>${value}`)
  }
  writeFileSync(path, xml)
}

const ask = async (path: string): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:8384/rest/system/${path}`, { headers: { "X-API-Key": key } })
  return response.json()
}

interface Status {
  readonly myID: string
  readonly connectionServiceStatus: Record<string, { readonly lanAddresses: ReadonlyArray<string> | null }>
}

const isListening = ({ connectionServiceStatus }: Status): boolean =>
  Object.values(connectionServiceStatus ?? {}).some(({ lanAddresses }) => (lanAddresses?.length ?? 0) > 0)

let running: ChildProcess | undefined

const stop = async (): Promise<void> => {
  const ended = running
  if (ended === undefined) return
  running = undefined
  ended.kill("SIGKILL")
  if (ended.exitCode === null && ended.signalCode === null) await new Promise((resolve) => ended.once("exit", resolve))
}

// before it listens it has nothing to announce
const whenListening = async (): Promise<Status> => {
  const status = await ask("status").catch(() => undefined) as Status | undefined
  if (status !== undefined && isListening(status)) return status
  await setTimeout(100)
  return whenListening()
}

const start = async (port: string): Promise<void> => {
  await stop()
  configure(port)
  running = spawn("syncthing", ["serve", `--home=${home}`, "--no-browser", "--no-restart"], {
    env,
    stdio: ["ignore", "ignore", "inherit"]
  })
  tell({ tell: "ready", myId: (await whenListening()).myID, deviceId })
}

execFileSync("syncthing", ["generate", `--home=${home}`, "--no-default-folder", "--skip-port-probing"], {
  env,
  stdio: "ignore"
})
const deviceId = execFileSync("syncthing", ["--device-id", `--home=${home}`], { env, encoding: "utf8" }).trim()

const follow = async (before: string): Promise<void> => {
  const entries = Object.entries(
    (await ask("discovery").catch(() => ({})) ?? {}) as Record<string, { readonly addresses: ReadonlyArray<string> }>
  )
  const devices = Object.fromEntries(entries.map(([id, { addresses }]) => [id, addresses.toSorted()]))
  const now = JSON.stringify(devices)
  if (now !== before && running !== undefined) tell({ tell: "devices", devices })
  await setTimeout(50)
  void follow(now)
}

const leave = (): void => void stop().then(() => process.exit(0))

createInterface({ input: process.stdin }).on("line", (port) => void start(port)).on("close", leave)
process.once("SIGTERM", leave)
await start("22000")
await follow("")
