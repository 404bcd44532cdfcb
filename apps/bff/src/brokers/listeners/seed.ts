/** Stores the listeners of the environment at the first start that has them. Later they are changed in the console. */
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { readInstallationFact, writeInstallationFact } from '../../platform/db/installation.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { ListenerEnvironment, Seed } from './environment.ts'
import type { ListenerRecord } from './listener.ts'
import { insertRecord, listRecords } from './store.ts'

/** Each is stored once, so one that an administrator deleted does not come back. */
export async function seedListeners(
  { db, clock }: { db: Db; clock: Clock },
  environment: ListenerEnvironment,
): Promise<void> {
  for (const seed of ['mqtt', 'mqtts'] as const) {
    const key = `listener_${seed}_seeded`
    if (!environment[seed] || (await readInstallationFact(db, key)) !== null) continue
    await db.transaction().execute(async (trx) => {
      // Another process that started at the same moment was first.
      if ((await readInstallationFact(trx, key)) !== null) return
      const record = await makeRecord(trx, clock, { seed, environment })
      await writeInstallationFact(trx, key, timestamp(clock))
      await insertRecord(trx, record, null)
      await recordEvent(trx, clock, {
        action: 'listener.created',
        actor: { userId: null, username: null, via: 'system', address: null },
        target: auditTarget.listener(record),
        after: { purpose: record.purpose, address: record.address, port: record.port, tls: record.tls },
      })
    })
  }
}

async function makeRecord(
  trx: Trx,
  clock: Clock,
  { seed, environment }: { seed: Seed; environment: ListenerEnvironment },
): Promise<ListenerRecord> {
  const { mqtt, mqtts } = environment
  const { host, port } = (seed === 'mqtt' ? mqtt : mqtts) ?? { host: '127.0.0.1', port: 0 }
  const names = new Set((await listRecords(trx)).map(({ name }) => name.toLowerCase()))
  return {
    id: newId(clock.now()),
    name: names.has(seed) ? `${seed} of the environment` : seed,
    seed,
    purpose: 'mqtt',
    address: host,
    port,
    tls: seed === 'mqtts',
    clientCertificate: seed === 'mqtts' ? (mqtts?.clientCertificate ?? 'accepted') : 'ignored',
    minimumTlsVersion: '1.2',
    trustedAuthorities: null,
    identity: 'certificate',
    proxyProtocol: { versions: 'off', from: [] },
    allowedOrigins: [],
    upstream: null,
    maxConnections: null,
    certificate: null,
    createdAt: timestamp(clock),
    version: 1,
  }
}
