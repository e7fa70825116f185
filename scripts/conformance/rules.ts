/**
 * The rules of security, in the order in which a datagram meets them. Each is a promise of this library, not of an RFC.
 */
export const rules: ReadonlyArray<readonly [id: string, requirement: string]> = [
  [
    "S-P1",
    "Every decoder returns a value or a reason for any octets: none throws, recurses on input or runs without bound"
  ],
  ["S-P2", "A datagram's size is judged first, by the limit of its format, and what is larger is dropped and counted"],
  ["S-P3", "Nothing is allocated by a count or a length from the wire before that many octets are known to be there"],
  ["S-P4", "The work on a datagram is bounded by its size: names, pointers, records, and the steps in all"],
  ["S-P5", "A bad record is skipped up to its declared end; a bad header or name drops the message"],
  ["S-P6", "Text is strict UTF-8 with nothing stripped; names keep their octets, and are told apart by them"],
  ["S-P7", "JSON is measured before it is parsed, decoded into a fresh object, and what is not known of it is dropped"],
  ["S-P8", "No text from the wire becomes a property of an ordinary object"],
  [
    "S-P9",
    "No regular expression that could backtrack runs on text from the wire, and none before its length is capped"
  ],
  [
    "S-P10",
    "Decoders of tagged formats skip what they do not know by its type, cap what they keep, and copy no more than a few datagrams' worth"
  ],
  ["S-P11", "Nothing from the wire is looked up, fetched or connected to by the library"],
  [
    "S-A1",
    "Answers go to sources on the link only; a unicast question is answered only when its source is on the interface's network"
  ],
  ["S-A2", "A unicast answer is at most ten times its question, 20 a second go to one source, and 100 in all"],
  ["S-A3", "A record is multicast once a second on an interface at most, answers are merged, and packets are capped"],
  [
    "S-A4",
    "Nothing heard makes a node multicast at once, beside the answers of mDNS and one delayed greeting for new peers"
  ],
  ["S-A5", "Challenges go to trusted keys only, seldom, and a proof is no longer than its challenge"],
  ["S-A6", "mDNS leaves with hop limit 255, all other multicast with 1, and broadcast on the chosen interfaces only"],
  ["S-A7", "What is heard on one interface is never repeated on another"],
  ["S-U1", "Every claim about a peer says how far it is proven"],
  ["S-U2", "Addresses are kept by where they were heard: an announcement replaces its own and touches no other's"],
  ["S-U3", "A goodbye gives the owner time to object, more when a stranger says it, and never touches what is signed"],
  ["S-U4", "A flush takes a second, and that of a stranger makes us ask before it is believed"],
  ["S-U5", "Peers are named by their source: none speaks for another's peer, and only a proven key links two"],
  ["S-U6", "Addresses that nobody could dial are not exposed, and those off the link are not offered unless asked for"],
  ["S-U7", "A node knows itself by id or key, never by address; who uses its id is counted, and changes nothing"],
  ["S-T1", "Strangers are reported once an hour each, the latest 256 are kept, and none is dialed"],
  [
    "S-T2",
    "A key that is only claimed is dialed where that was asked for, seldom, and never before what is signed or works"
  ],
  ["S-T3", "Trust is in whole keys; their short forms are for people, and compared by no program"],
  [
    "S-T4",
    "The trust file is replaced whole, readable by its owner alone; a corrupt one stops the start, and changes apply at once"
  ],
  ["S-T5", "Private keys are for their owner alone, and appear in no error, log or inspection"],
  [
    "S-T6",
    "A trusted key can name its successor: offered, or taken when that was asked for, seldom and never for long chains"
  ],
  ["S-T7", "A key that retires is denied for good"],
  ["S-T8", "Secrets are compared in constant time"],
  [
    "S-D1",
    "All text that people see goes through one function that spells out whatever commands a terminal or deceives"
  ],
  [
    "S-D2",
    "Logs are structured: one event a line, each kind of failure seldom, and no text of the wire inside a message"
  ],
  ["S-D3", "Labels of metrics and spans come from closed sets, never from the wire"],
  ["S-D4", "A name that looks like that of a trusted or pinned peer with another key is flagged"],
  ["S-D5", "Examples that show names use the escaping of where they show them"],
  ["S-V1", "The default name says nothing of the host, its user or its system"],
  ["S-V2", "A node that only listens sends nothing"],
  [
    "S-V3",
    "Tunnels and bridges of containers are left out unless chosen, and only the addresses of an interface are announced on it"
  ],
  ["S-V4", "A group's datagrams show no key to those outside it"],
  ["S-V5", "What was learned on one interface is not sent on another"],
  ["S-F1", "A datagram that fails to decode, a full queue or a failing policy costs one datagram, and ends nothing"],
  ["S-F2", "After a stall peers are not declared lost before what has arrived meanwhile was read"],
  ["S-F3", "What fails is restarted with growing, jittered delays, and what was known survives it"],
  ["S-F4", "A group is joined on a zone only when that zone is there"],
  ["S-F5", "Errors are values of a closed set, and none carries more than 64 octets of the wire"]
]
