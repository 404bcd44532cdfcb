// Rule: nothing is subscribed to, published or delivered unless one of the user's own permissions covers the topic; all hooks ask `may`.
import { ruledOut } from '@gatehouse/contract/access/decision'
import { may, type Permission } from '@gatehouse/contract/access/permission'
import { isTopicFilter } from '@gatehouse/contract/access/topic'

/** A user's rights on the broker, compiled once for each connection. */
export interface Access {
  /** `read`: a topic that is delivered, or a filter that is subscribed to. `write`: a topic with its prefix. */
  may(operation: 'read' | 'write', resource: string): boolean
  /** Put before each published topic as it is; empty for none. */
  publishPrefix: string
  /** Equal for equal rights. */
  key: string
}

export interface Rights {
  permissions: readonly Permission[]
  mqttPublishPrefix: string | null
}

const rememberedTopics = 256
const rememberedLength = 256

export function compileAccess({ permissions, mqttPublishPrefix }: Rights): Access {
  // A device uses few topics again and again: each is judged once, then looked up.
  const memory = { read: new Map<string, boolean>(), write: new Map<string, boolean>() }
  return {
    publishPrefix: mqttPublishPrefix ?? '',
    key: accessKey({ permissions, mqttPublishPrefix }),
    may: (operation, resource) => {
      const known = memory[operation].get(resource)
      if (known !== undefined) return known
      const allowed = decide(permissions, operation, resource)
      if (memory[operation].size >= rememberedTopics) memory[operation].clear()
      if (resource.length <= rememberedLength) memory[operation].set(resource, allowed)
      return allowed
    },
  }
}

export function accessKey({ permissions, mqttPublishPrefix }: Rights): string {
  return JSON.stringify([mqttPublishPrefix, permissions.map(({ resource, operation }) => [resource, operation])])
}

function decide(permissions: readonly Permission[], operation: 'read' | 'write', resource: string): boolean {
  if (operation === 'read' && !isTopicFilter(resource)) return false
  return ruledOut({ context: 'mqtt', operation, resource }) === null && may(permissions, 'mqtt', operation, resource)
}
