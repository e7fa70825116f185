import { Arbitrary, Schema } from "effect"
import { NetAddress } from "effect/net"
import * as Snapshot from "../../src/internal/journal/Snapshot.ts"
import * as Address from "../../src/internal/kernel/Address.ts"
import * as Recorder from "../../src/internal/kernel/Journal.ts"
import type { Host, Interface } from "../../src/internal/kernel/Topology.ts"

/** What a generated network does: host numbers are taken modulo how many there are, datagram numbers likewise. */
export const Step = Schema.Struct({
  kind: Schema.Literals(["send", "deliver", "drop", "fault", "bind"]),
  host: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })),
  pick: Schema.Natural,
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5000 })),
  payload: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
})
export type Step = typeof Step.Type
export const Steps = Arbitrary.schema(Schema.Array(Step))

const addressOf = (text: string) => ({ ...Address.parse(text)!, assigned: { prefixLength: 24 } })

const hostOf = (name: string, id: number): Interface => {
  const host = { id, name, interfaces: [] as Array<Interface> } as unknown as Host
  const local = { host, name: "eth0", label: `${name}/eth0`, addresses: [addressOf(`10.0.0.${id + 1}`)] }
  host.interfaces.push(local as unknown as Interface)
  return local as unknown as Interface
}

/** The journal of a recorder that was told all that. */
export const record = (steps: ReadonlyArray<Step>, limit = 1000, names = ["ada", "grace", "mary"], octets?: number) => {
  const recorder = new Recorder.Journal(limit, octets)
  const locals = names.map(hostOf)
  recorder.hosts.push(...locals.map(({ host }) => host))
  const frames: Array<Recorder.Frame> = []
  let now = 0
  for (const step of steps) {
    now += step.after
    const local = locals[step.host]!
    const frame = frames[step.pick % Math.max(1, frames.length)]
    if (step.kind === "send") {
      const sent = frameOf(frames.length + 1, now, local, locals[step.pick % 3]!, Uint8Array.from(step.payload))
      frames.push(sent)
      recorder.send(now, sent)
    } else if (step.kind === "bind") recorder.note(now, "bind", { host: local.host, socket: step.host + 1, text: "*" })
    else if (step.kind === "fault") recorder.note(now, "fault", { text: "partition ada | grace" })
    else if (frame !== undefined && step.kind === "deliver") recorder.deliver(now, frame, local, step.host + 1)
    else if (frame !== undefined) recorder.drop(now, frame, local, "loss", 117)
  }
  return Snapshot.of(recorder, 0)
}

const frameOf = (seq: number, time: number, from: Interface, to: Interface, payload: Uint8Array): Recorder.Frame => ({
  seq,
  time,
  from,
  socket: from.host.id + 1,
  source: from.addresses[0]!.text,
  isLinkLocal: false,
  sourcePort: 9000,
  to: { kind: "Unicast", address: Address.ofIp(NetAddress.ipFromStringUnsafe(to.addresses[0]!.text)), port: 9000 },
  ttl: 64,
  payload,
  fragments: 1,
  packet: payload.length + 28
})
