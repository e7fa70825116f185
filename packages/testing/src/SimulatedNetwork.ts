/**
 * A LAN in memory: hosts with sockets that behave as on Linux, links that delay and lose, and a record of all that happened.
 *
 * Every host offers a `Network` layer, so the program under test is the production one down to its sockets. The same seed gives the same
 * run, to the byte of its log.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Frame from "./Frame.ts"
import { Pump } from "./internal/driver/Pump.ts"
import { Kernel } from "./internal/kernel/Kernel.ts"
import { Links, type Partition, type Profile } from "./internal/kernel/Link.ts"
import type { Host } from "./internal/kernel/Topology.ts"
import * as Micros from "./internal/Micros.ts"
import * as SimulatedHost from "./SimulatedHost.ts"
import { InvalidOption, NetworkFull, SimulatedNetworkError, UnknownHost } from "./SimulatedNetworkError.ts"

/**
 * What a link does to the datagrams that cross it.
 *
 * **Details**
 *
 * A datagram takes `latency` and up to `jitter` more, uniformly. `loss` and `duplicate` are probabilities, drawn for each datagram
 * and receiver.
 *
 * @category models
 * @since 0.1.0
 */
export interface LinkProfile {
  readonly latency?: Duration.Input | undefined
  readonly jitter?: Duration.Input | undefined
  readonly loss?: number | undefined
  readonly duplicate?: number | undefined
}

/**
 * How a network is made.
 *
 * **Details**
 *
 * The profile holds for every link that has none of its own: by default a millisecond, and nothing lost. `seed` is drawn from `Random`
 * by default. `network` gives the hosts their addresses, `10.11.0.0/24` by default. `history` is how many events are kept for `log` and
 * `frames`, 100,000 by default. `membership` is who hears a group: on `linux`, every wildcard socket once any socket of its host has joined;
 * where it is `strict`, only sockets that joined themselves (UDP semantics, rule 49).
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends LinkProfile {
  readonly seed?: number | undefined
  readonly network?: string | undefined
  readonly history?: number | undefined
  readonly membership?: "linux" | "strict" | undefined
}

/**
 * The way from one host to another.
 *
 * @category models
 * @since 0.1.0
 */
export interface LinkControl {
  /** Changes what the profile names, in this direction only. */
  readonly set: (profile: LinkProfile) => Effect.Effect<void, SimulatedNetworkError>
  /** Changes it in both directions. */
  readonly setBoth: (profile: LinkProfile) => Effect.Effect<void, SimulatedNetworkError>
  /** Goes back to the network's profile, in both directions. */
  readonly reset: Effect.Effect<void, SimulatedNetworkError>
}

/**
 * A LAN in memory.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedNetwork {
  readonly seed: number
  /**
   * The host of that name, made when first mentioned, with the next free address. The options count then only. Throws a
   * `SimulatedNetworkError` when no address is left.
   */
  readonly host: (name: string, options?: SimulatedHost.Options) => SimulatedHost.SimulatedHost
  /** The hosts, in the order they were made. */
  readonly hosts: Effect.Effect<ReadonlyArray<SimulatedHost.SimulatedHost>>
  readonly link: (from: string, to: string) => LinkControl
  /** The probability of loss on every link that has none of its own. */
  readonly setLoss: (probability: number) => Effect.Effect<void, SimulatedNetworkError>
  /** Lets nothing pass between hosts of different groups, until the scope closes. Hosts in none of them are not concerned. */
  readonly partition: (
    groups: ReadonlyArray<ReadonlyArray<string>>
  ) => Effect.Effect<void, SimulatedNetworkError, Scope.Scope>
  /** Ends all partitions. */
  readonly heal: Effect.Effect<void>
  /** What was sent, and what became of it. */
  readonly frames: Effect.Effect<ReadonlyArray<Frame.Frame>>
  /** All that happened, a line each: the same for the same seed. */
  readonly log: Effect.Effect<string>
}

