/**
 * Syncthing as a peer: announces itself on the LAN and nowhere else, and tells whom it has discovered.
 *
 * usage: node syncthing.ts, with a /run of its own. Each line of standard input is the TCP port to start anew with.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"

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

/** What it tells of itself, from `since` on; it answers when there is something, and after a second at the latest. */
const events = async (since: number): Promise<number> => {
  const query = `events=DeviceDiscovered,ListenAddressesChanged&since=${since}&timeout=1`
  const response = await fetch(`http://127.0.0.1:8384/rest/events?${query}`, { headers: { "X-API-Key": key } })
  const told = await response.json() as ReadonlyArray<{ readonly id: number }> | null
  return told?.at(-1)?.id ?? since
}

// before it listens it has nothing to announce
const whenListening = async (since = 0): Promise<Status> => {
  const status = await ask("status") as Status
  return isListening(status) ? status : whenListening(await events(since))
}

/** Resolves when it says that it can be asked. */
const whenServing = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (/GUI and API listening/i.test(line)) resolve()
    })
  })

const start = async (port: string): Promise<void> => {
  await stop()
  configure(port)
  const child = spawn("syncthing", ["serve", `--home=${home}`, "--no-browser", "--no-restart"], {
    env,
    stdio: ["ignore", "pipe", "inherit"]
  })
  running = child
  await whenServing(child)
  // one that was stopped answers no more
  follow(child).catch((failure: unknown) => {
    if (running === child) throw failure
  })
  tell({ tell: "ready", myId: (await whenListening()).myID, deviceId })
}

execFileSync("syncthing", ["generate", `--home=${home}`, "--no-default-folder", "--skip-port-probing"], {
  env,
  stdio: "ignore"
})
const deviceId = execFileSync("syncthing", ["--device-id", `--home=${home}`], { env, encoding: "utf8" }).trim()

const follow = async (followed: ChildProcess, before = "", since = 0): Promise<void> => {
  const entries = Object.entries(
    (await ask("discovery") ?? {}) as Record<string, { readonly addresses: ReadonlyArray<string> }>
  )
  const devices = Object.fromEntries(entries.map(([id, { addresses }]) => [id, addresses.toSorted()]))
  const now = JSON.stringify(devices)
  if (running !== followed) return
  if (now !== before) tell({ tell: "devices", devices })
  return follow(followed, now, await events(since))
}

const leave = (): void => void stop().then(() => process.exit(0))

createInterface({ input: process.stdin }).on("line", (port) => void start(port)).on("close", leave)
process.once("SIGTERM", leave)
await start("22000")
