/**
 * MQTT topics and topic filters, MQTT 3.1.1 §4.7. The same rules serve HTTP permissions, whose resources are
 * paths with `+` and `#`: a path's first level is empty (`/api/…`), so the rule about `$` never applies to it.
 */

/** Bytes of UTF-8 that an MQTT string may have: a two-byte length prefix (§1.5.3). */
export const maxTopicBytes = 65_535

const encoder = new TextEncoder()

function isWellFormed(text: string): boolean {
  return text.length > 0 && !text.includes('\0') && text.isWellFormed() && encoder.encode(text).length <= maxTopicBytes
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
  const innerLevels = inner.split('/')
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
  const oneLevels = one.split('/')
  const otherLevels = other.split('/')
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
  if (!overlaps(one, other)) return null
  // `+` and `/#` meet in the empty topic only, which there is not.
  return narrowest(one.split('/'), other.split('/')).join('/') || null
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

function isWildcard(level: string | undefined): boolean {
  return level === '+' || level === '#'
}
