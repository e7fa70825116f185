/**
 * The system's network interfaces, as they are and as they change.
 */
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import type * as Duration from "effect/Duration"
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
    return [{ name, index, isInternal: infos.every(({ internal }) => internal), addresses }]
  })

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

// Linux knows the index also of an interface without a link-local address, such as loopback, or with IPv4 only
const systemIndex = (name: string): number => {
  if (process.platform !== "linux") return 0
  try {
    return Number(Fs.readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"))
  } catch {
    return 0
  }
}

/** The interfaces now; `otherwise` when the system cannot list them, for instance out of file descriptors. */
export const list = (
  otherwise: ReadonlyArray<NetworkInterface.NetworkInterface> = []
): ReadonlyArray<NetworkInterface.NetworkInterface> => {
  try {
    return fromNode(Os.networkInterfaces(), systemIndex)
  } catch {
    return otherwise
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

// between two looks, whatever fails how often
const pause = "100 millis"

/** Watches the interfaces that `list` gives, by asking again after every `interval`. */
export const watch = Effect.fnUntraced(function*(
  interval: Duration.Input,
  read: typeof list = list
): Effect.fn.Return<Watcher, never, Scope.Scope> {
  const wanted = Latch.makeUnsafe(false)
  let last: ReadonlyArray<NetworkInterface.NetworkInterface> = []
  let wasEmpty = false
  const look = Effect.sync(() => {
    wanted.closeUnsafe()
    const now = read(last)
    // no host is without any interface; that a second look has to confirm
    const isBelieved = now.length > 0 || wasEmpty
    wasEmpty = now.length === 0
    return (last = isBelieved ? now : last)
  })
  const wait = Effect.andThen(Effect.sleep(pause), Effect.raceFirst(Effect.sleep(interval), wanted.await))
  const looks = Stream.concat(Stream.fromEffect(look), Stream.fromEffectRepeat(Effect.andThen(wait, look)))
  // a list is a whole state, so whoever is behind needs only the latest
  const changes = yield* Stream.share(Stream.changesWith(looks, isSame), {
    capacity: 1,
    strategy: "sliding",
    replay: 1
  })
  const has = (interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>, index: number) =>
    interfaces.some((each) => each.index === index && isNamed(each))
  return {
    changes,
    refresh: Effect.asVoid(Latch.open(wanted)),
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
  self.length === that.length &&
  self.every((each, at) => NetworkInterface.key(each) === NetworkInterface.key(that[at]!))
