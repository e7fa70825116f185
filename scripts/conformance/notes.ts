/**
 * What is known of the rows of mDNS beside their tests.
 */
import type { Note } from "./Checklist.ts"

export const notes: { readonly [id: string]: Note } = {
  "M-10.5-1": {
    status: "partial",
    note:
      "Four questions in vain, not two: with two, living services are lost on a link that loses one datagram of twenty."
  },
  "M-22.1-2": {
    status: "not-implemented",
    note: "Binds users, DNS servers, operators and registrars, not a library."
  },
  "D-4.1.3-1": {
    status: "not-implemented",
    note: "Punycode is for unicast DNS, which is not asked: names go out as the UTF-8 they are."
  },
  "M-6.1-4": {
    note:
      "Nothing that can be published has a type above 255: that such a name is not denied is tested in its parts, and that there is none through the whole library."
  },
  "M-6.1-5": { note: "As M-6.1-4." },
  "M-6.1-13": {
    note: "Denials go with answers where a family of addresses lacks (section 6.2), and are heard with any answer."
  },
  "D-11-1": {
    status: "not-implemented",
    note: "Domains are not enumerated at all, so none is derived from an address."
  }
}
