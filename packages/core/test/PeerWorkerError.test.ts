import { PeerWorkerError } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"

const worker = "swarm a1"
const cause = new Error("send EMSGSIZE")

const messages: ReadonlyArray<readonly [PeerWorkerError.Reason, string]> = [
  [
    new PeerWorkerError.PortInUse({ worker, port: 7_000, isOwn: true }),
    "The worker swarm a1 cannot have the port 7000: another worker has it. " +
    "Stop that one, or leave the port out to be given a free one."
  ],
  [
    new PeerWorkerError.PortInUse({ worker, port: 7_000, isOwn: false, cause }),
    "The worker swarm a1 cannot have the port 7000: another program or socket has it. " +
    "Stop that one, or leave the port out to be given a free one."
  ],
  [
    new PeerWorkerError.UnknownPort({ port: 7_000 }),
    "No worker has the port 7000. It was never started here, or it is closed."
  ],
  [
    new PeerWorkerError.WorkerClosed({ worker, port: 7_000 }),
    "The worker swarm a1 on port 7000 is closed. Start another one."
  ],
  [
    new PeerWorkerError.SendFailed({ worker, port: 7_000, to: "192.0.2.1:9", cause }),
    "The worker swarm a1 on port 7000 could not send to 192.0.2.1:9. " +
    "Check that there is a route to it, and that the datagram is not too long for UDP."
  ],
  [
    new PeerWorkerError.SocketFailed({ worker, port: 7_000, cause }),
    "The socket of the worker swarm a1 on port 7000 has failed, so the worker is closed. Start another one."
  ],
  [
    new PeerWorkerError.NoUrl({ worker, port: 7_000 }),
    "The worker swarm a1 on port 7000 has no URL. Start it with the option `url`."
  ],
  [
    new PeerWorkerError.TooManyWorkers({ limit: 256 }),
    "There are 256 workers, and there may be no more. Stop some, or raise the limit `workers`."
  ],
  [new PeerWorkerError.WorkersClosed(), "No worker can be started: their layer is closed."]
]

describe("message", () => {
  it.each(messages)("$_tag says what to do", (reason, message) => {
    assert.strictEqual(PeerWorkerError.make(reason).message, message)
  })

  it("S-F5 every reason is one of a closed set", () => {
    const tags = new Set(messages.map(([{ _tag }]) => _tag))

    assert.deepStrictEqual(
      PeerWorkerError.Reason.members.map(({ identifier }) => identifier),
      Array.from(tags)
    )
  })
})
