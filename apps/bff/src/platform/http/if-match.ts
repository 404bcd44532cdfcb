/** `If-Match` (RFC 9110 §13.1.1): which versions the caller takes the thing to have. */

/** `W/` is case-sensitive. A tag may hold commas, so that the list cannot be split at them. */
const listedTag = /[ \t,]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?=,|$)/y
const onlySeparators = /^[ \t,]*$/
/** Our tag, and what Apache, Caddy and Jetty append to it when they compress. */
const ourTag = /^(0|[1-9]\d{0,14})(?:(?:-|;|--)(?:gzip|br|zstd|deflate))?$/

/**
 * Null: any version, for there is no header, or it is `*`. An empty list matches nothing: a header that is malformed, or has only tags
 * that we never gave, must not let a change through.
 *
 * Weak tags are taken, although the RFC compares strongly here: proxies that compress make our tag weak (nginx), and the version behind
 * it still names exactly one state.
 */
export function readIfMatch(header: string | undefined): readonly number[] | null {
  if (header === undefined || header.trim() === '*') return null
  const versions: number[] = []
  let end = 0
  listedTag.lastIndex = 0
  for (let found = listedTag.exec(header); found; found = listedTag.exec(header)) {
    end = listedTag.lastIndex
    const version = ourTag.exec(found[1] ?? '')?.[1]
    if (version !== undefined) versions.push(Number(version))
  }
  return onlySeparators.test(header.slice(end)) ? versions : []
}
