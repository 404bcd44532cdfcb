/** A broker as it would be stored, and what is wrong with it. */
import { isDeepStrictEqual } from 'node:util'
import type { brokers } from '@gatehouse/contract/brokers/brokers'
import { brokerSettings, defaultSettings } from '@gatehouse/contract/brokers/inventory'
import type { FieldCode } from '@gatehouse/contract/errors'
import type { Parsed } from '@gatehouse/contract/route'
import { readBundle, toPem } from '@gatehouse/pki/read/certificate'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { AdapterFactories, BrokerRow } from './adapter.ts'

type Create = Parsed<typeof brokers.create>['body']
type Update = Parsed<typeof brokers.update>['body']

const maxAuthorities = 64

/** Throws `broker_refused` for a kind without an adapter, and for CA certificates that cannot be read. */
export async function newBroker(
  { password: _password, settings, ...body }: Create,
  { adapters, clock }: { adapters: AdapterFactories; clock: Clock },
): Promise<BrokerRow> {
  if (!adapters[body.kind]) throw refusedFields({ kind: 'not_found' })
  requireAddress(body)
  return {
    ...body,
    authorities: await readAuthorities(body.authorities),
    id: newId(clock.now()),
    settings: mergeSettings({ kind: body.kind, settings: defaultSettings[body.kind] }, settings),
    createdAt: timestamp(clock),
    version: 1,
  }
}

/** Throws `broker_refused` too where a stored password would be sent elsewhere, or the settings are those of another kind. */
export async function changedBroker(
  before: BrokerRow & { hasPassword: boolean },
  { password, settings, ...changes }: Update,
): Promise<BrokerRow> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const { hasPassword, ...row } = before
  const after: BrokerRow = {
    ...row,
    ...given,
    authorities: changes.authorities === undefined ? row.authorities : await readAuthorities(changes.authorities),
    settings: mergeSettings(before, settings ?? {}),
    version: before.version + 1,
  }
  requireAddress(after)
  if (hasPassword && password === undefined && goesElsewhere(before, after)) {
    throw refusedFields({ password: 'required' })
  }
  return after
}

function requireAddress({ kind, host, port }: Pick<BrokerRow, 'kind' | 'host' | 'port'>): void {
  if (kind === 'mosquitto-agent') return
  if (host === null) throw refusedFields({ host: 'required' })
  if (port === null) throw refusedFields({ port: 'required' })
}

function mergeSettings(
  { kind, settings }: Pick<BrokerRow, 'kind' | 'settings'>,
  changes: object,
): BrokerRow['settings'] {
  const foreign = Object.keys(changes).find((name) => !(name in defaultSettings[kind]))
  if (foreign !== undefined) throw refusedFields({ [`settings.${foreign}`]: 'unknown' })
  return brokerSettings[kind].parse({ ...settings, ...changes })
}

/** Otherwise a person who may edit but not read the password could have it sent to a server of theirs. */
function goesElsewhere(before: BrokerRow, after: BrokerRow): boolean {
  return !isDeepStrictEqual(destinationOf(before), destinationOf(after))
}

function destinationOf({ host, port, tls, authorities, username }: BrokerRow) {
  return { host, port, tls, authorities, username }
}

/** As PEM without anything around it, which Node's TLS reads. */
async function readAuthorities(given: string | null): Promise<string | null> {
  if (given === null) return null
  try {
    const bundle = await readBundle(given, { maxCertificates: maxAuthorities, maxBytes: 64 * 1024 })
    return bundle.map(({ der }) => toPem('CERTIFICATE', der)).join('')
  } catch {
    throw refusedFields({ authorities: 'not_a_certificate' })
  }
}

function refusedFields(fields: Record<string, FieldCode>): Problem {
  return new Problem('broker_refused', { fields })
}
