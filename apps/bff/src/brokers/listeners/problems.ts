/** What is wrong with the settings of a listener: said before they are stored, and refused if the listener could not work by them. */
import { createServer } from 'node:net'
import type { ListenerProblem } from '@gatehouse/contract/brokers/listeners'
import { trustedAmong } from '../../certificates/authorities/store.ts'
import { isNetwork } from '../../platform/base/address.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import type { Db } from '../../platform/db/open.ts'
import { findUpstream } from '../upstreams/store.ts'
import { applyEnvironment, type ListenerEnvironment } from './environment.ts'
import type { ListenerRecord } from './listener.ts'
import type { OwnCertificate } from './server-certificate.ts'
import { listRecords } from './store.ts'

type Code = ListenerProblem['code']

export interface ProblemFacts {
  db: Db
  environment: ListenerEnvironment
  /** Where the console and its metrics listen. */
  ownPorts: readonly Place[]
  now: Date
}

interface Place {
  host: string
  port: number
}

export interface Draft {
  record: ListenerRecord
  /** The settings before the change. Null: the listener is new. */
  before: ListenerRecord | null
  /** The server certificate that the caller gives, as far as it could be read. Null: none. */
  own: OwnCertificate | null
}

const soonMs = 30 * 24 * 60 * 60 * 1_000

/** What create and update refuse. */
export async function findErrors(facts: ProblemFacts, draft: Draft): Promise<ListenerProblem[]> {
  const others = (await listRecords(facts.db)).filter(({ id }) => id !== draft.record.id)
  return [
    ...findConflicts(facts, draft, others),
    ...findContradictions(facts, draft),
    ...(await findUnknownAuthorities(facts.db, draft)),
    ...(await findEdgeErrors(facts.db, draft)),
    ...certificateErrors(draft, facts.now),
  ]
}

/** The errors, then the warnings. Listens on the port for a moment: not within a transaction. */
export async function findProblems(facts: ProblemFacts, draft: Draft): Promise<ListenerProblem[]> {
  const errors = await findErrors(facts, draft)
  const isFree = errors.every(({ field }) => field !== 'port' && field !== 'address')
  return [
    ...errors,
    ...(isFree ? await probe(draft) : []),
    ...(errors.some(({ field }) => field === 'trustedAuthorities') ? [] : await trustWarnings(facts.db, draft.record)),
    ...certificateWarnings(draft, facts.now),
  ]
}

function findConflicts(
  { environment, ownPorts }: ProblemFacts,
  { record }: Draft,
  others: readonly ListenerRecord[],
): ListenerProblem[] {
  const place = { host: record.address, port: record.port }
  const found: ListenerProblem[] = []
  if (others.some(({ name }) => name.toLowerCase() === record.name.toLowerCase())) {
    found.push(error('name_taken', 'name'))
  }
  const effective = others.map((other) => applyEnvironment(other, environment).record)
  if (effective.some(({ address, port }) => overlap(place, { host: address, port }))) {
    found.push(error('address_taken', 'port'))
  }
  if (ownPorts.some((own) => overlap(place, own))) found.push(error('console_port', 'port'))
  return found
}

const everyAddress = ['0.0.0.0', '::', '*']

/** Port 0 is any free port, so it never overlaps. */
function overlap(some: Place, other: Place): boolean {
  if (some.port === 0 || some.port !== other.port) return false
  const isEverywhere = [some.host, other.host].some((host) => everyAddress.includes(host))
  return isEverywhere || some.host === other.host || (isLoopback(some.host) && isLoopback(other.host))
}

