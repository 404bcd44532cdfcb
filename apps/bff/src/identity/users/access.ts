/** The access of one user: the list of permissions, and a check of one operation with the permissions that decide it. */
import { judge, type Question } from '@gatehouse/contract/access/decision'
import { halves, type Permission } from '@gatehouse/contract/access/permission'
import type { AccessVerdict, permissions } from '@gatehouse/contract/access/permissions'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { findSubject, listLines, withOrigins } from './access-store.ts'
import { permissionsOf } from './rights-store.ts'

/** Permissions that an answer names for each half of the operation. */
const namedLines = 20

export async function listAccess(
  reader: Db,
  userId: string,
  filters: Parsed<typeof permissions.accessOf>['search'],
): Promise<Answer<typeof permissions.accessOf>> {
  const { disabledAt, mqttPublishPrefix } = await requireSubject(reader, userId)
  return { ...(await listLines(reader, userId, filters)), disabledAt, mqttPublishPrefix }
}

export async function checkAccess(
  reader: Db,
  userId: string,
  { context, resource, operation }: Parsed<typeof permissions.check>['body'],
): Promise<AccessVerdict> {
  const { disabledAt, certificatesDisabledAt, mqttPublishPrefix } = await requireSubject(reader, userId)
  const isEnabled = (context === 'http' ? disabledAt : certificatesDisabledAt) === null
  const held = isEnabled ? await permissionsOf(reader, userId) : null
  const because = []
  for (const half of halves(operation)) {
    const prefix = context === 'mqtt' && half === 'write' ? (mqttPublishPrefix ?? '') : ''
    because.push(
      await explain(reader, { userId, held, question: { context, operation: half, resource: prefix + resource } }),
    )
  }
  return { allowed: because.every(({ allowed }) => allowed), because }
}

async function explain(
  reader: Db,
  { userId, held, question }: { userId: string; held: readonly Permission[] | null; question: Question },
): Promise<AccessVerdict['because'][number]> {
  const { operation, resource } = question
  if (!held) return { operation, resource, allowed: false, reason: 'user_disabled', lines: [] }
  const { reason, lines } = judge(held, question)
  const named = await withOrigins(reader, userId, lines.slice(0, namedLines))
  return { operation, resource, allowed: reason === 'permitted', reason, lines: named }
}

async function requireSubject(reader: Db, userId: string) {
  const subject = await findSubject(reader, userId)
  if (!subject) throw new Problem('not_found')
  return subject
}
