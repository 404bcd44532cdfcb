/** The users of a `password_file` and an `acl_file`, with roles for what several of them share. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { Problem } from '../../platform/base/problem.ts'
import type { AclFile } from './acl-file.ts'
import { type AclRights, rightsOfUser } from './acl-rights.ts'
import { assign } from './assign-roles.ts'
import { addUser, type Draft, type DraftRole, type Judging, maxPermissions } from './draft.ts'
import { Findings, type Place } from './findings.ts'
import type { PasswordLine } from './password-file.ts'
import { describeShared, type RoleNames } from './role-names.ts'
import { namesUser } from './topics.ts'

interface Sources {
  passwords: ReadonlyMap<string, PasswordLine>
  /** Null: the broker has no `acl_file`, so it allows everything. */
  acl: AclFile | null
  hasCertificateGrant: boolean
}

/** Everything that a broker without `acl_file` allows. */
const everything: Permission[] = [{ context: 'mqtt', resource: '#', operation: 'readWrite' }]

export async function addAclUsers(draft: Draft, names: RoleNames, sources: Sources): Promise<void> {
  const { acl, passwords } = sources
  const found = findUsers(sources, draft.findings)
  if (acl && acl.patterns.length * found.size > maxPermissions) throw new Problem('import_too_large')
  const rights = acl ? await rightsOfEach(found, acl, draft) : new Map<string, AclRights>()
  const everyone = acl ? commonRole(acl, draft, names) : allTopicsRole(draft, names)
  const shared = acl ? rolesForShared(rights, { draft, names }) : new Map<string, DraftRole>()
  for (const [username, place] of found) {
    if (draft.users.has(username)) {
      draft.findings.add('username_twice', place, username)
      continue
    }
    const { own, personal, common } = rights.get(username) ?? {
      own: everyone?.permissions ?? [],
      personal: [],
      common: [],
    }
    const candidates = [everyone, shared.get(keyOf(own))].filter((role) => role !== undefined)
    const { roles, permissions } = assign([...own, ...personal, ...common], candidates)
    addUser(draft, {
      username,
      displayName: null,
      disabled: false,
      hash: passwords.get(username)?.hash ?? null,
      hasCertificateGrant: sources.hasCertificateGrant,
      roles,
      permissions: dedupe(permissions),
      tags: [],
      place,
    })
  }
}

/** Those with a password, and those who only have rights: their certificate may be what identifies them. */
function findUsers({ passwords, acl, hasCertificateGrant }: Sources, findings: Findings): Map<string, Place> {
  const found = new Map([...passwords].map(([username, { place }]) => [username, place]))
  for (const [username, { place }] of acl?.byUser ?? []) {
    if (found.has(username)) continue
    found.set(username, place)
    if (!hasCertificateGrant) findings.add('user_without_password', place, username)
  }
  return found
}

async function rightsOfEach(
  users: ReadonlyMap<string, Place>,
  acl: AclFile,
  judging: Judging,
): Promise<Map<string, AclRights>> {
  const yieldIfDue = createYielder()
  const rights = new Map<string, AclRights>()
  for (const username of users.keys()) {
    await yieldIfDue()
    rights.set(username, rightsOfUser(acl, username, judging))
  }
  return rights
}

/** One role for the patterns that are the same for all. */
function commonRole(acl: AclFile, draft: Draft, names: RoleNames): DraftRole | undefined {
  const patterns = acl.patterns.filter((line) => !namesUser(line))
  // Each user's own judgement says what is lost.
  const { common } = rightsOfUser({ byUser: new Map(), patterns }, '', { ...draft, findings: new Findings() })
  return common.length === 0
    ? undefined
    : addRole(draft, { name: names.take('mosquitto everyone'), permissions: common })
}

function allTopicsRole(draft: Draft, names: RoleNames): DraftRole {
  return addRole(draft, { name: names.take('mosquitto all topics'), permissions: everything })
}

/** A role for each set of permissions that several users have by their own lines. */
function rolesForShared(
  rights: ReadonlyMap<string, AclRights>,
  { draft, names }: { draft: Draft; names: RoleNames },
): Map<string, DraftRole> {
  const groups = Map.groupBy(rights, ([, { own }]) => keyOf(own))
  const roles = new Map<string, DraftRole>()
  for (const [key, members] of groups) {
    const permissions = members[0]?.[1].own ?? []
    if (members.length < 2 || permissions.length === 0) continue
    const usernames = members.map(([username]) => username)
    roles.set(key, addRole(draft, { name: names.take(describeShared(usernames, permissions)), permissions }))
  }
  return roles
}

function addRole(draft: Draft, { name, permissions }: Pick<DraftRole, 'name' | 'permissions'>): DraftRole {
  const role = { name, permissions, description: 'Imported from an acl_file' }
  draft.roles.set(name, role)
  return role
}

function keyOf(permissions: readonly Permission[]): string {
  return permissions.map(({ operation, resource }) => `${operation} ${resource}`).join('\n')
}

function dedupe(permissions: readonly Permission[]): Permission[] {
  return [...new Map(permissions.map((each) => [`${each.operation} ${each.resource}`, each])).values()]
}
