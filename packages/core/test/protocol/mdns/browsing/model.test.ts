/** Whatever the owner of a service changes, and in whatever packets it says so: who browses ends up with the truth (RFC 6763, section 12). */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr } from "effect"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, denial, eth0, goodbye, name, pointer, service, text } from "./Bench.ts"

const a = "a._http._tcp.local"
const pool = ["10.0.0.1", "10.0.0.7", "10.0.0.8", "fd00::7", "fd00::8"]

/** The owner, who answers what is asked within a second, and those who browse. */
class Play {
  readonly bench = new Bench()
  readonly chance: Chance.Chance
  readonly addresses = new Map([["h1.local", ["10.0.0.1", "fd00::1"]], ["h2.local", ["10.0.0.2"]]])
  readonly keys = new Set<number>()
  host = "h1.local"
  port = 80
  text = "a=1"
  #key = 0

  constructor(seed: number) {
    this.chance = Chance.make(seed, "model")
  }

  draw(count: number): number {
    return Chance.between(this.chance, 0, count - 1)
  }

  pick<A>(from: ReadonlyArray<A>): A {
    return from[this.draw(from.length)]!
  }

  ofHost(host = this.host): ReadonlyArray<Record.Record> {
    return this.addresses.get(host)!.map((ip) => address(ip, host))
  }

  get srv(): Record.Record {
    return service(a, { host: this.host, port: this.port })
  }

  get all(): ReadonlyArray<Record.Record> {
    return [pointer(a), this.srv, text(a, this.text), ...this.ofHost()]
  }

  /** Says it in messages of any number and order, all of a unique set in one; and again a second later. */
  announce(records: ReadonlyArray<Record.Record>): void {
    for (let times = 0; times < 2; times++) {
      const sets = Object.values(Arr.groupBy(records, Record.setKey)).toSorted(() => this.draw(3) - 1)
      while (sets.length > 0) {
        this.bench.hear(sets.splice(0, 1 + this.draw(sets.length)).flat())
        this.pass(150 * this.draw(3), 50)
      }
      this.pass(1_000, 100)
    }
  }

  /** Lets time pass, and answers. */
  pass(time: number, grain: number): void {
    for (const end = this.bench.now + time; this.bench.now < end;) {
      this.bench.until(Math.min(end, this.bench.now + grain))
      const answers = this.bench.questions().flatMap((question) => this.answer(question))
      if (answers.length > 0) this.bench.hear(Array.from(new Set(answers)))
    }
  }

  answer(question: string): ReadonlyArray<Record.Record> {
    const [kind, asked] = question.split(" ") as [keyof typeof Record.Type, string]
    const others = Array.from(this.addresses.keys()).filter((host) => host !== this.host)
    const ofName = [...this.all, ...others.flatMap((host) => this.ofHost(host))].filter((record) =>
      Name.equals(record.name, name(asked))
    )
    const found = ofName.filter(({ type }) => type === Record.Type[kind])
    const isDenied = found.length === 0 && this.addresses.has(asked) && this.draw(2) === 0
    return isDenied ? [denial(asked, ...ofName.map(({ type }) => type))] : found
  }

  readonly changes: ReadonlyArray<() => void> = [
    () => {
      this.port = 1_000 + this.draw(1_000)
      this.announce([this.srv])
    },
    () => {
      this.host = this.pick(["h1.local", "h2.local"])
      this.announce(this.draw(2) === 0 ? [this.srv] : [this.srv, ...this.ofHost()])
    },
    () => {
      this.text = `a=${this.draw(9)}`
      this.announce([text(a, this.text)])
    },
    () => {
      const before = this.ofHost()
      const families = this.pick([".", ":", ".:"])
      const kept = pool.filter((ip) => this.draw(2) === 0 && (families.length === 2 || ip.includes(families)))
      this.addresses.set(this.host, kept.length === 0 ? ["10.0.0.9"] : kept)
      const gone = before.filter((old) => !this.ofHost().some((now) => Record.isSame(old, now)))
      this.bench.hear([...gone.map(goodbye), ...this.ofHost()])
      this.announce(this.ofHost())
    },
    () => {
      this.bench.hear(this.all.map(goodbye))
      this.pass(this.draw(2_000), 100)
      this.announce(this.all)
    },
    () => this.pass(this.pick([60_000, 200_000, 300_000]), 500),
    () => this.pass(this.pick([300_000, 3_600_000, 7_200_000]), 500),
    () => this.bench.resume(),
    () => {
      this.bench.linkDown(eth0)
      this.pass(this.draw(3_000), 100)
      this.bench.linkUp(eth0)
    },
    () => this.subscribe(),
    () => {
      const key = this.pick(Array.from(this.keys))
      this.bench.unsubscribe(key)
      this.keys.delete(key)
      if (this.keys.size === 0) this.subscribe()
    }
  ]

  subscribe(): void {
    this.keys.add(++this.#key)
    const how = this.draw(4)
    if (how === 0) this.bench.subscribe(this.#key, { _tag: "Instance", name: name(a) })
    else this.bench.browse(this.#key, { follow: how === 1 })
  }

  /** The service as a subscriber was told last. */
  told(key: number): string | undefined {
    const last = this.bench.told.findLast((notice) => notice.key === key && notice._tag.startsWith("Service"))
    if (last?._tag !== "ServiceSeen") return undefined
    const { addresses, host, port, text } = last.service
    return [Name.format(host), port, String.fromCharCode(...text.subarray(1)), ...addresses.map(String).toSorted()]
      .join(
        " "
      )
  }

  get truth(): string {
    const addresses = this.addresses.get(this.host)!.map((ip) => ip.includes(":") ? `[${ip}]` : ip)
    return [this.host, this.port, this.text, ...addresses.map((ip) => `${ip}:${this.port}`).toSorted()].join(" ")
  }

  /** What is left when nobody wants to know any more, and all has expired. */
  leftovers(): ReadonlyArray<number> {
    const { bench: { browsing, querier }, keys } = this
    for (const key of keys) this.bench.unsubscribe(key)
    this.bench.until(this.bench.now + 100_000_000)
    return [
      browsing.instances,
      browsing.listeners.size,
      browsing.timers.heap.length,
      querier.interests.size,
      querier.timers.heap.length,
      querier.cache.sources.size,
      querier.cache.octets,
      querier.places.get(eth0.key)!.nodes.size
    ]
  }
}

describe("a service that changes", () => {
  it("D-12-2 M-10.1-2 M-10.2-3 M-10.3-1 is known as it is, however that was said, and leaves nothing behind", {
    timeout: 60_000
  }, () => {
    for (let seed = 0; seed < 100; seed++) {
      const play = new Play(seed)
      play.subscribe()
      play.announce(play.all)
      for (let change = 0; change < 12; change++) {
        play.pick(play.changes)()
        play.pass(6_000, 100)
        for (const key of play.keys) assert.strictEqual(play.told(key), play.truth, `seed ${seed}, change ${change}`)
      }
      assert.isTrue(play.leftovers().every((count) => count === 0), `seed ${seed}`)
    }
  })
})
