/**
 * The rights of a user by an `acl_file`. Mosquitto asks the block of the user, then the patterns, and in each of the two the denied
 * topics first. It checks what a client receives and publishes, not what it subscribes to.
 */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { AclFile, AclLine } from './acl-file.ts'
import type { Judging } from './draft.ts'
import type { Findings } from './findings.ts'
import { grantInOrder, type Rule } from './ordered-rules.ts'
import { filterFor, literalFilterFor, namesUser, toPermissions } from './topics.ts'

export interface AclRights {
  /** From the lines of the user alone. */
  own: Permission[]
  /** From patterns that name the user. */
  personal: Permission[]
  /** From patterns that are the same for all users. */
  common: Permission[]
}

type Origin = keyof AclRights
type OriginRule = Rule & { origin: Origin }

export function rightsOfUser(acl: AclFile, username: string, judging: Judging): AclRights {
  const { findings } = judging
  const lines = [
    ...deniesFirst(acl.byUser.get(username)?.lines ?? []).map((line) => ({ line, origin: 'own' as Origin })),
    ...deniesFirst(acl.patterns).map((line) => ({ line, origin: originOf(line) })),
  ]
  const granted = (operation: 'read' | 'write'): OriginRule[] => {
    const rules = lines.flatMap(({ line, origin }) => toRule(line, { origin, operation, username, findings }))
    return grantInOrder(rules, username, judging)
  }
  const [read, write] = [granted('read'), granted('write')]
  const from = (origin: Origin) => toPermissions({ read: filtersOf(read, origin), write: filtersOf(write, origin) })
  return { own: from('own'), personal: from('personal'), common: from('common') }
}

function deniesFirst(lines: readonly AclLine[]): AclLine[] {
  return [...lines.filter(({ access }) => access === 'deny'), ...lines.filter(({ access }) => access !== 'deny')]
}

function originOf(line: AclLine): Origin {
  return namesUser(line) ? 'personal' : 'common'
}

interface Asked {
  origin: Origin
  operation: 'read' | 'write'
  username: string
  findings: Findings
}

function toRule({ access, topic, place }: AclLine, { origin, operation, username, findings }: Asked): OriginRule[] {
  if (access !== 'deny' && access !== 'readwrite' && access !== operation) return []
  const allow = access !== 'deny'
  // `%u` and `%c` are text in the block of a user.
  const find = origin === 'own' ? literalFilterFor : filterFor
  const filter = find({ allow, topic, place }, username, findings)
  return filter === null ? [] : [{ allow, filter, place, origin }]
}

function filtersOf(rules: readonly OriginRule[], origin: Origin): string[] {
  return rules.filter((rule) => rule.origin === origin).map(({ filter }) => filter)
}
