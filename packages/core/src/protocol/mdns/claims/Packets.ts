/**
 * Probes, announcements and goodbyes as datagrams.
 */
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import * as Message from "../Message.ts"
import type * as Name from "../Name.ts"
import * as Record from "../Record.ts"
import * as Writer from "../Writer.ts"
import type * as State from "./State.ts"

/** A record is not multicast more than once in this time, in milliseconds (RFC 6762, section 6). */
export const spacing = 1_000

/** What is proposed for a name. */
export interface Proposal {
  readonly name: Name.Name
  readonly records: ReadonlyArray<Record.Record>
}

// uncompressed, so that what is planned fits for certain
const octetsOf = ({ data, name }: Record.Record): number => name.wire.length + 10 + Record.octetsOf(data).length
const proposalOctets = ({ name, records }: Proposal): number =>
  records.reduce((sum, record) => sum + octetsOf(record), name.wire.length + 4)

/**
 * What a probe proposes for a name: all of its records, the longest left out until they fit into a frame, since in a datagram of several
 * frames there may be but one record (RFC 6762, section 17).
 */
export const propose = (link: Link.Link, name: Name.Name, records: ReadonlyArray<Record.Record>): Proposal => {
  const proposal = { name, records }
  if (Message.headerOctets + proposalOctets(proposal) <= link.maxPayload || records.length === 0) return proposal
  const longest = records.reduce((longest, record) => octetsOf(record) > octetsOf(longest) ? record : longest)
  return propose(link, name, records.filter((record) => record !== longest))
}

/**
 * Asks whether anybody has the names: all in one datagram where they fit, each name together with what is proposed for it.
 *
 * Answers come by unicast (QU) where they reach us (RFC 6762, section 15.1).
 */
export const probe = (link: Link.Link, proposals: ReadonlyArray<Proposal>, out: Array<Engine.Output>): void => {
  let room = 0
  const datagrams: Array<Array<Proposal>> = []
  for (const proposal of proposals) {
    const octets = proposalOctets(proposal)
    if (datagrams.length === 0 || octets > room) {
      datagrams.push([])
      room = link.maxPayload - Message.headerOctets
    }
    datagrams.at(-1)!.push(proposal)
    room -= octets
  }
  for (const datagram of datagrams) transmit(link, writeProbe(link, datagram), out)
}

const writeProbe = (link: Link.Link, proposals: ReadonlyArray<Proposal>): Uint8Array => {
  const writer = Writer.make({ limit: link.maxPayload, kind: "query" })
  for (const { name } of proposals) {
    Writer.question(writer, { name, type: Record.Type.ANY, class: Record.IN, unicast: link.isPortOwned })
  }
  for (const record of proposals.flatMap(({ records }) => records)) {
    Writer.record(writer, "authorities", record, { flush: false })
  }
  return Writer.finish(writer)
}

/**
 * Says records to be gone, in as few datagrams as they fit in. What else was said of a set goes with them, unless somebody else may have said
 * it: without the cache-flush bit they alone go.
 */
export const takeBack = (
  link: Link.Link,
  gone: ReadonlyArray<State.Holding>,
  out: Array<Engine.Output>
): void => {
  const write = (writer: Writer.Writer, { isDoubted, record }: State.Holding): boolean =>
    Writer.record(writer, "answers", record, { ttl: 0, flush: record.flush && !isDoubted })
  const packed = pack(
    link,
    gone.map((holding) => [holding]),
    (writer, group) => group.every((holding) => write(writer, holding))
  )
  for (const { payload, said } of packed) transmit(link, payload, out, said.map(({ record }) => record))
}

/** Says records, those of a group in one datagram where they fit into one: some browsers see only what came together. */
export const sayGroups = (
  link: Link.Link,
  groups: ReadonlyArray<ReadonlyArray<Record.Record>>,
  out: Array<Engine.Output>
): void => {
  const packed = pack(link, groups, (writer, records) => Writer.records(writer, "answers", records))
  for (const { payload } of packed) transmit(link, payload, out)
}

interface Packed<A> {
  readonly payload: Uint8Array
  readonly said: ReadonlyArray<A>
}

// in as few datagrams as they fit in; a record that is too long for a frame goes alone
const pack = <A>(
  link: Link.Link,
  groups: ReadonlyArray<ReadonlyArray<A>>,
  write: (writer: Writer.Writer, group: ReadonlyArray<A>) => boolean
): ReadonlyArray<Packed<A>> => {
  const packed: Array<Packed<A>> = []
  let writer = Writer.responseOn(link)
  let said: Array<A> = []
  const finish = (): void => {
    packed.push({ payload: Writer.finish(writer), said })
    writer = Writer.responseOn(link)
    said = []
  }
  const put = (group: ReadonlyArray<A>): void => {
    if (write(writer, group)) said.push(...group)
    else if (!Writer.isEmpty(writer)) {
      finish()
      put(group)
    } else if (group.length > 1) group.forEach((one) => put([one]))
  }
  groups.forEach(put)
  if (!Writer.isEmpty(writer)) finish()
  return packed
}

const transmit = (
  link: Link.Link,
  payload: Uint8Array,
  out: Array<Engine.Output>,
  gone?: ReadonlyArray<Record.Record>
): void => {
  out.push({ _tag: "Transmit", link: link.key, payload, to: "group", gone })
}
