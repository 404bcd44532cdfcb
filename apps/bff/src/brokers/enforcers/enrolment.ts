/** How an enforcer gets its certificate: once by a token, later by the certificate that it has. */
import { hash, X509Certificate } from 'node:crypto'
import type { EnrolAnswer, EnrolRequest, RenewRequest } from '@gatehouse/contract/brokers/enforcer-protocol'
import { type CertificateRequest, readRequest } from '@gatehouse/pki/read/certificate-request'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import type * as z from 'zod/mini'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, maxSkewMs, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { Db } from '../../platform/db/open.ts'
import type { BrokerRow } from '../inventory/adapter.ts'
import { findBroker } from '../inventory/store.ts'
import { authorityKnownAs, ensureAuthority, issueForEnforcer } from './authority.ts'
import { fingerprintOf, fingerprintOfCertificate } from './authority-certificates.ts'
import { Refusal } from './refusal.ts'
import {
  deleteEnforcerOf,
  type EnforcerRecord,
  findEnforcerByCertificate,
  findEnforcerOf,
  insertEnforcer,
  promoteCertificate,
  setNextCertificate,
} from './store.ts'
import { findTokenBySecret, type TokenRecord, useToken } from './token-store.ts'

export interface EnrolmentContext {
  db: Db
  reader: Db
  clock: Clock
  keyring: Keyring
}

interface Request {
  body: z.output<typeof EnrolRequest>
  address: string
}

export interface Enrolled {
  brokerId: string
  answer: EnrolAnswer
}

/** The former enforcer of the broker is forgotten: its certificate is refused from now on. Throws `Refusal`. */
export async function enrol(context: EnrolmentContext, { body, address }: Request): Promise<Enrolled> {
  const { db, clock } = context
  const token = await findTokenBySecret(db, hashSecret(body.secret))
  if (!token) throw new Refusal('token_refused')
  if (!isValid(token, clock)) throw new Refusal('token_expired')
  const { spki } = readKey(body.csr)
  const keyHash = hash('sha256', spki)
  if (token.usedAt !== null) return repeat(context, token, keyHash)
  const [authority, broker] = [await ensureAuthority(context), await findBroker(db, token.brokerId)]
  if (!broker) throw new Refusal('token_refused')
  const id = newId(clock.now())
  const certificate = await issueForEnforcer(authority, { id, spki, at: clock.now() })
  await db.transaction().execute(async (trx) => {
    const at = timestamp(clock)
    if (!(await useToken(trx, { brokerId: broker.id, at, keyHash }))) throw new Refusal('token_used')
    await deleteEnforcerOf(trx, broker.id)
    await insertEnforcer(trx, {
      id,
      brokerId: broker.id,
      host: body.host,
      programVersion: body.version,
      certificate,
      fingerprint: fingerprintOf(certificate),
      enrolledAt: at,
      lastAddress: address,
    })
    await recordEvent(trx, clock, {
      action: 'enforcer.enrolled',
      actor: machineAt(address),
      target: auditTarget.broker(broker),
      after: { ...factsOf(certificate), host: body.host },
    })
  })
  return answerFor({ id, certificate, broker, authority: authority.certificatePem })
}

/** Certifies another key. The present certificate works until the new one is used. Throws `Refusal`. */
export async function renew(
  context: EnrolmentContext,
  enforcer: EnforcerRecord,
  { csr, authority }: z.output<typeof RenewRequest>,
): Promise<string> {
  const { db, clock } = context
  const { spki } = readKey(csr)
  const certificate = await issueForEnforcer(await authorityKnownAs(context, authority), {
    id: enforcer.id,
    spki,
    at: clock.now(),
  })
  await db
    .transaction()
    .execute((trx) => setNextCertificate(trx, enforcer.id, { certificate, fingerprint: fingerprintOf(certificate) }))
  return certificate
}

/**
 * The enforcer with this certificate. Null: none, because it was revoked or replaced, or its broker was deleted. The first use of
 * a renewed certificate ends the former one.
 */
export async function identify(
  { db, reader, clock }: EnrolmentContext,
  { certificate, address }: { certificate: X509Certificate; address: string },
): Promise<EnforcerRecord | null> {
  const fingerprint = fingerprintOfCertificate(certificate)
  const found = await findEnforcerByCertificate(reader, fingerprint)
  if (found?.nextFingerprint !== fingerprint) return found
  await db.transaction().execute(async (trx) => {
    const broker = await findBroker(trx, found.brokerId)
    if (!broker) return
    await promoteCertificate(trx, fingerprint)
    await recordEvent(trx, clock, {
      action: 'enforcer.renewed',
      actor: machineAt(address),
      target: auditTarget.broker(broker),
      after: { ...factsOf(certificate.toString()), host: found.host },
    })
  })
  return findEnforcerByCertificate(reader, fingerprint)
}

/** A token that seems to come from the future was made while the clock was wrong. It must not live longer for that. */
function isValid({ createdAt, expiresAt }: TokenRecord, clock: Clock): boolean {
  const now = clock.now().getTime()
  return now < Date.parse(expiresAt) && now > Date.parse(createdAt) - maxSkewMs
}

/** The answer was lost, and the holder of the same key asks again. */
async function repeat(context: EnrolmentContext, token: TokenRecord, keyHash: string): Promise<Enrolled> {
  const { db } = context
  const enforcer = await findEnforcerOf(db, token.brokerId)
  const broker = await findBroker(db, token.brokerId)
  if (token.keyHash !== keyHash || !enforcer || !broker || keyHashOf(enforcer.certificate) !== keyHash)
    throw new Refusal('token_used')
  const { certificatePem } = await ensureAuthority(context)
  return answerFor({ id: enforcer.id, certificate: enforcer.certificate, broker, authority: certificatePem })
}

function keyHashOf(certificatePem: string): string {
  return hash('sha256', new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' }))
}

interface Issued {
  id: string
  certificate: string
  broker: BrokerRow
  authority: string
}

function answerFor({ id, certificate, broker, authority }: Issued): Enrolled {
  return { brokerId: broker.id, answer: { enforcerId: id, brokerName: broker.name, certificate, authority } }
}

/** The request proves that its sender holds the key. */
function readKey(csr: string): CertificateRequest {
  const read = orRefusal(() => readRequest(csr))
  if (typeof read === 'string') throw new Refusal('request_refused')
  return read
}

function orRefusal<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof PkiError ? new Refusal('request_refused') : error
  }
}

function factsOf(certificatePem: string) {
  const certificate = new X509Certificate(certificatePem)
  return {
    fingerprint: fingerprintOfCertificate(certificate),
    notAfter: new Date(certificate.validTo).toISOString(),
  }
}

function machineAt(address: string) {
  return { userId: null, username: null, via: 'machine', address } as const
}
