import { createHash } from 'node:crypto'
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { findRoles } from '../../access/roles/store.ts'
import type { Db } from '../../platform/db/open.ts'

/** What the audit keeps of a provider: its settings and mappings as lines, and no secret. */
export async function auditFactsOf(db: Db, provider: IdentityProvider) {
  const { name, label, kind, enabled, mfaForNew, position, settings, mappings } = provider
  const { roleRequired, passwordUrl, keepsCertificates } = provider
  const roleIds = [...new Set(mappings.map(({ roleId }) => roleId))]
  const names = new Map((await findRoles(db, roleIds)).map((role) => [role.id, role.name]))
  return {
    name,
    label,
    kind,
    enabled,
    mfaForNew,
    position,
    providerSettings: Object.entries({ ...settings, passwordUrl, roleRequired, keepsCertificates }).map(
      ([key, value]) => `${key}: ${shown(key, value)}`,
    ),
    mappings: mappings.map(({ source, roleId }) => `${source}: ${names.get(roleId) ?? roleId}`),
  }
}

function shown(key: string, value: unknown): string {
  if (key !== 'authorities' || typeof value !== 'string') return JSON.stringify(value)
  return `SHA-256 ${createHash('sha256').update(value).digest('hex')}`
}