/**
 * Makes a network. It lives as long as its scope; its time is that of the `Clock` it is made with.
 *
 * **Gotchas**
 *
 * Dies with a `SimulatedNetworkError` when an option has a value that means nothing.
 *
 * **Example** (Two hosts)
 *
 * ```ts
 * import { Network } from "@effect-discovery/core"
 * import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 * import { NetAddress } from "effect/net"
 *
 * const open = Network.Network.use((network) => network.open({ family: "IPv4", bind: { port: 9778 } }))
 *
 * const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make({ latency: "5 millis", loss: 0.2 })
 *   const ada = yield* Effect.provide(open, lan.host("ada").layer)
 *   const grace = yield* Effect.provide(open, lan.host("grace").layer)
 *   yield* ada.reader
 *   yield* grace.reader
 *   const writer = yield* ada.writer
 *   const address = NetAddress.inetAddressUnsafe(lan.host("grace").address, 9778)
 *   yield* writer.write({ payload: "hello", address })
 *   yield* Effect.sleep("1 second")
 *   return yield* lan.log
 * })
 *
 * Effect.runPromise(Simulation.run(program, { seed: 7 })).then(console.log)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<SimulatedNetwork, never, Scope.Scope> =>
  Effect.gen(function*() {
    const seed = options.seed ?? (yield* Random.nextInt) | 0
    const links = new Links(seed, { ...defaults, ...yield* Effect.orDie(profileOf(options)) })
    const kernel = new Kernel({
      seed,
      links,
      history: yield* Effect.orDie(historyOf(options)),
      isStrict: options.membership === "strict"
    })
    const run = yield* FiberSet.makeRuntime<never>()
    const pump = new Pump(kernel, yield* Clock.clockWith(Effect.succeed), (effect) => void run(effect))
    yield* Effect.addFinalizer(() => Effect.sync(() => pump.close()))
    return new Lan(seed, kernel, pump, yield* Effect.orDie(networkOf(options)))
  })

const defaults: Profile = { latency: 1000, jitter: 0, loss: 0, duplicate: 0 }

interface Known {
  readonly host: Host
  readonly control: SimulatedHost.SimulatedHost
}

class Lan implements SimulatedNetwork {
  readonly seed: number
  private readonly kernel: Kernel
  private readonly pump: Pump
  private readonly network: IpNetwork.Ipv4Network
  private readonly known = new Map<string, Known>()

  constructor(seed: number, kernel: Kernel, pump: Pump, network: IpNetwork.Ipv4Network) {
    this.seed = seed
    this.kernel = kernel
    this.pump = pump
    this.network = network
  }

  readonly host = (name: string, options: SimulatedHost.Options = {}): SimulatedHost.SimulatedHost => {
    const known = this.known.get(name)
    if (known !== undefined) return known.control
    const address = addressAt(this.network, this.known.size + 1)
    if (address === undefined) throw this.full(name)
    const host = this.kernel.addHost({
      name,
      addresses: [IpInterface.makeUnsafe(address, this.network.prefixLength)],
      loopback: [IpInterface.makeUnsafe(NetAddress.ipv4Loopback, 8)],
      hasDefaultRoute: options.hasDefaultRoute ?? true,
      isPrivileged: options.isPrivileged ?? false
    })
    const control = SimulatedHost.make(this.kernel, this.pump, host, address)
    this.known.set(name, { host, control })
    return control
  }

  readonly hosts = Effect.sync(() => Array.from(this.known.values(), ({ control }) => control))

  readonly link = (from: string, to: string): LinkControl => ({
    set: (profile) => this.setLinks([[from, to]], profile),
    setBoth: (profile) => this.setLinks([[from, to], [to, from]], profile),
    reset: Effect.gen({ self: this }, function*() {
      const [here, there] = [yield* this.find(from), yield* this.find(to)]
      this.kernel.links.reset(here, there)
      this.kernel.links.reset(there, here)
      this.note(`link ${from} ${to} reset`)
    })
  })

  readonly setLoss = (probability: number): Effect.Effect<void, SimulatedNetworkError> =>
    Effect.map(profileOf({ loss: probability }), (profile) => {
      this.kernel.links.setDefaults(profile)
      this.note(`loss ${probability}`)
    })

  readonly partition = (
    groups: ReadonlyArray<ReadonlyArray<string>>
  ): Effect.Effect<void, SimulatedNetworkError, Scope.Scope> =>
    Effect.asVoid(Effect.acquireRelease(
      Effect.gen({ self: this }, function*() {
        for (const name of groups.flat()) yield* this.find(name)
        const sides: Partition = new Map(groups.flatMap((names, side) => names.map((name) => [name, side] as const)))
        this.kernel.links.separate(sides)
        this.note(`partition ${groups.map((names) => names.join(" ")).join(" | ")}`)
        return sides
      }),
      (sides) =>
        Effect.sync(() => {
          if (this.kernel.links.rejoin(sides)) this.note("partition ends")
        })
    ))

  readonly heal = Effect.sync(() => {
    this.kernel.links.rejoin()
    this.note("heal")
  })

  readonly frames = Effect.sync(() => Frame.fromEvents(this.kernel.journal.events))

  readonly log = Effect.sync(() => this.kernel.journal.text)

  private setLinks(
    ways: ReadonlyArray<readonly [from: string, to: string]>,
    profile: LinkProfile
  ): Effect.Effect<void, SimulatedNetworkError> {
    return Effect.gen({ self: this }, function*() {
      const change = yield* profileOf(profile)
      for (const [from, to] of ways) {
        this.kernel.links.set(yield* this.find(from), yield* this.find(to), change)
        this.note(`link ${from} ${to} ${JSON.stringify(change)}`)
      }
    })
  }

  private note(text: string): void {
    this.kernel.journal.note(this.pump.now, text)
  }

  private find(name: string): Effect.Effect<Host, SimulatedNetworkError> {
    const known = this.known.get(name)
    return known === undefined
      ? Effect.fail(
        new SimulatedNetworkError({ reason: new UnknownHost({ host: name, known: Array.from(this.known.keys()) }) })
      )
      : Effect.succeed(known.host)
  }

  private full(host: string): SimulatedNetworkError {
    const network = IpNetwork.format(this.network)
    return new SimulatedNetworkError({ reason: new NetworkFull({ host, network, hosts: this.known.size }) })
  }
}

// Neither the address of the network nor its broadcast address; a /31 and a /32 have neither (RFC 3021).
const addressAt = (network: IpNetwork.Ipv4Network, position: number): NetAddress.Ipv4Address | undefined => {
  const size = 2 ** (32 - network.prefixLength)
  const offset = size > 2 ? position : position - 1
  if (offset >= (size > 2 ? size - 1 : size)) return undefined
  const view = new DataView(Uint8Array.from(NetAddress.ipv4ToOctets(network.address)).buffer)
  view.setUint32(0, view.getUint32(0) + offset)
  return NetAddress.ipv4FromBytesUnsafe(new Uint8Array(view.buffer))
}

const invalid = (option: string, value: unknown, expected: string): Effect.Effect<never, SimulatedNetworkError> =>
  Effect.fail(
    new SimulatedNetworkError({ reason: new InvalidOption({ option, value: String(value), expected }) })
  )

const networkOf = ({ network = "10.11.0.0/24" }: Options) => {
  const parsed = IpNetwork.ipv4FromString(network)
  return Result.isSuccess(parsed)
    ? Effect.succeed(parsed.success)
    : invalid("network", JSON.stringify(network), "an IPv4 network such as \"10.11.0.0/24\"")
}

const historyOf = ({ history = 100_000 }: Options) =>
  Number.isSafeInteger(history) && history > 0
    ? Effect.succeed(history)
    : invalid("history", history, "a whole number of events above 0")

const profileOf = (profile: LinkProfile) =>
  Effect.gen(function*() {
    return {
      ...(yield* delayOf(profile, "latency")),
      ...(yield* delayOf(profile, "jitter")),
      ...(yield* probabilityOf(profile, "loss")),
      ...(yield* probabilityOf(profile, "duplicate"))
    }
  })

const delayOf = (profile: LinkProfile, option: "latency" | "jitter") => {
  const input = profile[option]
  if (input === undefined) return Effect.succeed({})
  const micros = Micros.fromInput(input)
  return Number.isSafeInteger(micros) && micros >= 0
    ? Effect.succeed({ [option]: micros })
    : invalid(option, input, "a finite duration")
}

const probabilityOf = (profile: LinkProfile, option: "loss" | "duplicate") => {
  const value = profile[option]
  if (value === undefined) return Effect.succeed({})
  return value >= 0 && value <= 1
    ? Effect.succeed({ [option]: value })
    : invalid(option, value, "a probability from 0 to 1")
}
