/** Connects, changes and disconnects brokers. After the commit their adapters are made, replaced or closed. */
import { X509Certificate } from 'node:crypto'
import { type brokers, maxBrokers, type StoredBroker } from '@gatehouse/contract/brokers/brokers'
import type { Parsed } from '@gatehouse/contract/route'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import type { AdapterFactories, BrokerRow } from './adapter.ts'
import { changedBroker, newBroker } from './draft.ts'
import { type PresentContext, presentOne, type StoredRow } from './present.ts'
import { boxPassword, countBrokers, deleteBroker, findBroker, insertBroker, updateBroker } from './store.ts'

export interface InventoryContext extends PresentContext {
  db: Db
  clock: Clock
  keyring: Keyring
  adapters: AdapterFactories
}

export async function createBroker(
  context: InventoryContext,
  { body, caller, request }: By & { body: Parsed<typeof brokers.create>['body'] },
): Promise<StoredBroker> {
  const { db, clock, keyring } = context
  const row = await newBroker(body, context)
  const box = body.password === null ? null : boxPassword(keyring, row.id, body.password)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    if ((await countBrokers(trx)) >= maxBrokers) throw new Problem('too_many_brokers')
    await orTaken(insertBroker(trx, row, box), nameTaken)
    await recordEvent(trx, clock, {
      action: 'broker.created',
      actor: actorOf(caller, request),
      target: auditTarget.broker(row),
      after: auditFactsOf(row),
    })
    await appendChange(trx, clock, { kind: 'broker', ids: [row.id] })
  })
  await context.brokers.load()
  return presentOne(context, { ...row, hasPassword: box !== null })
}

export async function updateBrokerBy(
  context: InventoryContext,
  { id, body, caller, request }: By & { id: string; body: Parsed<typeof brokers.update>['body'] },
): Promise<StoredBroker> {
  const { db, clock, keyring } = context
  const { password } = body
  const after = await db.transaction().execute(async (trx): Promise<StoredRow> => {
    await requireStillHeld(trx, caller)
    const before = await requireBroker(trx, id)
    requireVersion(request.ifMatch, before.version)
    const changed = await changedBroker(before, body)
    const box = typeof password === 'string' ? boxPassword(keyring, id, password) : password
    await orTaken(updateBroker(trx, changed, box), nameTaken)
    await recordEvent(trx, clock, {
      action: 'broker.updated',
      actor: actorOf(caller, request),
      target: auditTarget.broker(changed),
      before: auditFactsOf(before),
      after: { ...auditFactsOf(changed), ...(box !== undefined && { credentialsChanged: true }) },
    })
    await appendChange(trx, clock, { kind: 'broker', ids: [id] })
    return { ...changed, hasPassword: box === undefined ? before.hasPassword : box !== null }
  })
  await context.brokers.load()
  return presentOne(context, after)
}

export async function removeBroker(
  { db, clock, brokers: running }: InventoryContext,
  { id, caller, request }: By & { id: string },
): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await requireBroker(trx, id)
    requireVersion(request.ifMatch, before.version)
    await deleteBroker(trx, id)
    await recordEvent(trx, clock, {
      action: 'broker.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.broker(before),
      before: auditFactsOf(before),
    })
    await appendChange(trx, clock, { kind: 'broker', ids: [id] })
  })
  await running.load()
}

export async function requireBroker(db: Db | Trx, id: string): Promise<StoredRow> {
  const row = await findBroker(db, id)
  if (!row) throw new Problem('not_found')
  return row
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}

function auditFactsOf({ name, kind, host, port, tls, username, authorities, settings }: BrokerRow) {
  const ours = authorities === null ? null : authorities.match(/-----BEGIN[^-]*-----[^-]*-----END[^-]*-----/g)
  return {
    name,
    kind,
    host,
    port,
    tls,
    username,
    brokerAuthorities:
      ours && ours.map((pem) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()),
    brokerSettings: Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
  }
}
