/**
 * Decides what a list of permissions allows. The broker, the list of effective access and the permission tester all use
 * it.
 */

import { allows, type Context, type Permission } from './permission.ts'
import type { AccessReason } from './permissions.ts'
import { isTopic } from './topic.ts'

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
  const allowing = lines.filter(
    (line) => line.context === question.context && allows(line, question.operation, question.resource),
  )
  return { reason: allowing.length > 0 ? 'permitted' : 'no_permission', lines: allowing }
}

/** Returns why no permission can allow this, or null. */
export function ruledOut({ context, operation, resource }: Question): AccessReason | null {
  if (context === 'http') return null
  if (operation === 'write' && !isTopic(resource)) return 'topic_expected'
  // Only the broker publishes below $SYS; aedes also executes commands there (`$SYS/+/new/clients` closes connections).
  if (operation === 'write' && isUnder('$SYS', resource)) return 'broker_topic'
  // `$share/group/filter` would be compared by its name and not by the filter inside, so shared subscriptions are
  // refused.
  return operation === 'read' && isUnder('$share', resource) ? 'shared_subscription' : null
}

function isUnder(root: string, topic: string): boolean {
  return topic === root || topic.startsWith(`${root}/`)
}
