/**
 * Makes what Mender's mTLS ambassador does by the same environment: an upstream, the trust in the CAs of the tenant, a listener, and rules
 * that admit the devices of these CAs. Once: later all of it is changed in the console.
 */
import { AdmissionRuleCreate } from '@gatehouse/contract/brokers/admission-rules'
import { ListenerCreate } from '@gatehouse/contract/brokers/listeners'
import { UpstreamCreate } from '@gatehouse/contract/brokers/upstreams'
import type { Logger } from 'pino'
import { insertNewRole, newRole } from '../../../access/roles/service.ts'
import { findRolesNamed } from '../../../access/roles/store.ts'
import { trustInspected } from '../../../certificates/authorities/service.ts'
import type { Inspected } from '../../../certificates/authorities/upload.ts'
import { usersNamed } from '../../../identity/users/lookup-store.ts'
import { BadSettings } from '../../../platform/base/bad-settings.ts'
import { timestamp } from '../../../platform/base/clock.ts'
import { Problem } from '../../../platform/base/problem.ts'
import { appendChange } from '../../../platform/changes/store.ts'
import { readInstallationFact, writeInstallationFact } from '../../../platform/db/installation.ts'
import type { Db, Trx } from '../../../platform/db/open.ts'
import type { Actor } from '../../../platform/http/request.ts'
import { insertNewRule, newRule } from '../../admission/service.ts'
import { listRules } from '../../admission/store.ts'
import { followMount } from '../../listeners/followed-mount.ts'
import { insertNewListener, type NewListenerContext } from '../../listeners/service.ts'
import { listRecords } from '../../listeners/store.ts'
import { machineAsImporter } from '../../mosquitto-import/importer.ts'
import { insertNewUpstream } from '../../upstreams/service.ts'
import { listUpstreams } from '../../upstreams/store.ts'
import { type MountedFiles, readMounts } from './mounted-files.ts'
import type { MenderSeed } from './settings.ts'
import { inspectTenant, warnAboutTenant } from './tenant-authorities.ts'

const seededFact = 'mender_seeded'
const actor: Actor = { userId: null, username: null, via: 'system', address: null }
/** The environment says it, so nobody's rights limit it. */
const caller = { ...machineAsImporter.caller, username: 'MTLS_MENDER_BACKEND' }

export interface SeedContext extends NewListenerContext {
  db: Db
  log: Logger
  /** Answers for the admission rules. */
  administrator: string
}

/** Throws `BadSettings` if a file is missing or wrong, or the port is taken by Gatehouse itself. Then nothing was changed. */
export async function seedMender(context: SeedContext, seed: MenderSeed | null): Promise<void> {
  if (seed === null) return
  if ((await readInstallationFact(context.db, seededFact)) !== null) return warnAboutTenant(context, seed.certificates)
  const files = await readMounts(seed.certificates)
  const inspected = await inspectTenant(context, files.tenant)
  try {
    await context.db.transaction().execute(async (trx) => {
      // Another process that started at the same moment was first.
      if ((await readInstallationFact(trx, seededFact)) !== null) return
      await writeInstallationFact(trx, seededFact, timestamp(context.clock))
      await makeAll(trx, context, { seed, files, inspected })
    })
  } catch (error) {
    throw error instanceof Problem ? explain(error, seed) : error
  }
}

interface Making {
  seed: MenderSeed
  files: MountedFiles
  inspected: readonly Inspected[]
}

async function makeAll(trx: Trx, context: SeedContext, { seed, files, inspected }: Making): Promise<void> {
  const { clock } = context
  const authorities = inspected.map(({ certificate }) => certificate.fingerprint)
  const upload = { name: undefined, usernames: [] }
  const added = await trustInspected(trx, clock, { inspected, upload, caller, actor })
  const addedIds = added.map(({ certificate }) => certificate.fingerprint)
  if (addedIds.length > 0) await appendChange(trx, clock, { kind: 'authority', ids: addedIds })
  const { upstream } = await insertNewUpstream(trx, context, {
    body: UpstreamCreate.parse({
      name: firstFree('mender', await listUpstreams(trx)),
      kind: 'mender',
      origin: seed.origin,
      authentication: 'basic',
      username: seed.username,
      secret: seed.password,
    }),
    actor,
  })
  const { record } = await insertNewListener(trx, context, {
    body: ListenerCreate.parse({
      name: firstFree('mender', await listRecords(trx)),
      purpose: 'device-http',
      address: seed.host,
      port: seed.port,
      trustedAuthorities: authorities,
      upstream: upstream.id,
      serverCertificate: files.server,
    }),
    actor,
  })
  await followMount(trx, record)
  await admitDevices(trx, context, { upstream: upstream.name, authorities })
}

/**
 * The ambassador has every device of the CA accepted without a person, and this is all that its credentials are for. A rule does the same
 * within its limits, and gives the device API of this upstream only.
 */
async function admitDevices(
  trx: Trx,
  { clock, administrator, log }: SeedContext,
  { upstream, authorities }: { upstream: string; authorities: readonly string[] },
): Promise<void> {
  const author = (await usersNamed(trx, [administrator])).find(({ username }) => username === administrator)
  if (!author) {
    log.warn(
      { administrator },
      'no admission rule was made for Mender, because nobody has the name of the first administrator',
    )
    return
  }
  const named = await findRolesNamed(
    trx,
    Array.from({ length: 9 }, (_, at) => numbered('Mender devices', at + 1)),
  )
  const made = newRole(
    {
      name: firstFree('Mender devices', named),
      description: `The device API of the upstream ${upstream}`,
      permissions: [{ context: 'edge', resource: `/${upstream}/#`, operation: 'readWrite' }],
    },
    clock,
  )
  const role = await insertNewRole(trx, clock, { made, actor })
  for (const authority of authorities) {
    const name = firstFree('Mender', await listRules(trx))
    const body = AdmissionRuleCreate.parse({ name, authority, usernames: ['*'], roles: [role.id], enabled: true })
    await insertNewRule(trx, clock, { rule: newRule(body, clock, author.id), actor })
  }
}

/** `base`, `base-2` and so on: the first that none of them has, in any spelling. */
function firstFree(base: string, taken: readonly { name: string }[]): string {
  const names = new Set(taken.map(({ name }) => name.toLowerCase()))
  for (let at = 1; ; at++) if (!names.has(numbered(base, at).toLowerCase())) return numbered(base, at)
}

function numbered(base: string, at: number): string {
  return at === 1 ? base : `${base}-${at}`
}

/** What cannot be stored, in the words of the environment. */
function explain({ code, details: { fields = {} } }: Problem, { certificates }: MenderSeed): BadSettings {
  const [[field, why] = ['', code]] = Object.entries(fields)
  const places: Record<string, string> = {
    address: 'GATEHOUSE_EDGE_HOST',
    port: 'GATEHOUSE_EDGE_PORT',
    'serverCertificate.certificate': `${certificates}/server/server.crt`,
    'serverCertificate.key': `${certificates}/server/server.key`,
  }
  return new BadSettings([`${places[field] ?? 'MTLS_MENDER_BACKEND'}: ${reasons[why] ?? why}`])
}

const reasons: Record<string, string> = {
  console_port: 'the console uses this port',
  address_taken: 'another listener uses this port',
  expired: 'the certificate has expired',
  not_yet_valid: 'the certificate is not valid yet',
}
