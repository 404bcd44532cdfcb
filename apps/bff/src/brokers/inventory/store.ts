import { type BrokerKind, type BrokerSettings, brokerSettings } from '@gatehouse/contract/brokers/inventory'
import type { Selectable } from 'kysely'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db } from '../../platform/db/open.ts'
import type { BrokersTable } from '../../platform/db/schema-brokers.ts'
import type { BrokerRow } from './adapter.ts'

/** By name. */
export async function listBrokers(db: Db): Promise<BrokerRow[]> {
  const rows = await db.selectFrom('brokers').selectAll().orderBy('name_folded').execute()
  return rows.map(toBroker)
}

/** The password of a broker, decrypted. Null: it has none. */
export async function readPassword(db: Db, keyring: Keyring, id: string): Promise<string | null> {
  const row = await db.selectFrom('brokers').select('password_box').where('id', '=', id).executeTakeFirst()
  return row?.password_box ? keyring.decrypt(row.password_box, boxedAs(id)) : null
}

/** Authenticated with the box, so that the password of one row does not decrypt in another. */
function boxedAs(id: string): string {
  return `broker ${id}`
}

function toBroker(row: Selectable<BrokersTable>): BrokerRow {
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
  }
}

/** A field that a later version added has its default. */
function readSettings<K extends BrokerKind>(kind: K, json: string): BrokerSettings[K] {
  return brokerSettings[kind].parse(JSON.parse(json)) as BrokerSettings[K]
}
