import {
  type BrokerKind,
  type BrokerSettings,
  brokerSettings,
  defaultSettings,
} from '@gatehouse/contract/brokers/inventory'
import type { Selectable } from 'kysely'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { BrokersTable } from '../../platform/db/schema-brokers.ts'
import type { BrokerRow } from './adapter.ts'
import type { StoredRow } from './present.ts'

/** By name. */
export async function listBrokers(db: Db): Promise<StoredRow[]> {
  const rows = await db.selectFrom('brokers').selectAll().orderBy('name_folded').execute()
  return rows.map(toBroker)
}

export async function findBroker(db: Db, id: string): Promise<StoredRow | null> {
  const row = await db.selectFrom('brokers').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toBroker(row) : null
}

export async function countBrokers(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('brokers')
    .select((e) => e.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function insertBroker(trx: Trx, row: BrokerRow, passwordBox: string | null): Promise<void> {
  await trx
    .insertInto('brokers')
    .values({ ...toRow(row), password_box: passwordBox })
    .execute()
}

/** `passwordBox` undefined: the stored password stays. */
export async function updateBroker(trx: Trx, row: BrokerRow, passwordBox: string | null | undefined): Promise<void> {
  const password = passwordBox === undefined ? {} : { password_box: passwordBox }
  await trx
    .updateTable('brokers')
    .set({ ...toRow(row), ...password })
    .where('id', '=', row.id)
    .execute()
}

export async function deleteBroker(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('brokers').where('id', '=', id).execute()
}

/** The password of a broker, encrypted for its row. */
export function boxPassword(keyring: Keyring, id: string, password: string): string {
  return keyring.encrypt(password, boxedAs(id))
}

/** As `boxPassword` made it. Null: the broker has no password. */
export async function readPasswordBox(db: Db, id: string): Promise<string | null> {
  const row = await db.selectFrom('brokers').select('password_box').where('id', '=', id).executeTakeFirst()
  return row?.password_box ?? null
}

/** Throws if it was encrypted with another key, or for another row. */
export function unboxPassword(keyring: Keyring, id: string, box: string): string {
  return keyring.decrypt(box, boxedAs(id))
}

/** The passwords cannot be read any more. */
export async function forgetPasswords(trx: Trx): Promise<void> {
  await trx.updateTable('brokers').set({ password_box: null }).execute()
}

/** Authenticated with the box, so that the password of one row does not decrypt in another. */
function boxedAs(id: string): string {
  return `broker ${id}`
}

function toBroker(row: Selectable<BrokersTable>): StoredRow {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    host: row.host,
    port: row.port,
    tls: row.tls === 1,
    authorities: row.authorities,
    username: row.username,
    settings: readSettings(row.kind, row.settings),
    createdAt: row.created_at,
    version: row.version,
    hasPassword: row.password_box !== null,
  }
}

function toRow(row: BrokerRow): Omit<Selectable<BrokersTable>, 'password_box'> {
  return {
    id: row.id,
    name: row.name,
    name_folded: row.name.toLowerCase(),
    kind: row.kind,
    host: row.host,
    port: row.port,
    tls: row.tls ? 1 : 0,
    authorities: row.authorities,
    username: row.username,
    settings: JSON.stringify(row.settings),
    created_at: row.createdAt,
    version: row.version,
  }
}

/** A field that a later version added has its default. */
function readSettings(kind: BrokerKind, json: string): BrokerSettings[BrokerKind] {
  return brokerSettings[kind].parse({ ...defaultSettings[kind], ...(JSON.parse(json) as object) })
}
