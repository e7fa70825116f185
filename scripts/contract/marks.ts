/**
 * What is known of rules beside the results of their tests.
 */

/** How a rule was checked when it was written down, where that is not "V": by experiment, and as one would expect. */
export const marks: { readonly [rule: number]: string } = {
  ...Object.fromEntries([16, 33, 49, 54, 80, 81, 90, 95, 104, 105, 106].map((rule) => [rule, "V*"])),
  ...Object.fromEntries([46, 117, 118, 119, 120, 121].map((rule) => [rule, "D"])),
  37: "V, D",
  76: "V, D"
}

/** Where real sockets differ from the text of a rule, or say more. They are right. */
export const notes: { readonly [rule: number]: string } = {
  27: "Namespaces can have such routes, so real sockets show it.",
  30: "Other addresses of the loopback network, such as 127.0.0.7, are reached from 127.0.0.1.",
  46: "Content was compared on real sockets, by a hash.",
  66:
    "Leaving by the removed address frees the socket of the group, but the system no longer knows the interface by it: the interface stays in the group, and by rule 49 wildcard sockets go on hearing it.",
  76: "That no answer is heard was seen on real sockets.",
  103:
    "Whether the callback comes before or after pending microtasks depends on where the send was called: from a turn of the event loop it comes before them."
}
