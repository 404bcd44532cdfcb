/** The CA certificates and CRLs of a draft, judged by the rules of an upload. What an upload refuses is left out and listed. */
import { maxListBytes } from '@gatehouse/contract/certificates/crls'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { judgeRevocationList, type RevocationList, readRevocationList } from '@gatehouse/pki/read/revocation-list'
import { findAuthoritiesBySubject } from '../../certificates/authorities/store.ts'
import { type Inspected, inspectUpload } from '../../certificates/authorities/upload.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { latestBeginning } from '../../platform/policies/store.ts'
import type { Draft, PemText } from './draft.ts'
import type { Findings } from './findings.ts'

export interface TrustPlan {
  /** CA certificates that are not trusted yet. */
  inspected: (Inspected & { file: string })[]
  lists: PlannedList[]
}

interface PlannedList {
  file: string
  list: RevocationList
  /** Of the CA certificate that issued it, in the trust store or in this plan. */
  fingerprint: string
}

interface Context {
  reader: Db
  clock: Clock
}

const pemOf = (label: string) => new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]*?-----END ${label}-----`, 'g')
const certificatePem = pemOf('CERTIFICATE')
const listPem = pemOf('X509 CRL')

/** CRLs of one import. Each costs as much as its length. */
const maxLists = 1_000

export async function planTrust(context: Context, draft: Draft): Promise<TrustPlan> {
  const inspected = await inspectEach(context, draft)
  const lists = await readLists(context, draft, inspected)
  return { inspected, lists }
}

/** Each file alone, so that a bad one does not hide the others. */
async function inspectEach(
  { reader, clock }: Context,
  { authorities, findings }: Draft,
): Promise<TrustPlan['inspected']> {
  const found = new Map<string, TrustPlan['inspected'][number]>()
  for (const { file, text } of authorities) {
    const certificates = (text.match(certificatePem) ?? []).join('\n')
    const place = { file, line: null, text: '' }
    try {
      for (const one of await inspectUpload(reader, clock, { certificates, leaveOut: [] })) {
        const said = { ...place, text: one.verdict.subject }
        const [problem] = one.verdict.problems
        if (problem) findings.add('authority_refused', { ...said, text: `${said.text}: ${problem}` })
        else if (one.verdict.existing) findings.add('authority_exists', said)
        else found.set(one.certificate.fingerprint, { ...one, file })
      }
    } catch (error) {
      findings.add('authority_refused', { ...place, text: codeOf(error) })
    }
  }
  return [...found.values()]
}

async function readLists(
  context: Context,
  { crls, findings }: Draft,
  inspected: TrustPlan['inspected'],
): Promise<PlannedList[]> {
  const lists = crls.flatMap(({ file, text }) => (text.match(listPem) ?? []).map((pem) => ({ file, text: pem })))
  const planned: PlannedList[] = []
  for (const pem of lists.slice(0, maxLists)) {
    const list = await readList(context, pem, { findings, inspected })
    if (list && !planned.some((known) => known.list.fingerprint === list.list.fingerprint)) planned.push(list)
  }
  return planned
}

/** Tries each CA certificate that has the name of the issuer. */
async function readList(
  { reader, clock }: Context,
  { file, text }: PemText,
  { findings, inspected }: { findings: Findings; inspected: TrustPlan['inspected'] },
): Promise<PlannedList | null> {
  let refusal = 'no CA certificate of its issuer'
  try {
    const list = await readRevocationList(text, maxListBytes)
    const stored = await findAuthoritiesBySubject(reader, [list.issuer])
    const issuers = [...inspected, ...stored].filter(({ certificate }) => certificate.subject === list.issuer)
    const latest = await latestBeginning(reader, clock)
    for (const { certificate } of issuers) {
      const problem = await judgeRevocationList(list, certificate.der, latest)
      if (!problem) return { file, list, fingerprint: certificate.fingerprint }
      refusal = problem
    }
  } catch (error) {
    refusal = codeOf(error)
  }
  findings.add('crl_refused', { file, line: null, text: refusal })
  return null
}

/** Only what the reader of certificates refuses is a finding. */
function codeOf(error: unknown): string {
  if (error instanceof Problem || error instanceof PkiError) return error.code
  throw error
}
