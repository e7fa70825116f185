/**
 * The system's network interfaces, as they are and as they change.
 */
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Pace from "./Pace.ts"

type NodeInterfaces = ReturnType<typeof Os.networkInterfaces>

/** What `os.networkInterfaces()` lists, in its order. `indexOf` tells the index of an interface without a scoped address. */
export const fromNode = (
  interfaces: NodeInterfaces,
  indexOf: (name: string) => number = () => 0
): ReadonlyArray<NetworkInterface.NetworkInterface> =>
  Object.entries(interfaces).flatMap(([name, infos = []]) => {
    const addresses = infos.flatMap(toAddress)
    if (addresses.length === 0) return []
    const index = Option.getOrElse(NetAddress.scopeIdFromInterface(infos), () => indexOf(name))
    return [{ name, index, isInternal: isInternal(infos), addresses }]
  })

const isInternal = (infos: ReadonlyArray<Os.NetworkInterfaceInfo>): boolean => infos.every(({ internal }) => internal)

const toAddress = (info: Os.NetworkInterfaceInfo): ReadonlyArray<IpInterface.IpInterface> => {
  const address = NetAddress.ipFromString(info.address)
  if (Result.isFailure(address)) return []
  const made = IpInterface.make(address.success, prefixOf(info) ?? NetAddress.width(address.success))
  return Result.isSuccess(made) ? [made.success] : []
}

// `cidr` is null where the netmask's ones are not all in front; those in front are then the best prefix there is
const prefixOf = ({ cidr, netmask }: Os.NetworkInterfaceInfo): number | undefined => {
  if (cidr !== null) return Number(cidr.slice(cidr.indexOf("/") + 1))
  const mask = NetAddress.ipFromString(netmask)
  return Result.isFailure(mask) || NetAddress.isIpv6Address(mask.success)
    ? undefined
    : Math.clz32(~NetAddress.ipv4ToOctets(mask.success).reduce((word, octet) => (word << 8) | octet, 0))
}

// Linux knows the index also of an interface without a link-local address, such as loopback, or with IPv4 only. Loopback is the first one of
// every namespace, and stays: to read its index took a quarter of a look.
const systemIndex: IndexOf = (name, isInternal) => {
  if (process.platform !== "linux") return 0
  if (isInternal) return 1
  try {
    return Number(Fs.readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"))
  } catch {
    return 0
  }
}

type IndexOf = (name: string, isInternal: boolean) => number

/** The interfaces now; what is given when the system cannot list them, for instance out of file descriptors. */
export type Read = (otherwise: ReadonlyArray<NetworkInterface.NetworkInterface>) => typeof otherwise

/** Reads the system's interfaces. Nearly always they are what they were: that is seen by the text of their list, and the same value is given. */
export const reader = (listed: () => NodeInterfaces = Os.networkInterfaces, indexOf: IndexOf = systemIndex): Read => {
  let text: string | undefined
  let interfaces: ReadonlyArray<NetworkInterface.NetworkInterface> = []
  return (otherwise) => {
    try {
      const found = listed()
      const indexes = new Map<string, number>()
      for (const [name, infos] of Object.entries(found)) {
        if (infos !== undefined && Option.isNone(NetAddress.scopeIdFromInterface(infos))) {
          indexes.set(name, indexOf(name, isInternal(infos)))
        }
      }
      const now = JSON.stringify([found, ...indexes])
      if (now !== text) interfaces = fromNode(found, (name) => indexes.get(name) ?? 0)
      text = now
      return interfaces
    } catch {
      return otherwise
    }
  }
}

/** Looks at the interfaces for all who listen. */
export interface Watcher {
  /** The interfaces at once, then every change. The system is asked only while somebody listens. */
  readonly changes: Stream.Stream<ReadonlyArray<NetworkInterface.NetworkInterface>>
  /** Has the interfaces looked at now: a socket has failed in a way that a change would explain. */
  readonly refresh: Effect.Effect<void>
  /** Whether an interface with this index was up at the last look that an IPv6 address or group can name. */
  readonly knows: (index: number) => boolean
  /** Whether it is up at this very moment. */
  readonly isUp: (index: number) => boolean
}

/** Watches the interfaces that `read` gives, by asking again: after every `interval` milliseconds, or as `Pace` has it. */
export const watch = Effect.fnUntraced(function*(
  interval: Pace.Interval = undefined,
  read: Read = reader()
): Effect.fn.Return<Watcher, never, Scope.Scope> {
  const clock = yield* Clock.clockWith(Effect.succeed)
  const monotonic = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
  const moment = () => ({ monotonic: monotonic(), wall: clock.currentTimeMillisUnsafe() })
  const stirred = Latch.makeUnsafe(false)
  let pace = Pace.start(moment())
  let last: ReadonlyArray<NetworkInterface.NetworkInterface> = []
  let told = last
  let wasEmpty = false
  const look = Effect.sync(() => {
    const now = read(last)
    // no host is without any interface; that a second look has to confirm
    const isBelieved = now.length > 0 || wasEmpty
    wasEmpty = now.length === 0
    pace = Pace.look(pace, moment(), !isBelieved || !isSame(now, told), interval)
    return (last = isBelieved ? now : last)
  })
  const wait: Effect.Effect<void> = Effect.suspend(() => {
    const left = pace.dueAt - monotonic()
    if (left <= 0) return Effect.void
    stirred.closeUnsafe()
    return Effect.andThen(Effect.raceFirst(Effect.sleep(Math.ceil(left)), stirred.await), wait)
  })
  const stir = Effect.sync(() => {
    pace = Pace.stir(pace, monotonic())
    stirred.openUnsafe()
  })
  // most looks find nothing new, and need not go through a stream
  const change: Effect.Effect<typeof last> = Effect.suspend(() =>
    Effect.andThen(wait, Effect.flatMap(look, (now) => isSame(now, told) ? change : Effect.succeed(told = now)))
  )
  const looks = Stream.concat(
    Stream.fromEffect(Effect.map(look, (now) => (told = now))),
    Stream.fromEffectRepeat(change)
  )
  // a list is a whole state, so whoever is behind needs only the latest
  const changes = yield* Stream.share(looks, {
    capacity: 1,
    strategy: "sliding",
    replay: 1
  })
  const has = (interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>, index: number) =>
    interfaces.some((each) => each.index === index && isNamed(each))
  return {
    changes,
    refresh: stir,
    knows: (index) => has(last, index) || has(last = read(last), index),
    isUp: (index) => has(last = read(last), index)
  }
})

// `node:dgram` knows interfaces by name only, and Effect knows the names of those with a link-local address. By its number any other,
// such as loopback, would be taken for the system's default one. Windows goes by numbers.
const isNamed = ({ addresses }: NetworkInterface.NetworkInterface): boolean =>
  process.platform === "win32" ||
  addresses.some(({ address }) => NetAddress.isIpv6Address(address) && NetAddress.isLinkLocal(address))

const isSame = (
  self: ReadonlyArray<NetworkInterface.NetworkInterface>,
  that: ReadonlyArray<NetworkInterface.NetworkInterface>
): boolean =>
  self === that ||
  self.length === that.length &&
    self.every((each, at) => NetworkInterface.key(each) === NetworkInterface.key(that[at]!))
