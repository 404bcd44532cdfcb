/**
 * Rule: the built-in authority signs for one user that the caller covers, only under that user's name, for a key that
 * the requester holds. All of this is checked in the transaction that stores the certificate; an unstored certificate
 * is not returned.
 */
import type { clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { issueClientCertificate } from '@gatehouse/pki/make/issue'
import { type CertificateInfo, readBundle } from '@gatehouse/pki/read/certificate'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import { requireChangeable } from '../../identity/users/service.ts'
import { findUser } from '../../identity/users/store.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { findBuiltIn, type StoredAuthority } from '../authorities/store.ts'
import { readGivenRequest } from './request.ts'
import { insertClientCertificate, isCompromised, markRenewed, type StoredClientCertificate } from './store.ts'

export interface ClientCertificatesContext {
  db: Db
  reader: Db
  clock: Clock
  /** The built-in authority with its key: PEM, followed by those above it. */
  signingAuthority(): { certificatePem: string; privateKeyPem: string }
}

type Wanted = Parsed<typeof clientCertificates.create>['body']

export async function issueToUser(
  context: ClientCertificatesContext,
  { body, caller, request }: { body: Wanted; caller: Caller; request: RequestInfo },
): Promise<Answer<typeof clientCertificates.create>> {
  const { db, clock } = context
  const signed = await sign(context, body)
  return db.transaction().execute(async (trx) => {
    const user = await requireChangeable(trx, body.userId, { caller, request })
    const authority = await requireAuthority(trx, clock, { username: user.username, signed })
    await requireDays(trx, body.days)
    const stored = toStored(signed, { authority, user, issued: { at: timestamp(clock), by: caller.username } })
    await requireUntainted(trx, stored.ownKey)
    await insertClientCertificate(trx, stored)
    if (body.renews !== undefined) await requireRenewed(trx, { ...body, renews: body.renews, by: stored.fingerprint })
    await recordEvent(trx, clock, {
      action: 'certificate.issued',
      actor: actorOf(caller, request),
      target: auditTarget.certificate({ id: stored.fingerprint, name: stored.subject }),
      after: factsOf(stored, body),
    })
    return { ...stored, seen: null, renewedBy: null, revoked: null, certificate: signed.chain }
  })
}

interface Signed {
  own: CertificateInfo
  /** PEM, with the intermediates up to the root. */
  chain: string
  /** Fingerprint of the signing authority. */
  by: string
}

/** Signed before the transaction, so that writers do not wait for it. */
async function sign({ reader, clock, signingAuthority }: ClientCertificatesContext, body: Wanted): Promise<Signed> {
  const { spki } = readGivenRequest(body.csr)
  const user = await findUser(reader, body.userId)
  if (!user) throw new Problem('not_found')
  const authority = signingAuthority()
  const above = await readBundle(authority.certificatePem)
  const pem = await issueClientCertificate({
    authority,
    spki,
    commonName: user.username,
    days: body.days,
    at: clock.now(),
  })
  const [own] = await readBundle(pem)
  const [signer] = above
  if (!own || !signer) throw new Error('The built-in authority contains no certificate')
  const between = above.filter(({ selfSigned }) => !selfSigned).map((each) => each.pem)
  return { own, chain: [own.pem, ...between].join(''), by: signer.fingerprint }
}

/**
 * The signer must still be the built-in authority, trusted for clients, allowed to vouch for this name, and not
 * expired.
 */
async function requireAuthority(
  trx: Trx,
  clock: Clock,
  { username, signed }: { username: string; signed: Signed },
): Promise<StoredAuthority> {
  const authority = await findBuiltIn(trx)
  if (authority?.certificate.fingerprint !== signed.by) throw new Problem('changed_meanwhile')
  if (authority.withdrawnAt !== null) throw new Problem('authority_withdrawn')
  if (Date.parse(signed.own.notAfter) <= clock.now().getTime()) throw new Problem('authority_ended')
  const { usernames } = authority
  if (usernames.length > 0 && !usernames.some((glob) => usernameMatches(glob, username))) {
    throw new Problem('authority_limited', { facts: { usernames } })
  }
  return authority
}

async function requireDays(trx: Trx, days: number): Promise<void> {
  const { maxDays } = (await readPolicies(trx)).clientCertificates
  if (days > maxDays) throw new Problem('validity_too_long', { fields: { days: 'too_large' }, facts: { maxDays } })
}

/** A key that another person may hold proves nothing any more. */
async function requireUntainted(trx: Trx, ownKey: string): Promise<void> {
  if (await isCompromised(trx, ownKey)) throw new Problem('request_refused', { fields: { csr: 'compromised_key' } })
}

async function requireRenewed(
  trx: Trx,
  { renews, userId, by }: { renews: string; userId: string; by: string },
): Promise<void> {
  const isTheirs = await markRenewed(trx, { fingerprint: renews, userId, by })
  if (!isTheirs) throw new Problem('not_found', { fields: { renews: 'unknown' } })
}

interface Circumstances {
  authority: StoredAuthority
  user: { id: string; username: string }
  issued: { at: string; by: string }
}

function toStored({ own, chain }: Signed, { authority, user, issued }: Circumstances): StoredClientCertificate {
  const serialNumber = canonicalSerialNumber(own.serialNumber)
  if (serialNumber === null) throw new Error('A certificate was issued with a malformed serial number')
  const { fingerprint, subject, issuer, keyAlgorithm, notBefore, notAfter } = own
  return {
    fingerprint,
    subject,
    issuer,
    serialNumber,
    keyAlgorithm,
    notBefore,
    notAfter,
    user: { id: user.id, username: user.username },
    issued,
    issuerKey: authority.certificate.keyFingerprint,
    ownKey: own.keyFingerprint,
    pem: chain,
  }
}

function factsOf({ subject, serialNumber, notAfter, keyAlgorithm, user }: StoredClientCertificate, { renews }: Wanted) {
  return { user: user.username, subject, serialNumber, keyAlgorithm, notAfter, ...(renews && { renews }) }
}
