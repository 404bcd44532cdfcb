/**
 * MQTT topics and topic filters, MQTT 3.1.1 §4.7. The same rules serve HTTP permissions, whose resources are
 * paths with `+` and `#`: a path's first level is empty (`/api/…`), so the rule about `$` never applies to it.
 */

/** Bytes of UTF-8 that an MQTT string may have: a two-byte length prefix (§1.5.3). */
export const maxTopicBytes = 65_535

const encoder = new TextEncoder()

/** Length in bytes of UTF-8: what MQTT counts. */
export function byteLength(text: string): number {
  return encoder.encode(text).length
}

function isWellFormed(text: string): boolean {
  return text.length > 0 && !text.includes('\0') && text.isWellFormed() && byteLength(text) <= maxTopicBytes
}

/** A topic name: what a message is published to. No wildcards (§4.7.1). Empty levels are legal. */
export function isTopic(topic: string): boolean {
  return isWellFormed(topic) && !/[+#]/.test(topic)
}

/** A topic filter: what one subscribes to. `+` fills one whole level, `#` is the whole last level (§4.7.1.2–3). */
export function isTopicFilter(filter: string): boolean {
  if (!isWellFormed(filter)) return false
  const levels = filter.split('/')
  return levels.every((level, at) => {
    if (level === '#') return at === levels.length - 1
    return level === '+' || !/[+#]/.test(level)
  })
}

/**
 * Does a filter match a topic? `sport/#` matches `sport` too, and a leading wildcard does not match a topic
 * that begins with `$` (§4.7.2).
 */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic)
}

/**
 * Does `outer` match everything that `inner` matches? `inner` may be a filter or a topic.
 * Needed for "nobody gives away more than they hold".
 */
export function covers(outer: string, inner: string): boolean {
  const outerLevels = outer.split('/')
  const innerLevels = levelsOf(inner)
  // §4.7.2: what begins with `$` is reached only by name. A leading wildcard on both sides leaves it out alike.
  if (inner.startsWith('$') && isWildcard(outerLevels[0])) return false
  for (let at = 0; ; at++) {
    const wide = outerLevels[at]
    const narrow = innerLevels[at]
    if (wide === '#') return true
    if (wide === undefined || narrow === undefined) {
      if (wide === undefined && narrow === undefined) return true
      return false
    }
    if (narrow === '#') return false
    if (wide === '+') continue
    if (wide !== narrow) return false
  }
}

/** Is there a topic that both filters match? */
export function overlaps(one: string, other: string): boolean {
  const oneLevels = levelsOf(one)
  const otherLevels = levelsOf(other)
  if (one.startsWith('$') && isWildcard(otherLevels[0])) return false
  if (other.startsWith('$') && isWildcard(oneLevels[0])) return false
  for (let at = 0; ; at++) {
    const a = oneLevels[at]
    const b = otherLevels[at]
    if (a === '#' || b === '#') return true
    if (a === undefined || b === undefined) return a === b
    if (a !== '+' && b !== '+' && a !== b) return false
  }
}

/**
 * The filter that matches exactly what both match; null where nothing does. There always is one: at each level the narrower
 * of the two, and where one ends in `#` the rest of the other.
 */
export function intersect(one: string, other: string): string | null {
  return overlaps(one, other) ? narrowest(one.split('/'), other.split('/')).join('/') : null
}

function narrowest(one: readonly string[], other: readonly string[]): string[] {
  const levels: string[] = []
  for (const [at, level] of one.entries()) {
    const beside = other[at]
    if (level === '#') return [...levels, ...other.slice(at)]
    if (beside === '#') return [...levels, ...one.slice(at)]
    levels.push(level === '+' && beside !== undefined ? beside : level)
  }
  return levels
}

/**
 * All filters that cover this one, itself among them: what a look-up by meaning has to ask an index for. They double with each
 * level; null where that makes more than `most`.
 */
export function coveringFilters(filter: string, most: number): string[] | null {
  const levels = levelsOf(filter)
  const isOpen = levels.at(-1) === '#'
  const named = isOpen ? levels.slice(0, -1) : levels
  let heads: string[][] = [[]]
  const found: string[][] = []
  for (const [at, level] of named.entries()) {
    const isOwn = at === 0 && level.startsWith('$')
    if (!isOwn) found.push(...heads.map((head) => [...head, '#']))
    const kinds = isOwn || level === '+' ? [level] : [level, '+']
    heads = heads.flatMap((head) => kinds.map((kind) => [...head, kind]))
    if (found.length + heads.length > most) return null
  }
  found.push(...heads.map((head) => [...head, '#']), ...(isOpen ? [] : heads))
  return found.length > most ? null : found.map((each) => each.join('/'))
}

/** No topic is empty: so `#` matches what `+/#` does, and `/#` what `/+/#` does. Said the longer way they compare level by level. */
function levelsOf(filter: string): string[] {
  return (filter === '#' ? '+/#' : filter === '/#' ? '/+/#' : filter).split('/')
}

function isWildcard(level: string | undefined): boolean {
  return level === '+' || level === '#'
}
