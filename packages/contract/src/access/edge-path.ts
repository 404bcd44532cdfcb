/**
 * Paths of requests that devices send through the HTTP edge: `/<upstream>/path`. A path that two servers may read in two
 * ways is refused, because the edge would judge one path and the upstream would serve another (RFC 3986 §6.2.2).
 */
import { isTopic, isTopicFilter } from './topic.ts'

/** `.` and `..`, also with parameters behind them: some servers remove `;…` before they resolve dots (RFC 3986 §3.3). */
const dotSegment = /^\.{1,2}(;|$)/

/** Returns true for a decoded path, or a filter of paths, that has one meaning only. */
export function isEdgePath(path: string): boolean {
  if (!path.startsWith('/') || !(isTopicFilter(path) || isTopic(path.replace(/[+#]/g, '')))) return false
  const segments = path.slice(1).split('/')
  return segments.every((segment, at) => {
    // An empty last segment is a path that ends with a slash.
    if (segment === '') return at === segments.length - 1
    return !dotSegment.test(segment) && !/[\\%]/.test(segment)
  })
}

/**
 * Returns the decoded path of a request target (RFC 9112 §3.2.1, without its query), or null if it must be refused: another
 * form of target, empty segments, dots, encoded separators, what was encoded twice, and bytes that are not UTF-8.
 */
export function readEdgePath(target: string): string | null {
  const [raw = ''] = target.split('?', 1)
  if (!/^\/[\x21-\x7e]*$/.test(raw) || raw.includes('#')) return null
  try {
    const segments = raw.slice(1).split('/').map(decodeURIComponent)
    const path = `/${segments.join('/')}`
    return segments.some((segment) => segment.includes('/')) || !isEdgePath(path) ? null : path
  } catch {
    return null
  }
}
