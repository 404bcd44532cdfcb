// Rule: what is said about a certificate comes out of the functions that admit clients, as they stand in the broker's thread at this moment.
import {
  type CertificateCheck,
  type CheckDetail,
  type CheckName,
  checkNames,
  maxCheckedTopics,
} from '@gatehouse/contract/certificates/check'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { chainChecks } from '@gatehouse/pki/judge/chain-checks'
import { readCommonName } from '@gatehouse/pki/read/common-name'
import { formatName } from '@gatehouse/pki/read/distinguished-name'
import { type ParsedCertificate, parseCertificateOrNull } from '@gatehouse/pki/read/parsed-certificate'
import { type Admission, type Evidence, judgeAdmission } from '../../access/decision/connect.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Trust } from '../trust/trust.ts'
import type { StoredUser, UserFactsStore } from '../trust/user-facts-store.ts'

interface Parts {
  clock: Clock
  store: Pick<UserFactsStore, 'findUser'>
  trust: Trust
  /** Of the TLS listener; null where there is none. */
  clientCertificate: NonNullable<CheckDetail['clientCertificate']> | null
}

/** Would a client that presents these, the leaf first, and nothing else be admitted? */
export async function checkCertificate(parts: Parts, presented: readonly Uint8Array[]): Promise<CertificateCheck> {
  const { clock, store, trust, clientCertificate } = parts
  const [leaf = new Uint8Array()] = presented
  const commonName = readCommonName(leaf)
  const username = commonName.ok ? commonName.commonName : null
  const user = username === null ? null : await store.findUser(username)
  const verdict = trust.judge(presented, clock.now())
  const isAskedFor = clientCertificate === 'accepted' || clientCertificate === 'required'
  const evidence: Evidence = {
    ...nothing,
    certificate: isAskedFor ? { verdict, commonName, ceilings: trust.ceilings } : null,
  }
  const asked = new Map<CheckName, boolean>([['listener', isAskedFor]])
  const admission = judgeAdmission(evidence, user, (check, isPassed) => asked.set(check, isPassed))
  const topics = listTopics(user)
  if (admission.outcome === 'admitted') asked.set('topics', topics.subscribe.length + topics.publish.length > 0)
  const looked = describeAll({
    ...parts,
    presented,
    leaf: parseCertificateOrNull(leaf),
    verdict,
    commonName: username ?? undefined,
    user,
    topics,
  })
  return {
    admitted: admission.outcome === 'admitted',
    reason: admission.outcome === 'refused' ? admission.reason : null,
    returnCode: returnCodeOf(admission, asked),
    username,
    userId: user?.id ?? null,
    fingerprint: trust.describe(presented, verdict)?.fingerprint ?? '',
    checks: checkNames.map((check) => {
      const ok = asked.get(check) ?? null
      return { check, ok, detail: ok === null ? {} : looked[check] }
    }),
  }
}

const nothing: Evidence = { certificate: null, username: null, password: 'none' }

function returnCodeOf(admission: Admission, asked: ReadonlyMap<CheckName, boolean>): number | null {
  if (admission.outcome === 'admitted') return 0
  const endsInHandshake = chainChecks.some((check) => asked.get(check) === false)
  return admission.outcome === 'refused' && !endsInHandshake ? admission.returnCode : null
}

interface Looked extends Omit<Parts, 'clock' | 'store'> {
  presented: readonly Uint8Array[]
  /** Null where it is malformed. */
  leaf: ParsedCertificate | null
  verdict: ChainVerdict
  commonName: string | undefined
  user: StoredUser | null
  topics: ReturnType<typeof listTopics>
}

function describeAll({ presented, leaf, commonName, user, topics, ...looked }: Looked): Record<CheckName, CheckDetail> {
  const { verdict } = looked
  const own = leaf ? factsOf(leaf) : {}
  // Whichever it is that is at fault.
  const subject = verdict.trusted ? own.subject : (verdict.subject ?? own.subject)
  const authority = authorityOf(looked)
  const grantTypes = user?.grants.map((grant) => ({ ...grant }))
  return {
    listener: { clientCertificate: looked.clientCertificate ?? undefined },
    parses: { ...own, certificates: presented.length },
    chain: { ...authority, subject, issuer: own.issuer },
    dates: { ...own, subject, validUntil: verdict.trusted ? verdict.validUntil.toISOString() : undefined },
    usage: { ...own, subject },
    revocation: { ...authority, subject, revocation: verdict.trusted ? undefined : verdict.revocation },
    common_name: { commonName, subject: own.subject },
    username: { commonName },
    authority_limit: {
      ...authority,
      commonName,
      usernames: verdict.trusted ? verdict.limits.flatMap(({ usernames }) => usernames) : undefined,
    },
    user: { commonName },
    enabled: { commonName, disabledAt: user?.disabledAt ?? undefined },
    grant: { commonName, grantTypes },
    required_grants: { commonName, grantTypes },
    topics,
  }
}

function factsOf({ fields, key, extensions }: ParsedCertificate): CheckDetail {
  return {
    x509Version: fields.version,
    keyAlgorithm: key().label,
    subject: formatName(fields.subject),
    issuer: formatName(fields.issuer),
    notBefore: new Date(fields.notBefore).toISOString(),
    notAfter: new Date(fields.notAfter).toISOString(),
    extendedKeyUsage: extensions().extendedKeyUsage ?? undefined,
  }
}

function authorityOf({ trust, verdict }: Pick<Looked, 'trust' | 'verdict'>): CheckDetail {
  const { authority } = verdict
  return authority === undefined ? {} : { authority, authorityName: trust.nameOf(authority) ?? undefined }
}

/** What it may do once it is in. */
function listTopics(user: StoredUser | null): CheckDetail & { subscribe: string[]; publish: string[] } {
  const permissions = user?.permissions ?? []
  const filters = (other: 'read' | 'write') =>
    permissions.filter(({ operation }) => operation !== other).map(({ resource }) => resource)
  return {
    subscribe: filters('write').slice(0, maxCheckedTopics),
    publish: filters('read').slice(0, maxCheckedTopics),
    publishPrefix: user?.mqttPublishPrefix ?? undefined,
  }
}
