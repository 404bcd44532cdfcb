/** Checks a certificate with the functions that admit clients, in the broker's thread, with the facts of this moment. */
import {
  type CertificateCheck,
  type CheckDetail,
  type CheckName,
  checkNames,
  type ListenerCheck,
  maxCheckedTopics,
} from '@gatehouse/contract/certificates/check'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { chainChecks } from '@gatehouse/pki/judge/chain-checks'
import { readCommonName } from '@gatehouse/pki/read/common-name'
import { formatName } from '@gatehouse/pki/read/distinguished-name'
import { type ParsedCertificate, parseCertificateOrNull } from '@gatehouse/pki/read/parsed-certificate'
import { type AdmissionFacts, newDeviceUser } from '../../access/decision/admission.ts'
import { judgeConnect } from '../../access/decision/connect.ts'
import {
  type AcceptingListener,
  asksForCertificate,
  type Evidence,
  type ListenerRules,
} from '../../access/decision/evidence.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { ConnectDecision, Note, Refused } from '../../access/decision/outcome.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { describePresented } from '../trust/presented-certificate.ts'
import type { Trust } from '../trust/trust.ts'
import type { UserFactsStore } from '../trust/user-facts-store.ts'

interface Parts {
  clock: Clock
  store: Pick<UserFactsStore, 'findUser'>
  trust: Trust
  /** The listener that the checks are about. */
  listener: ListenerRules & { name: string | null }
  /** All, also those that could not be opened. */
  listeners: readonly (AcceptingListener & { isOpen: boolean })[]
  /** What decides about a device without a user. Null: it is refused. */
  factsFor(username: string): Promise<AdmissionFacts | null>
  /** The return code of the CONNACK. */
  returnCodeOf(refused: Refused): number
}

/** Would a client be admitted that presents this chain (DER, the leaf first), and no password? */
export async function checkCertificate(parts: Parts, presented: readonly Uint8Array[]): Promise<CertificateCheck> {
  const { clock, store, trust, listener } = parts
  const [leaf = new Uint8Array()] = presented
  const commonName = readCommonName(leaf)
  const username = commonName.ok ? commonName.commonName : null
  const user = username === null ? null : await store.findUser(username)
  const verdict = trust.judge(presented, { at: clock.now(), trusted: listener.trusted })
  const results = new Map<CheckName, boolean>()
  const admission = user || username === null ? null : await parts.factsFor(username)
  const facts = { user, admission, ceilings: trust.ceilings, clientIdOwner: null }
  const decide = (rules: ListenerRules, note?: Note) => {
    const at = clock.now()
    const judged = trust.judge(presented, { at, trusted: rules.trusted })
    return judgeConnect({ ...request, at, listener: rules, certificate: { verdict: judged, commonName } }, facts, note)
  }
  const decision = decide(listener, (check, isPassed) => results.set(check, isPassed))
  const rule = decision.outcome === 'new-device' ? decision.rule : null
  // As the user that the rule would create.
  const judgedUser = user ?? (rule && username !== null ? newDeviceUser(username, rule) : null)
  const topics = listTopics(judgedUser)
  if (isAdmitted(decision)) results.set('topics', topics.subscribe.length + topics.publish.length > 0)
  const details = describeAll({
    ...parts,
    presented,
    leaf: parseCertificateOrNull(leaf),
    verdict,
    commonName: username ?? undefined,
    user: judgedUser,
    admissionRule: rule?.name,
    topics,
  })
  return {
    admitted: isAdmitted(decision),
    reason: decision.outcome === 'refused' ? decision.reason : null,
    returnCode: connackOf(parts, decision, results),
    username,
    userId: user?.id ?? null,
    fingerprint: describePresented(presented, verdict, trust)?.fingerprint ?? '',
    listener: listener.name,
    listeners: parts.listeners
      .map((rules) => checkListener(rules, decide(rules)))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
    checks: checkNames.map((check) => {
      const ok = results.get(check) ?? null
      return { check, ok, detail: ok === null ? {} : details[check] }
    }),
  }
}

/** Now, or after a rule has created the user. */
function isAdmitted({ outcome }: ConnectDecision): boolean {
  return outcome === 'admitted' || outcome === 'new-device'
}

/** What a listener would do with a client that has this certificate and no password. */
function checkListener(rules: AcceptingListener & { isOpen: boolean }, decision: ConnectDecision): ListenerCheck {
  const { id, name, identity } = rules
  if (!rules.isOpen) return { id, name, outcome: 'not-open', reason: null }
  if (!asksForCertificate(rules)) return { id, name, outcome: 'not-asked', reason: null }
  const reason = decision.outcome === 'refused' ? decision.reason : null
  if (identity === 'password' && reason === 'no_credentials')
    return { id, name, outcome: 'password-needed', reason: null }
  return { id, name, outcome: isAdmitted(decision) ? 'admitted' : 'refused', reason }
}

/** Of a client that asks for nothing which could be refused. */
const request: Omit<Evidence, 'at' | 'listener' | 'certificate'> = {
  username: null,
  password: { state: 'none' },
  clientId: '',
  isClean: true,
  will: null,
}

/** Null: the connection ends in the handshake, without a CONNACK. */
function connackOf(
  { returnCodeOf }: Parts,
  decision: ConnectDecision,
  results: ReadonlyMap<CheckName, boolean>,
): number | null {
  if (isAdmitted(decision)) return 0
  const endsInHandshake = chainChecks.some((check) => results.get(check) === false)
  return decision.outcome === 'refused' && !endsInHandshake ? returnCodeOf(decision) : null
}

interface Checked extends Pick<Parts, 'trust' | 'listener'> {
  presented: readonly Uint8Array[]
  /** Null: malformed. */
  leaf: ParsedCertificate | null
  verdict: ChainVerdict
  commonName: string | undefined
  user: DecisionUser | null
  admissionRule: string | undefined
  topics: ReturnType<typeof listTopics>
}

function describeAll({
  presented,
  leaf,
  commonName,
  user,
  admissionRule,
  topics,
  ...checked
}: Checked): Record<CheckName, CheckDetail> {
  const { verdict } = checked
  const own = leaf ? factsOf(leaf) : {}
  // The certificate at fault.
  const subject = verdict.trusted ? own.subject : (verdict.subject ?? own.subject)
  const authority = authorityOf(checked)
  const grantTypes = user?.grants.map((grant) => ({ ...grant }))
  return {
    listener: { clientCertificate: checked.listener.clientCertificate },
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
    user: { commonName, admissionRule },
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

function authorityOf({ trust, verdict }: Pick<Checked, 'trust' | 'verdict'>): CheckDetail {
  const { authority } = verdict
  return authority === undefined ? {} : { authority, authorityName: trust.nameOf(authority) ?? undefined }
}

/** What the client may do once it is admitted. */
function listTopics(user: DecisionUser | null): CheckDetail & { subscribe: string[]; publish: string[] } {
  const permissions = user?.mqttPermissions ?? []
  const filters = (other: 'read' | 'write') =>
    permissions.filter(({ operation }) => operation !== other).map(({ resource }) => resource)
  return {
    subscribe: filters('write').slice(0, maxCheckedTopics),
    publish: filters('read').slice(0, maxCheckedTopics),
    publishPrefix: user?.mqttPublishPrefix ?? undefined,
  }
}
