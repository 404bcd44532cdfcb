/**
 * The rights of a dynsec client. The plugin asks the client's roles by priority, then the roles of its groups. In each role, the
 * first ACL that matches decides, and after the last role the default.
 */

import type { Permission } from '@gatehouse/contract/access/permission'
import { covers, intersect } from '@gatehouse/contract/access/topic'
import type { Judging } from './draft.ts'
import type { AclType, DynsecAcl, DynsecFile, DynsecRole } from './dynsec-file.ts'
import { grantInOrder, judgeInOrder, type Rule } from './ordered-rules.ts'
import { filterFor, toPermissions } from './topics.ts'

export interface DynsecRights {
  /** In the order in which the plugin asks them. */
  roles: readonly DynsecRole[]
  defaults: DynsecFile['defaults']
}

interface For extends Judging {
  /** Null: for the role itself. */
  username: string | null
}

export function permissionsOf(rights: DynsecRights, asked: For): Permission[] {
  return toPermissions({ read: readable(rights, asked), write: writable(rights, asked) })
}

function writable({ roles, defaults }: DynsecRights, asked: For): string[] {
  const rules = roles.flatMap((role) => rulesOf(role, ['publishClientSend'], asked))
  if (defaults.send) rules.push(...byDefault(['#'], defaults))
  return grantedOf(rules, asked)
}

function readable({ roles, defaults }: DynsecRights, asked: For): string[] {
  const received = roles.flatMap((role) => rulesOf(role, ['publishClientReceive'], asked))
  // The default also applies to topics that begin with `$`, which `#` does not match.
  if (defaults.receive) received.push(...byDefault(['#', '$SYS/#'], defaults))
  return subscribable({ roles, defaults }, asked).flatMap((subscribed) => {
    const within = received.flatMap((rule) => {
      const filter = intersect(rule.filter, subscribed.filter)
      return filter === null ? [] : [{ ...rule, filter, place: rule.allow ? subscribed.place : rule.place }]
    })
    const granted = grantedOf(within, asked)
    if (within.length === 0) asked.findings.add('receive_missing', subscribed.place, asked.username ?? undefined)
    return granted
  })
}

/**
 * The filters that a client may subscribe to. A filter is asked as it is written: a denied pattern that lies within an allowed one
 * does not restrict the allowed one, whose subscription delivers both.
 */
function subscribable({ roles, defaults }: DynsecRights, asked: For): Rule[] {
  const rules = roles.flatMap((role) => [
    ...rulesOf(role, ['subscribeLiteral'], asked).map((rule) => ({ ...rule, isLiteral: true })),
    ...rulesOf(role, ['subscribePattern'], asked).map((rule) => ({ ...rule, isLiteral: false })),
  ])
  if (defaults.subscribe) rules.push(...byDefault(['#'], defaults).map((rule) => ({ ...rule, isLiteral: false })))
  const allowed = rules.filter(({ allow, filter }) => {
    const first = rules.find((rule) => (rule.isLiteral ? rule.filter === filter : covers(rule.filter, filter)))
    return allow && first?.allow
  })
  for (const deny of rules) {
    const isVoid = !deny.allow && allowed.some(({ filter }) => filter !== deny.filter && covers(filter, deny.filter))
    if (isVoid) asked.findings.add('subscribe_deny_without_effect', deny.place, asked.username ?? undefined)
  }
  for (const { filter, isLiteral, place } of allowed) {
    if (filter === '#' && !isLiteral && defaults.receive) asked.findings.add('system_topics', place)
  }
  return allowed
}

function grantedOf(rules: readonly Rule[], { username, ...judging }: For): string[] {
  const granted = username === null ? judgeInOrder(rules).granted : grantInOrder(rules, username, judging)
  return granted.map(({ filter }) => filter)
}

function rulesOf({ acls }: DynsecRole, types: readonly AclType[], { username, findings }: For): Rule[] {
  return acls.flatMap((acl: DynsecAcl) => {
    if (!types.includes(acl.type)) return []
    const filter = filterFor(acl, username, findings)
    return filter === null ? [] : [{ allow: acl.allow, filter, place: acl.place }]
  })
}

function byDefault(filters: readonly string[], { place }: DynsecFile['defaults']): Rule[] {
  return filters.map((filter) => ({ allow: true, filter, place }))
}
