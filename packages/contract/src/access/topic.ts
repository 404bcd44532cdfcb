/**
 * MQTT topics and topic filters (MQTT 3.1.1 §4.7). HTTP permissions use the same rules for paths: the first level of a
 * path is empty (`/api/…`), so the rule about `$` never applies to it.
 */

/** The longest MQTT string in bytes of UTF-8: it has a two-byte length prefix (§1.5.3). */
export const maxTopicBytes = 65_535

/**
 * The number of levels that the broker accepts in topics and filters. MQTT has no such bound, but each level costs the
 * broker memory and time.
 */
export const maxTopicLevels = 200

/**
 * The broker refuses control characters and noncharacters, because many clients end the connection when they receive
 * one (§1.5.3).
 */
const forbidden = /[\p{Cc}\p{Noncharacter_Code_Point}]/u

const encoder = new TextEncoder()

/** Returns the length in bytes of UTF-8, which is what MQTT counts. */
export function byteLength(text: string): number {
  return encoder.encode(text).length
}

function isWellFormed(text: string): boolean {
  if (text === '' || !text.isWellFormed() || forbidden.test(text)) return false
  return byteLength(text) <= maxTopicBytes && text.split('/').length <= maxTopicLevels
}

/** Returns true for a valid topic name: no wildcards (§4.7.1). Empty levels are allowed. */
export function isTopic(topic: string): boolean {
  return isWellFormed(topic) && !/[+#]/.test(topic)
}

/** Returns true for a valid topic filter: `+` is one whole level, `#` is the whole last level (§4.7.1.2–3). */
export function isTopicFilter(filter: string): boolean {
  if (!isWellFormed(filter)) return false
  const levels = filter.split('/')
  return levels.every((level, at) => {
    if (level === '#') return at === levels.length - 1
    return level === '+' || !/[+#]/.test(level)
  })
}

/**
 * Returns the filter of a shared subscription, which decides what it may receive: the part behind `$share/<group>/`
 * (MQTT 5 §4.8.2). Returns other filters as they are, and null if the group or the filter is not valid.
 */
export function filterBehindGroup(text: string): string | null {
  if (!text.startsWith('$share/')) return text
  const [, group = '', ...levels] = text.split('/')
  const filter = levels.join('/')
  return isTopic(group) && levels.length > 0 && isTopicFilter(filter) ? filter : null
}

/**
 * Returns true if the filter matches the topic. `sport/#` also matches `sport`; a leading wildcard does not match a
 * topic that begins with `$` (§4.7.2).
 */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic)
}

/**
 * Returns true if `outer` matches everything that `inner` matches. `inner` is a filter or a topic. Used to ensure that
 * nobody gives more than they hold.
 */
export function covers(outer: string, inner: string): boolean {
  const outerLevels = outer.split('/')
  const innerLevels = levelsOf(inner)
  // §4.7.2: a leading wildcard does not match topics that begin with `$`. Two leading wildcards leave them out alike.
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

/** Returns true if a topic exists that both filters match. */
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
 * Returns the filter that matches exactly the topics that both match, or null. One filter is always enough: at each
 * level the narrower of the two, and where one ends in `#` the rest of the other.
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
 * Returns all filters that cover this one, itself included: the keys to look up in an index. Their number doubles with
 * each level; returns null for more than `most`.
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

/**
 * No topic is empty, so `#` matches the same as `+/#`, and `/#` the same as `/+/#`. The longer forms can be compared
 * level by level.
 */
function levelsOf(filter: string): string[] {
  return (filter === '#' ? '+/#' : filter === '/#' ? '/+/#' : filter).split('/')
}

function isWildcard(level: string | undefined): boolean {
  return level === '+' || level === '#'
}
