/** All enforcers and their CA, as the API shows them. */
import { X509Certificate } from 'node:crypto'
import type { EnforcerList, EnforcersAuthority, ListedEnforcer } from '@gatehouse/contract/brokers/enforcers'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { BrokerRow } from '../inventory/adapter.ts'
import { listBrokers } from '../inventory/store.ts'
import { fingerprintOfCertificate, isIssuedBy } from './authority-certificates.ts'
import { type AuthorityRecord, listAuthorities } from './authority-store.ts'
import { present } from './present.ts'
import type { EnforcersContext } from './service.ts'
import { type EnforcerRecord, listEnforcers } from './store.ts'

/**
 * No certificate of an enforcer lasts longer than its CA. This is long before their certificates get shorter than the time that an
 * enforcer may be away.
 */
const endsSoonMs = 182 * 24 * 60 * 60_000

export async function listAll({ reader, clock, hub }: EnforcersContext): Promise<EnforcerList> {
  const [current, next] = await listAuthorities(reader)
  const items = (await listNamed(reader)).map(({ broker, ...enforcer }): ListedEnforcer => {
    const { id, host, programVersion, enrolledAt, isConnected, lastSeenAt, lastAddress, appliedSequence, appliedAt } =
      present(enforcer, { connection: hub.find(broker.id), now: clock.now() })
    const { serialNumber, validTo } = new X509Certificate(enforcer.certificate)
    return {
      id,
      host,
      programVersion,
      enrolledAt,
      isConnected,
      lastSeenAt,
      lastAddress,
      appliedSequence,
      appliedAt,
      broker: { id: broker.id, name: broker.name },
      certificate: {
        serialNumber: serialNumber.toLowerCase(),
        endsAt: new Date(validTo).toISOString(),
        isOfNextAuthority: next !== undefined && isIssuedBy(enforcer.certificate, next.certificate),
      },
    }
  })
  return { items, authority: current ? presentAuthority(current, next, clock.now()) : null }
}

/** All enforcers with their brokers, in the order of these. */
export async function listNamed(db: Db | Trx): Promise<(EnforcerRecord & { broker: BrokerRow })[]> {
  const enforcers = new Map((await listEnforcers(db)).map((enforcer) => [enforcer.brokerId, enforcer]))
  return (await listBrokers(db)).flatMap((broker) => {
    const enforcer = enforcers.get(broker.id)
    return enforcer ? [{ ...enforcer, broker }] : []
  })
}

function presentAuthority(current: AuthorityRecord, next: AuthorityRecord | undefined, now: Date): EnforcersAuthority {
  const { fingerprint, endsAt } = factsOf(current)
  return {
    fingerprint,
    endsAt,
    endsSoon: endsSoon(current, now),
    next: next ? { ...factsOf(next), createdAt: next.createdAt } : null,
  }
}

/** As `listAuthorities` returns them. False during a replacement. */
export function needsReplacement([current, next]: readonly Pick<AuthorityRecord, 'certificate'>[], now: Date): boolean {
  return current !== undefined && next === undefined && endsSoon(current, now)
}

function endsSoon({ certificate }: Pick<AuthorityRecord, 'certificate'>, now: Date): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) - now.getTime() < endsSoonMs
}

function factsOf({ certificate }: AuthorityRecord) {
  const read = new X509Certificate(certificate)
  return { fingerprint: fingerprintOfCertificate(read), endsAt: new Date(read.validTo).toISOString() }
}
