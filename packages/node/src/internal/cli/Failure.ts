/**
 * What can go wrong with the command, in one sentence each that says what to do.
 */
import * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import * as PeerKey from "@effect-discovery/core/PeerKey"
import type * as Mdns from "@effect-discovery/core/protocol/Mdns"
import * as TrustError from "@effect-discovery/core/TrustError"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Display from "../../Display.ts"

export class UnknownInterface extends Schema.TaggedError<UnknownInterface>()("UnknownInterface", {
  name: Schema.String,
  up: Schema.Array(Schema.String)
}) {
  override get message() {
    const choice = this.up.length === 0 ? ", nor is any other" : `; choose from ${this.up.join(", ")}`
    return `No interface named ${this.name} is up${choice}.`
  }
}

export class NothingToAnnounce extends Schema.TaggedError<NothingToAnnounce>()("NothingToAnnounce", {
  reasons: Schema.Array(Schema.String)
}) {
  override get message() {
    return `No protocol can announce this. ${this.reasons.join(" ")}`
  }
}

export class TypeMissing extends Schema.TaggedError<TypeMissing>()("TypeMissing", {}) {
  override get message() {
    return "mdns needs a service type: add one, such as --type _http._tcp, or see which there are with discover types."
  }
}

export class TypeUnused extends Schema.TaggedError<TypeUnused>()("TypeUnused", {}) {
  override get message() {
    return "Service types are for mdns: add --protocol mdns, or leave out --type."
  }
}

export class SubtypeUnused extends Schema.TaggedError<SubtypeUnused>()("SubtypeUnused", {}) {
  override get message() {
    return "A subtype narrows a type of service: add one, such as --type _http._tcp, or leave out --subtype."
  }
}

export class RealmMissing extends Schema.TaggedError<RealmMissing>()("RealmMissing", {}) {
  override get message() {
    return "signed needs the realm whose announcements are meant: add one, such as --realm chat."
  }
}

export class SigningUnused extends Schema.TaggedError<SigningUnused>()("SigningUnused", { flag: Schema.String }) {
  override get message() {
    return `${this.flag} is for signed announcements: add --protocol signed, or leave out ${this.flag}.`
  }
}

export class HomeUnknown extends Schema.TaggedError<HomeUnknown>()("HomeUnknown", {
  place: Schema.String,
  variable: Schema.String
}) {
  override get message() {
    return `There is no home directory for ${this.place}. Set ${this.variable} to the directory that it is to be under.`
  }
}

export class KeyMissing extends Schema.TaggedError<KeyMissing>()("KeyMissing", {
  file: Schema.String,
  command: Schema.String
}) {
  override get message() {
    return `There is no key in ${this.file}. Make one with ${this.command}.`
  }
}

export class NotListed extends Schema.TaggedError<NotListed>()("NotListed", {
  key: PeerKey.PeerKey,
  file: Schema.String
}) {
  override get message() {
    return `The key ${this.key} is not on the list in ${this.file}. See who is with discover trust list.`
  }
}

export class SecretOnCommandLine extends Schema.TaggedError<SecretOnCommandLine>()("SecretOnCommandLine", {
  flag: Schema.String
}) {
  override get message() {
    return `${this.flag} is given what looks like a key. Every user of this machine can see it there, so it is not used: ` +
      `put the key in a file that only you may read, give the name of that file, and take the key for known to others.`
  }
}

export class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", { cause: Schema.Defect() }) {
  override get message() {
    return `Cannot write to standard output: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}.`
  }
}

// long enough for every sentence of ours, whatever names are in it
const columns = 1_000

/** Tells the user; a defect of ours with its stack, since that is to be reported. What effect/cli has told already is not repeated. */
export const report = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.void
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) return Effect.void
  return Console.error(
    isExpected(error) ? `discover: ${Display.display(sentence(error), columns)}` : stackOf(cause)
  )
}

const stackOf = (cause: Cause.Cause<unknown>): string =>
  Cause.pretty(cause).split("\n").map((line) => Display.display(line, columns)).join("\n")

const expected = [
  DiscoveryError.DiscoveryError,
  TrustError.TrustError,
  UnknownInterface,
  NothingToAnnounce,
  TypeMissing,
  TypeUnused,
  SubtypeUnused,
  RealmMissing,
  SigningUnused,
  HomeUnknown,
  KeyMissing,
  NotListed,
  SecretOnCommandLine,
  OutputFailed
]

type Expected = InstanceType<typeof expected[number]> | Mdns.ResolveError

const isExpected = (error: unknown): error is Expected =>
  expected.some((each) => error instanceof each) || isResolveError(error)

// not by its class, which would load all of mDNS for every command
const isResolveError = (error: unknown): error is Mdns.ResolveError => Predicate.isTagged(error, "ResolveError")

// what the library advises in words of a program, the command says in those of its own
const sentence = (error: Expected): string => {
  switch (error._tag) {
    case "DiscoveryError":
      return ofDiscovery(error.reason)
    case "ResolveError":
      return error.reason._tag === "InvalidQuestion" ? invalidQuestion(error.reason.name) : error.message
    case "TrustError":
      return ofTrust(error.reason)
    default:
      return error.message
  }
}

const ofDiscovery = (reason: DiscoveryError.Reason): string => {
  switch (reason._tag) {
    case "AddressInUse":
      return `${reason.source} cannot listen on ${reason.endpoint} (${reason.interface}): another program holds the port without sharing it. ` +
        "Stop that program, or let it share the port (SO_REUSEADDR, on BSD and macOS SO_REUSEPORT)."
    case "NoUsableInterface":
      return noUsableInterface(reason)
    default:
      return reason.message
  }
}

const ofTrust = (reason: TrustError.Reason): string => {
  switch (reason._tag) {
    case "NameTaken":
      return `Another key is pinned to this name: ${reason.pinned}. If its owner confirms that the key has changed, ` +
        "take the old one off the list with discover trust remove, then pin the new one."
    case "KeyFileExists":
      return `${reason.file} exists already, and a key is never overwritten. ` +
        "See it with discover key show, or choose another file with --file."
    default:
      return reason.message
  }
}

const invalidQuestion = (name: string): string =>
  `"${name}" cannot be asked for by mDNS. Give the name of a host, such as printer.local, or of a service, such as ` +
  `"Kitchen Printer._ipp._tcp.local", with a backslash before each dot of its own.`

const noUsableInterface = ({ available }: DiscoveryError.NoUsableInterface): string =>
  available.length === 0
    ? "No network interface is up. Connect to a network."
    : `No usable network interface is up (only ${
      available.join(", ")
    }). Connect to a network, or choose one of these with ` +
      `--interface, such as --interface ${available[0]}.`
