/**
 * Decides what a list of permissions allows. The broker, the list of effective access and the permission tester all use
 * it.
 */

import { allows, type Context, type Permission } from './permission.ts'
import type { AccessReason } from './permissions.ts'
import { filterBehindGroup, isTopic } from './topic.ts'

/** What a client wants to do. */
export interface Question {
  context: Context
  operation: 'read' | 'write'
  /** A path; a topic, with its publish prefix; or, to read, a topic filter. */
  resource: string
}

/** The decision, and the permissions behind it. */
export interface Verdict<Line extends Permission = Permission> {
  reason: AccessReason
  /** The permissions that allow it; empty unless the reason is `permitted`. */
  lines: Line[]
}

/**
 * Returns whether one of the permissions allows it, and which ones. `lines` may have further fields, such as the roles
 * that they come from.
 */
export function judge<Line extends Permission>(lines: readonly Line[], question: Question): Verdict<Line> {
  const ruled = ruledOut(question)
  if (ruled) return { reason: ruled, lines: [] }
  const { context, operation } = question
  const isSubscription = context === 'mqtt' && operation === 'read'
  const resource = isSubscription ? (filterBehindGroup(question.resource) ?? '') : question.resource
  const allowing = lines.filter((line) => line.context === context && allows(line, operation, resource))
  return { reason: allowing.length > 0 ? 'permitted' : 'no_permission', lines: allowing }
}

/** Returns why no permission can allow this, or null. */
export function ruledOut({ context, operation, resource }: Question): AccessReason | null {
  if (context !== 'mqtt') return null
  if (operation === 'write' && !isTopic(resource)) return 'topic_expected'
  // Topics below $SYS are the broker's own.
  if (operation === 'write' && isUnder('$SYS', resource)) return 'broker_topic'
  if (operation === 'write' || !isUnder('$share', resource)) return null
  // A shared subscription is judged by its filter. It cannot contain another one.
  const filter = filterBehindGroup(resource)
  return filter === null || isUnder('$share', filter) ? 'shared_subscription' : null
}

function isUnder(root: string, topic: string): boolean {
  return topic === root || topic.startsWith(`${root}/`)
}
