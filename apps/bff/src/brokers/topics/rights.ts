/** The MQTT rights of the caller, judged by the same rules as those of clients. */
import { coversAll, everything, holds, type Permission } from '@gatehouse/contract/access/permission'
import {
  compileRights,
  judgeDelivery,
  judgePublish,
  judgeSubscribe,
  type TopicPermissions,
  type TopicRights,
} from '../../access/decision/topics.ts'
import { findSubject } from '../../identity/users/access-store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'

/** Of a token: only what it is limited to. */
export async function topicPermissionsOf(reader: Db, { userId, permissions }: Caller): Promise<TopicPermissions> {
  const subject = await findSubject(reader, userId)
  if (!subject) throw new Problem('not_signed_in')
  return {
    mqttPermissions: permissions.filter(({ context }) => context === 'mqtt'),
    mqttPublishPrefix: subject.mqttPublishPrefix,
  }
}

export function requireSubscribe(held: TopicPermissions, filter: string): void {
  if (!judgeSubscribe(compileRights(held), filter)) throw refused('read', filter)
}

export function requireDelivery(held: TopicPermissions, topic: string): void {
  if (!judgeDelivery(compileRights(held), topic)) throw refused('read', topic)
}

/** @returns the topic with the publish prefix. */
export function requirePublish(held: TopicPermissions, topic: string): string {
  const { isAllowed, topic: published } = judgePublish(compileRights(held), topic)
  if (!isAllowed) throw refused('write', published)
  return published
}

/** To delete a retained message is to publish an empty one. */
export function requireClear(held: TopicPermissions, topic: string): void {
  const rights = compileRights(held)
  if (!isBelowPrefix(rights, topic)) throw refused('write', topic)
  requirePublish(held, topic.slice(rights.publishPrefix.length))
}

/** The same for all topics that match a filter. Administrators may delete them all, also below `$` where nobody may publish. */
export function requireClearAll(held: TopicPermissions, filter: string): void {
  const needed = { context: 'mqtt', operation: 'write', resource: filter } as const
  const isCovered = holds(held.mqttPermissions, needed) && filter.startsWith(held.mqttPublishPrefix ?? '')
  if (!isCovered && !coversAll(held.mqttPermissions, everythingOnBroker)) throw refused('write', filter)
}

const everythingOnBroker = everything.filter(({ context }) => context === 'mqtt')

function isBelowPrefix({ publishPrefix }: TopicRights, topic: string): boolean {
  return topic.startsWith(publishPrefix) && topic.length > publishPrefix.length
}

function refused(operation: 'read' | 'write', resource: string): Problem {
  const needed: Permission = { context: 'mqtt', operation, resource }
  return new Problem('not_permitted', { facts: { needed } })
}
