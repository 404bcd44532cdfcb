/** Distinguished names as text (RFC 4514): two spellings of one name become the same text. */

interface Read {
  text: string
  at: number
}

/**
 * One text for all spellings of a name: case, spaces around separators and between words, escapes, and the order in an RDN with
 * several attributes. Null: the text is not a name. The result is for comparison only.
 */
export function normalDn(dn: string): string | null {
  const names: string[] = []
  for (let at = 0; ; ) {
    const rdn = readRdn(dn, at)
    if (!rdn) return null
    names.push(rdn.text)
    if (rdn.at >= dn.length) return names.join(',')
    at = rdn.at + 1
  }
}

function readRdn(dn: string, start: number): Read | null {
  const pairs: string[] = []
  for (let at = start; ; ) {
    const type = /\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=/y
    type.lastIndex = at
    const name = type.exec(dn)?.[1]
    if (name === undefined) return null
    const value = readValue(dn, type.lastIndex)
    if (!value) return null
    pairs.push(`${name.toLowerCase()}=${JSON.stringify(folded(value.text))}`)
    if (dn[value.at] !== '+') return { text: pairs.toSorted().join('+'), at: value.at }
    at = value.at + 1
  }
}

/** Reads up to `,`, `+` or the end. Escaped bytes are UTF-8. */
function readValue(dn: string, start: number): Read | null {
  const isQuoted = /\s*"/y
  isQuoted.lastIndex = start
  if (isQuoted.test(dn)) return readQuoted(dn, isQuoted.lastIndex)
  const parts: Buffer[] = []
  let at = start
  while (at < dn.length && dn[at] !== ',' && dn[at] !== '+') {
    const unit = readUnit(dn, at)
    if (!unit) return null
    parts.push(unit.bytes)
    at = unit.at
  }
  return { text: Buffer.concat(parts).toString(), at }
}

/** The form of RFC 1779, which some directories still write. */
function readQuoted(dn: string, start: number): Read | null {
  const parts: Buffer[] = []
  let at = start
  while (dn[at] !== '"') {
    const unit = at < dn.length ? readUnit(dn, at) : null
    if (!unit) return null
    parts.push(unit.bytes)
    at = unit.at
  }
  const rest = /\s*/y
  rest.lastIndex = at + 1
  rest.test(dn)
  const isEnd = rest.lastIndex >= dn.length || dn[rest.lastIndex] === ',' || dn[rest.lastIndex] === '+'
  return isEnd ? { text: Buffer.concat(parts).toString(), at: rest.lastIndex } : null
}

function readUnit(dn: string, at: number): { bytes: Buffer; at: number } | null {
  if (dn[at] !== '\\') {
    const character = String.fromCodePoint(dn.codePointAt(at) ?? 0)
    return { bytes: Buffer.from(character), at: at + character.length }
  }
  const hex = /^[0-9A-Fa-f]{2}/.exec(dn.slice(at + 1, at + 3))?.[0]
  if (hex !== undefined) return { bytes: Buffer.from(hex, 'hex'), at: at + 3 }
  const escaped = dn[at + 1]
  return escaped === undefined ? null : { bytes: Buffer.from(escaped), at: at + 2 }
}

/** As directories compare names (RFC 4518 §2: case, and spaces at the ends and in between). */
function folded(value: string): string {
  return value.normalize('NFC').toLowerCase().trim().replace(/ +/g, ' ')
}
