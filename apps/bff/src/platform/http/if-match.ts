/** `If-Match` (RFC 9110 §13.1.1): the versions that the caller accepts as current. */

/** `W/` is case-sensitive. A tag may contain commas, so the list cannot be split at commas. */
const listedTag = /[ \t,]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?=,|$)/y
const onlySeparators = /^[ \t,]*$/
/** Our tag, and the suffixes that Apache, Caddy and Jetty append when they compress. */
const ourTag = /^(0|[1-9]\d{0,14})(?:(?:-|;|--)(?:gzip|br|zstd|deflate))?$/

/**
 * Null: any version, because there is no header or it is `*`. An empty list matches no version: a header that is
 * malformed, or has only tags that this server never sent, must not let a change through.
 *
 * Weak tags are accepted, although the RFC requires strong comparison here: proxies that compress make our tag weak
 * (nginx), and the version in it still names exactly one state.
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
