import type { ProviderKind, SignInProvider } from '@gatehouse/contract/identity/provider-names'
import type { IdentityProvider, RoleMapping } from '@gatehouse/contract/identity/providers'
import type { Selectable } from 'kysely'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { IdentityProvidersTable } from '../../platform/db/schema-identities.ts'
import { allowsMqttPasswords, signInDaysOf } from './access-settings.ts'

type Row = Selectable<IdentityProvidersTable>

/** In the order of the sign-in page. */
export async function listProviders(db: Db): Promise<IdentityProvider[]> {
  const rows = await db.selectFrom('identity_providers').selectAll().orderBy('position').orderBy('name').execute()
  return complete(db, rows)
}

/** The enabled providers of a kind, in their order. */
export async function listEnabled<K extends ProviderKind>(
  db: Db,
  kind: K,
): Promise<Extract<IdentityProvider, { kind: K }>[]> {
  const rows = await enabledOf(db, kind).selectAll().execute()
  const all = await complete(db, rows)
  return all.filter((each): each is Extract<IdentityProvider, { kind: K }> => each.kind === kind)
}

/** The OpenID providers of the sign-in page, without the settings and mappings, which may be large. */
export async function listOffered(db: Db): Promise<SignInProvider[]> {
  return enabledOf(db, 'oidc').select(['name', 'kind', 'label']).execute()
}

/** What of the enabled providers the overview needs, without the settings. */
export async function listWatched(db: Db) {
  const watched = db.selectFrom('identity_providers').where('disabled_at', 'is', null)
  return watched.select(['id', 'label', 'sign_in_days']).orderBy('label').execute()
}

function enabledOf(db: Db, kind: ProviderKind) {
  const enabled = db.selectFrom('identity_providers').where('kind', '=', kind).where('disabled_at', 'is', null)
  return enabled.orderBy('position').orderBy('name')
}

export async function findProvider(db: Db, id: string): Promise<IdentityProvider | null> {
  const rows = await db.selectFrom('identity_providers').selectAll().where('id', '=', id).execute()
  return (await complete(db, rows))[0] ?? null
}

export async function findProviderNamed(db: Db, name: string): Promise<IdentityProvider | null> {
  const rows = await db.selectFrom('identity_providers').selectAll().where('name', '=', name).execute()
  return (await complete(db, rows))[0] ?? null
}

async function complete(db: Db, rows: readonly Row[]): Promise<IdentityProvider[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const mappings = await db
    .selectFrom('role_mappings')
    .select(['provider_id', 'source', 'role_id'])
    .where('provider_id', 'in', ids)
    .orderBy('place')
    .execute()
  const byProvider = Map.groupBy(mappings, ({ provider_id }) => provider_id)
  return rows.map((row) => {
    const own = byProvider.get(row.id) ?? []
    return toProvider(
      row,
      own.map(({ source, role_id }) => ({ source, roleId: role_id })),
    )
  })
}

/** The service checked the settings when it wrote them. */
function toProvider(row: Row, mappings: RoleMapping[]): IdentityProvider {
  const common = {
    id: row.id,
    name: row.name,
    label: row.label,
    enabled: row.disabled_at === null,
    keepsCertificates: row.keeps_certificates === 1,
    mfaForNew: row.mfa_for_new === 1,
    roleRequired: row.role_required === 1,
    position: row.position,
    passwordUrl: row.password_url,
    mappings,
    hasSecret: row.secret_box !== null,
    createdAt: row.created_at,
    version: row.version,
  }
  const { kind } = row
  return kind === 'ldap'
    ? { ...common, kind, settings: JSON.parse(row.settings) as Extract<IdentityProvider, { kind: 'ldap' }>['settings'] }
    : { ...common, kind, settings: JSON.parse(row.settings) as Extract<IdentityProvider, { kind: 'oidc' }>['settings'] }
}

export async function countProviders(db: Db): Promise<number> {
  return (await db.selectFrom('identity_providers').select('id').execute()).length
}

export async function insertProvider(trx: Trx, provider: IdentityProvider, secretBox: string | null): Promise<void> {
  const { createdAt, enabled } = provider
  await trx
    .insertInto('identity_providers')
    .values({
      ...toColumns(provider),
      id: provider.id,
      kind: provider.kind,
      name: provider.name,
      created_at: createdAt,
      disabled_at: enabled ? null : createdAt,
      secret_box: secretBox,
    })
    .execute()
}

/** `secretBox` undefined: the stored secret stays. `at`: since when it is disabled, if the change disables it. */
export async function updateProvider(
  trx: Trx,
  provider: IdentityProvider,
  { secretBox, at }: { secretBox: string | null | undefined; at: string },
): Promise<void> {
  const box = secretBox === undefined ? {} : { secret_box: secretBox }
  await trx
    .updateTable('identity_providers')
    .set((e) => ({
      ...toColumns(provider),
      ...box,
      disabled_at: provider.enabled ? null : e.fn.coalesce('disabled_at', e.val(at)),
    }))
    .where('id', '=', provider.id)
    .execute()
}

export async function deleteProvider(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('identity_providers').where('id', '=', id).execute()
}

function toColumns(provider: IdentityProvider) {
  const { label, settings, mfaForNew, roleRequired, keepsCertificates, position, passwordUrl, version } = provider
  return {
    label,
    settings: JSON.stringify(settings),
    sign_in_days: signInDaysOf(provider),
    mqtt_passwords: flag(allowsMqttPasswords(provider)),
    keeps_certificates: flag(keepsCertificates),
    mfa_for_new: flag(mfaForNew),
    role_required: flag(roleRequired),
    position,
    password_url: passwordUrl,
    version,
  }
}

function flag(is: boolean): 0 | 1 {
  return is ? 1 : 0
}

/** Encrypted for the row of this provider. */
export function boxSecret(keyring: Keyring, id: string, secret: string): string {
  return keyring.encrypt(secret, boxedAs(id))
}

/** The bind password or the client secret. Null: there is none. */
export async function readProviderSecret(db: Db, keyring: Keyring, id: string): Promise<string | null> {
  const row = await db.selectFrom('identity_providers').select('secret_box').where('id', '=', id).executeTakeFirst()
  return row?.secret_box ? keyring.decrypt(row.secret_box, boxedAs(id)) : null
}

/** The bind passwords and client secrets cannot be read any more. */
export async function forgetProviderSecrets(trx: Trx): Promise<void> {
  await trx.updateTable('identity_providers').set({ secret_box: null }).execute()
}

function boxedAs(id: string): string {
  return `identity provider ${id}`
}
