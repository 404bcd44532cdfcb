/** Topics of access rules: `%u` and `%c`, and what is no topic filter here. */
import { Permission } from '@gatehouse/contract/access/permission'
import { filterBehindGroup } from '@gatehouse/contract/access/topic'
import type { Findings, Place } from './findings.ts'

export interface WrittenRule {
  allow: boolean
  /** As written, with `%u` and `%c`. */
  topic: string
  place: Place
}

export function namesUser({ topic }: Pick<WrittenRule, 'topic'>): boolean {
  return topic.includes('%u')
}

/**
 * Returns the topic filter of a rule for one user; null if the rule has no effect here. A rule that allows what cannot be expressed is
 * left out. A rule that denies it is widened, so that nothing becomes allowed.
 *
 * @param username Null: for a role. Rules that name the user are left out.
 */
export function filterFor(rule: WrittenRule, username: string | null, findings: Findings): string | null {
  const { allow, place, topic } = rule
  if (namesUser(rule) && username === null) return null
  if (topic.includes('%c')) {
    findings.add('client_id_in_topic', place, username ?? undefined)
    if (allow) return null
  }
  const named = topic.replaceAll('%u', username ?? '')
  return literalFilterFor({ ...rule, topic: anyClientId(named) }, username, findings)
}

/** The same for a rule in which `%u` and `%c` are text. */
export function literalFilterFor(rule: WrittenRule, username: string | null, findings: Findings): string | null {
  const { allow, place, topic } = rule
  if (topic.startsWith('$CONTROL')) {
    if (allow) findings.add('control_topic', place, username ?? undefined)
    return null
  }
  const filter = filterBehindGroup(topic)
  if (filter !== null && isPermitted(filter)) return filter
  findings.add('topic_invalid', place, username ?? undefined)
  return null
}

/** Each level with a client id becomes `+`. */
function anyClientId(topic: string): string {
  if (!topic.includes('%c')) return topic
  return topic
    .split('/')
    .map((level) => (level.includes('%c') ? '+' : level))
    .join('/')
}

function isPermitted(resource: string): boolean {
  return Permission.safeParse({ context: 'mqtt', resource, operation: 'read' }).success
}

/** Topics by operation, as permissions: both operations on one topic are one permission. */
export function toPermissions({ read, write }: { read: readonly string[]; write: readonly string[] }): Permission[] {
  const [readable, writable] = [new Set(read), new Set(write)]
  const all = [...new Set([...read, ...write])].toSorted()
  return all.map((resource) => {
    const operation = readable.has(resource) ? (writable.has(resource) ? 'readWrite' : 'read') : 'write'
    return { context: 'mqtt', resource, operation }
  })
}
