/** Generates what is handed over for one target, and says how old what was applied is. */
import { createHash } from 'node:crypto'
import type { GeneratedHandOver, HandOver, HandOverSettings } from '@gatehouse/contract/brokers/kubernetes'
import { type CapathEntry, capathOf, fitsInSecret } from './capath.ts'
import type { StoredHandOver } from './store.ts'
import type { Target } from './targets.ts'
import { textsOf } from './texts.ts'
import { type JudgedTrust, type TrustSet, trustSetOf } from './trust-set.ts'

export interface Facts {
  target: Target
  trust: JudgedTrust
  stored: StoredHandOver | null
  now: Date
}

/** The authorities and the server certificate of one target now. */
export interface Content {
  trustSet: TrustSet
  contentHash: string
}

export function contentOf({ target, trust, now }: Omit<Facts, 'stored'>): Content {
  const trustSet = trustSetOf(trust, { chosen: target.trustedAuthorities, now })
  const server = target.serverCertificate?.fingerprint ?? ''
  return { trustSet, contentHash: hashOf([server, ...fingerprintsOf(trustSet)]) }
}

export function generate(facts: Facts, given: HandOverSettings | undefined): GeneratedHandOver {
  const { target, stored } = facts
  const settings = given ?? stored?.settings ?? target.defaults
  const content = contentOf(facts)
  const { included, leftOut } = content.trustSet
  const capath = capathOf(included)
  const fits = fitsInSecret(capath)
  const serverCertificate = target.serverCertificate?.certificate ?? null
  const trustHash = hashOf(fingerprintsOf(content.trustSet))
  return {
    target: target.of,
    name: target.name,
    settings,
    texts: fits ? textsOf({ settings, capath, trustHash, serverCertificate }) : [],
    warnings: warningsOf(content, { settings, fits }),
    authorities: capath.map(({ fingerprint, name, fileNames: [fileName = ''] }: CapathEntry) => ({
      fingerprint,
      name,
      fileName,
    })),
    leftOut,
    contentHash: content.contentHash,
    state: stored && stateOf(stored, { ...facts, content }),
  }
}

/** A change is an authority that the secret lacks, or one that it has too many. */
export function stateOf(
  stored: StoredHandOver,
  { target, content }: { target: Target; content: Content },
): HandOver['state'] {
  const now = new Set(fingerprintsOf(content.trustSet))
  const then = new Set(stored.authorities)
  return {
    appliedAt: stored.appliedAt,
    appliedBy: stored.appliedBy,
    sequence: stored.sequence,
    added: [...now].filter((each) => !then.has(each)).length,
    removed: [...then].filter((each) => !now.has(each)).length,
    serverCertificateChanged: (target.serverCertificate?.fingerprint ?? null) !== stored.serverCertificate,
  }
}

export function fingerprintsOf({ included }: TrustSet): string[] {
  return included.map(({ fingerprint }) => fingerprint)
}

function warningsOf(
  { trustSet }: Content,
  { settings, fits }: { settings: HandOverSettings; fits: boolean },
): GeneratedHandOver['warnings'] {
  return [
    ...(trustSet.included.length === 0 ? (['no_authorities'] as const) : []),
    ...(trustSet.lacksRoot ? (['root_missing'] as const) : []),
    ...(fits ? [] : (['secret_too_large'] as const)),
    ...(settings.requireCertificate ? [] : (['certificate_optional'] as const)),
  ]
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}