function findContradictions({ environment }: ProblemFacts, { record }: Draft): ListenerProblem[] {
  const found: ListenerProblem[] = []
  const { tls, address, proxyProtocol, identity, certificate } = record
  if (!tls && !isLoopback(address) && !environment.allowsPlain) found.push(error('plain_not_allowed', 'tls'))
  if (!tls && identity === 'password' && record.clientCertificate === 'required') {
    found.push(error('tls_required', 'tls'))
  }
  if (!tls && certificate !== null) found.push(error('tls_required', 'serverCertificate'))
  if (proxyProtocol.versions !== 'off' && proxyProtocol.from.length === 0) {
    found.push(error('proxies_required', 'proxyProtocol.from'))
  }
  if (!proxyProtocol.from.every(isNetwork)) found.push(error('invalid', 'proxyProtocol.from'))
  return found
}

/** An authority that was on the list before may have been deleted since; it may stay there. */
async function findUnknownAuthorities(db: Db, { record, before }: Draft): Promise<ListenerProblem[]> {
  const known = new Set(before?.trustedAuthorities ?? [])
  const added = (record.trustedAuthorities ?? []).filter((fingerprint) => !known.has(fingerprint))
  const found = await trustedAmong(db, added)
  return added.every((fingerprint) => found.has(fingerprint)) ? [] : [error('unknown_authority', 'trustedAuthorities')]
}

/** The edge identifies devices by their certificates only. */
async function findEdgeErrors(db: Db, { record }: Draft): Promise<ListenerProblem[]> {
  const { purpose, upstream, tls, clientCertificate, identity } = record
  if (purpose !== 'device-http') return upstream === null ? [] : [error('unknown_upstream', 'upstream')]
  return [
    ...(tls ? [] : [error('tls_required', 'tls')]),
    ...(clientCertificate === 'required' ? [] : [error('certificate_required', 'clientCertificate')]),
    ...(identity === 'certificate' ? [] : [error('certificate_required', 'identity')]),
    ...(upstream === null || (await findUpstream(db, upstream)) ? [] : [error('unknown_upstream', 'upstream')]),
  ]
}

export function certificateErrors({ own }: Pick<Draft, 'own'>, now: Date): ListenerProblem[] {
  if (!own) return []
  if ('problem' in own) return [error(own.problem, own.field)]
  if (own.notAfter <= now) return [error('expired', 'serverCertificate.certificate')]
  return own.notBefore > now ? [error('not_yet_valid', 'serverCertificate.certificate')] : []
}

function certificateWarnings({ own }: Draft, now: Date): ListenerProblem[] {
  if (!own || 'problem' in own || own.notAfter <= now) return []
  const endsSoon = own.notAfter.getTime() - now.getTime() < soonMs
  return endsSoon ? [warning('expires_soon', 'serverCertificate.certificate')] : []
}

async function trustWarnings(db: Db, { tls, clientCertificate, trustedAuthorities }: ListenerRecord) {
  if (!tls || clientCertificate === 'ignored' || trustedAuthorities === null) return []
  const trusted = await trustedAmong(db, trustedAuthorities)
  if (trusted.size === 0) return [warning('trusts_nobody', 'trustedAuthorities')]
  return trusted.size < trustedAuthorities.length ? [warning('missing_authority', 'trustedAuthorities')] : []
}

const probeErrors: Record<string, Code> = {
  EADDRINUSE: 'port_taken',
  EACCES: 'port_privileged',
  EADDRNOTAVAIL: 'address_unknown',
  ENOTFOUND: 'address_unknown',
  EAI_AGAIN: 'address_unknown',
}

/** Listens for a moment, unless the listener has this place already. */
async function probe({ record: { address, port }, before }: Draft): Promise<ListenerProblem[]> {
  if (before?.port === port && before.address === address) return []
  const server = createServer((socket) => socket.destroy())
  const { promise, resolve } = Promise.withResolvers<string | null>()
  server.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? ''))
  server.listen({ host: address, port, exclusive: true }, () => resolve(null))
  const code = await promise
  if (code !== null) return [warning(probeErrors[code] ?? 'address_unknown', 'port')]
  server.close()
  return []
}

function error(code: Code, field: string): ListenerProblem {
  return { code, severity: 'error', field }
}

function warning(code: Code, field: string): ListenerProblem {
  return { code, severity: 'warning', field }
}
