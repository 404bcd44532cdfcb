/** Decides about topics: a user subscribes to, publishes and receives only what one of their own permissions covers. */
import { ruledOut } from '@gatehouse/contract/access/decision'
import { may, type Permission } from '@gatehouse/contract/access/permission'
import { isTopicFilter } from '@gatehouse/contract/access/topic'
import { TopicMemory } from './topic-memory.ts'

export interface TopicPermissions {
  mqttPermissions: readonly Permission[]
  /** Put before each published topic as it is. Null: none. */
  mqttPublishPrefix: string | null
}

/** A user's rights on topics, compiled once for each connection. */
export interface TopicRights {
  may(operation: 'read' | 'write', resource: string): boolean
  publishPrefix: string
  /** Equal for equal rights. */
  key: string
}

export interface PublishDecision {
  isAllowed: boolean
  /** With the publish prefix. */
  topic: string
}

/** Decides about a message or a will that a client publishes to `topic`. */
export function judgePublish(rights: TopicRights, topic: string): PublishDecision {
  const published = rights.publishPrefix + topic
  return { isAllowed: rights.may('write', published), topic: published }
}

/** Decides whether a client may subscribe to a topic filter: a permission must cover all of it. */
export function judgeSubscribe(rights: TopicRights, filter: string): boolean {
  return rights.may('read', filter)
}

/** Decides whether a client receives a message on this topic. Asked for each message, because the rights may have changed. */
export function judgeDelivery(rights: TopicRights, topic: string): boolean {
  return rights.may('read', topic)
}

export function compileRights({ mqttPermissions: permissions, mqttPublishPrefix }: TopicPermissions): TopicRights {
  // A device uses few topics again and again: each is judged once, then looked up.
  const memory = { read: new TopicMemory(), write: new TopicMemory() }
  return {
    publishPrefix: mqttPublishPrefix ?? '',
    key: rightsKey({ mqttPermissions: permissions, mqttPublishPrefix }),
    may: (operation, resource) => {
      const known = memory[operation].get(resource)
      if (known !== undefined) return known
      const allowed = isAllowed(permissions, operation, resource)
      memory[operation].set(resource, allowed)
      return allowed
    },
  }
}

/** The rights by these permissions: the given ones, which have judged topics already, if they are equal. */
export function renewRights(rights: TopicRights, permissions: TopicPermissions): TopicRights {
  return rightsKey(permissions) === rights.key ? rights : compileRights(permissions)
}

function rightsKey({ mqttPermissions: permissions, mqttPublishPrefix }: TopicPermissions): string {
  return JSON.stringify([mqttPublishPrefix, permissions.map(({ resource, operation }) => [resource, operation])])
}

function isAllowed(permissions: readonly Permission[], operation: 'read' | 'write', resource: string): boolean {
  // The engine judges a shared subscription by the filter behind its group.
  if (operation === 'read' && (!isTopicFilter(resource) || resource.startsWith('$share/'))) return false
  return ruledOut({ context: 'mqtt', operation, resource }) === null && may(permissions, 'mqtt', operation, resource)
}
