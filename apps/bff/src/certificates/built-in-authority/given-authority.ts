/**
 * Reads a CA that the caller provides with its key, and refuses one that could not work. Never repeats any part of the
 * key.
 */

import type { ErrorCode, FieldCode } from '@gatehouse/contract/errors'
import { hasSupportedSignature, isIssuedBy } from '@gatehouse/pki/judge/issued-by'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { judgeAuthority } from '@gatehouse/pki/read/authority'
import { type CertificateInfo, readBundle } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { isKeyOf, readSigningKey, SigningKeyError, type SigningKeyProblem } from '@gatehouse/pki/read/signing-key'
import { Problem } from '../../platform/base/problem.ts'
import { unreadable } from '../authorities/unreadable.ts'

const limits = { maxCertificates: 10, maxBytes: 64 * 1024 }

export interface GivenAuthority {
  certificate: string
  key: string
  password?: string | undefined
}

/** The certificate of the given key, and those above it. `signsServer`: it will sign the server's certificate. */
export async function readGivenAuthority(
  given: GivenAuthority,
  { at, signsServer }: { at: Date; signsServer: boolean },
): Promise<IssuedPems> {
  const certificates = await readCertificates(given.certificate)
  const key = readKey(given)
  const own = certificates.find(({ der }) => isKeyOf(der, key))
  if (!own) throw new Problem('key_mismatch', { fields: { key: 'key_mismatch' } })
  const chain = upFrom(own, certificates)
  for (const each of chain) requireGood(each, { at, signsServer })
  if (signsServer) requireRoot(chain)
  return {
    certificatePem: chain.map(({ pem }) => pem).join(''),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

async function readCertificates(text: string): Promise<CertificateInfo[]> {
  try {
    return await readBundle(text, limits)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw unreadable(error, { field: 'certificate', otherwise: 'not_a_certificate' })
  }
}

const keyProblems: Record<SigningKeyProblem, [ErrorCode, Record<string, FieldCode>]> = {
  not_a_key: ['not_a_private_key', { key: 'not_a_private_key' }],
  unsupported: ['not_a_private_key', { key: 'key_unsupported' }],
  password_required: ['key_password_required', { password: 'required' }],
  wrong_password: ['wrong_password', { password: 'wrong_password' }],
}

function readKey({ key, password }: GivenAuthority) {
  try {
    return readSigningKey(key, password)
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error
    const [code, fields] = keyProblems[error.problem]
    throw new Problem(code, { fields })
  }
}

/** Orders the chain: the authority first, then its signer, and so on. Certificates outside the chain are dropped. */
function upFrom(own: CertificateInfo, all: readonly CertificateInfo[]): CertificateInfo[] {
  const chain = [own]
  for (let top = own; !top.selfSigned; ) {
    const above = all.find((each) => !chain.includes(each) && isIssuedBy(top.der, each.der))
    if (!above) break
    chain.push(above)
    top = above
  }
  return chain
}

/** Clients get this chain as their CA file. Without its root, OpenSSL accepts nothing. */
function requireRoot(chain: readonly CertificateInfo[]): void {
  const top = chain.at(-1)
  if (!top || top.selfSigned) return
  // The given certificate may be the root: nothing shows that.
  if (!hasSupportedSignature(top.der)) {
    const reason = `${top.subject} is signed with ${top.signatureAlgorithm}, which is not supported`
    throw new Problem('authority_refused', { fields: { certificate: 'unsupported_signature' }, detail: reason })
  }
  const detail = `the issuer of ${top.subject} is missing: ${top.issuer}`
  throw new Problem('authority_refused', { fields: { certificate: 'root_missing' }, detail })
}

function requireGood(certificate: CertificateInfo, { at, signsServer }: { at: Date; signsServer: boolean }): void {
  const [problem] = problemsOf(certificate, { at, signsServer })
  if (problem === undefined) return
  throw new Problem('authority_refused', {
    fields: { certificate: problem },
    detail: `${certificate.subject}: ${problem}`,
  })
}

function problemsOf(
  certificate: CertificateInfo,
  { at, signsServer }: { at: Date; signsServer: boolean },
): FieldCode[] {
  const { problems, warnings } = judgeAuthority(certificate, at)
  const { extendedKeyUsage } = certificate
  const signsServers = ['serverAuth', 'anyExtendedKeyUsage'].some((usage) => extendedKeyUsage.includes(usage))
  return [
    ...problems,
    // Until then clients would reject this server.
    ...(warnings.includes('not_yet_valid') ? (['not_yet_valid'] as const) : []),
    // A version 1 certificate has no CA flag: TLS clients reject servers below it.
    ...(warnings.includes('version_1') ? (['not_a_ca'] as const) : []),
    ...(signsServer && extendedKeyUsage.length > 0 && !signsServers ? (['not_for_servers'] as const) : []),
  ]
}
