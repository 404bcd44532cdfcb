/** What somebody's permissions say about one thing. The broker, effective access and the tester of a form ask here alike. */

import { allows, type Context, type Permission } from './permission.ts'
import type { AccessReason } from './permissions.ts'
import { isTopic } from './topic.ts'

export interface Question {
  context: Context
  operation: 'read' | 'write'
  /** A path; a topic, with its publish prefix; or, to read, a topic filter. */
  resource: string
}

export interface Verdict<Line extends Permission = Permission> {
  reason: AccessReason
  /** Those that allow it; none where the reason is another than `permitted`. */
  lines: Line[]
}

export function judge<Line extends Permission>(lines: readonly Line[], question: Question): Verdict<Line> {
  const ruled = ruledOut(question)
  if (ruled) return { reason: ruled, lines: [] }
  const allowing = lines.filter(
    (line) => line.context === question.context && allows(line, question.operation, question.resource),
  )
  return { reason: allowing.length > 0 ? 'permitted' : 'no_permission', lines: allowing }
}

/** What no permission can allow. */
export function ruledOut({ context, operation, resource }: Question): AccessReason | null {
  if (context === 'http') return null
  if (operation === 'write' && !isTopic(resource)) return 'topic_expected'
  // What the broker says about itself; aedes also takes orders there (`$SYS/+/new/clients` closes connections).
  if (operation === 'write' && isUnder('$SYS', resource)) return 'broker_topic'
  // `$share/group/filter` would be judged by its name and not by the filter inside: no shared subscriptions.
  return operation === 'read' && isUnder('$share', resource) ? 'shared_subscription' : null
}

function isUnder(root: string, topic: string): boolean {
  return topic === root || topic.startsWith(`${root}/`)
}
