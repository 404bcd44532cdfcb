/** Compiles MQTT permissions into ACLs of Mosquitto's dynamic-security plugin ("dynsec"). Only allowing rules come out of permissions. */
import { includes, type Permission } from '@gatehouse/contract/access/permission'

export type AclType = 'publishClientSend' | 'publishClientReceive' | 'subscribePattern'

export interface DynsecAcl {
  acltype: AclType
  topic: string
  /** Of the matching ACLs of a role the one with the highest priority decides. */
  priority: number
  allow: boolean
}

const priorities = { allow: 0, denyBrokerTopics: 1, allowBrokerTopics: 2 }

/**
 * Each right to read becomes three ACLs: to subscribe, to subscribe in a shared subscription (Mosquitto compares `$share/<group>/…`
 * as written), and to receive. The last one is needed because an offline session keeps its subscriptions after the right was taken.
 */
export function compileAcls(permissions: readonly Permission[]): DynsecAcl[] {
  const kept = permissions.filter(isKept)
  const reads = filtersOf(kept, 'read')
  const writes = filtersOf(kept, 'write').filter((filter) => !isBrokerTopic(filter))
  const acls = [
    ...reads.flatMap((filter) => [
      allow('subscribePattern', filter),
      ...(isBrokerTopic(filter) ? [] : [allow('subscribePattern', `$share/+/${filter}`)]),
      allow('publishClientReceive', filter),
    ]),
    ...writes.map((filter) => allow('publishClientSend', filter)),
    // For dynsec `subscribePattern #` covers `$SYS/#`. For MQTT it does not [MQTT-4.7.2-1].
    ...(reads.some((filter) => /^[+#]/.test(filter)) ? brokerTopics.map(deny) : []),
  ]
  // The key of an ACL is its type and topic. An explicit permission comes before the general rule.
  return [...new Map(acls.toReversed().map((acl) => [`${acl.acltype} ${acl.topic}`, acl])).values()].toReversed()
}

/**
 * False for a permission that dynsec must not get: `$CONTROL` administers Mosquitto itself, and Mosquitto 2.1 replaces `%u` and `%c`
 * by the username and the client id, which are literal text here.
 */
export function isKept({ resource }: Permission): boolean {
  return !/^\$(CONTROL|share)(\/|$)/.test(resource) && !/%[uc]/.test(resource)
}

const brokerTopics = ['$SYS/#', '$CONTROL/#']

function filtersOf(permissions: readonly Permission[], operation: 'read' | 'write'): string[] {
  const filters = permissions.filter((held) => includes(held.operation, operation)).map(({ resource }) => resource)
  return [...new Set(filters)].toSorted()
}

function isBrokerTopic(filter: string): boolean {
  return filter === '$SYS' || filter.startsWith('$SYS/')
}

function allow(acltype: AclType, topic: string): DynsecAcl {
  const priority = topic.startsWith('$SYS') ? priorities.allowBrokerTopics : priorities.allow
  return { acltype, topic, priority, allow: true }
}

function deny(topic: string): DynsecAcl {
  return { acltype: 'subscribePattern', topic, priority: priorities.denyBrokerTopics, allow: false }
}
