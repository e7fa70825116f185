/**
 * Which text a signed announcement may hold.
 */
import * as Text from "../internal/text.ts"

export const maxNameOctets = 63
export const maxServiceOctets = 24
export const maxKeyOctets = 32

/** Whether text can be a name: 1 to 63 octets of UTF-8 in the normal form NFC, without control characters. */
export const isName = (text: string): boolean =>
  text.length > 0 && Text.fits(text, maxNameOctets) && !hasControl(text) && text.normalize("NFC") === text

// C0, DEL and C1
const hasControl = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return true
  }
  return false
}

/** Whether text can be a service: `_x._tcp` or `_x._udp`, x of ASCII letters, digits, hyphens and underscores. */
export const isService = (text: string): boolean =>
  text.length <= maxServiceOctets && /^_[A-Za-z0-9_-]+\._(tcp|udp)$/.test(text)

/** Whether text can be the key of an attribute. */
export const isAttributeKey = (text: string): boolean => text.length <= maxKeyOctets && /^[a-z0-9._-]+$/.test(text)
