/** What is wrong with a user now, or soon will be, the worst first. Empty: nothing. */

import type { Decision } from '@gatehouse/contract/brokers/broker'
import type { ClientCertificate } from '@gatehouse/contract/certificates/issued'
import type { User } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { decisionWords } from '../../access/decision/refusal-words.ts'

export interface UserAttention {
  status: 'refused' | 'expiring'
  sentence: string
  /** The consequence, or what to do. */
  advice?: string
  /** The tab with more about it. */
  tab?: 'certificates' | 'decisions'
}

interface Known {
  user: Pick<User, 'disabledAt' | 'grantTypes' | 'mfa' | 'kind'>
  /** Undefined: not known. */
  certificates: readonly ClientCertificate[] | undefined
  /** The newest decision about it; undefined: none, or not known. */
  latest: Decision | undefined
}

const dayMs = 86_400_000
const soonDays = 30

/** `now` in milliseconds since 1970. */
export function attentionOn({ user, certificates, latest }: Known, now: number): UserAttention[] {
  return [...ofSignIn(user), ...ofLatest(latest), ...ofCertificates(user, certificates, now), ...ofFactor(user)]
}

function ofSignIn({ disabledAt, grantTypes }: Known['user']): UserAttention[] {
  if (disabledAt !== null) return [{ status: 'expiring', sentence: t`Disabled. Cannot sign in.` }]
  if (grantTypes.length > 0) return []
  return [{ status: 'expiring', sentence: t`No sign-in method is enabled.`, advice: t`Turn one on under Edit.` }]
}

function ofLatest(latest: Known['latest']): UserAttention[] {
  if (latest?.outcome !== 'refused') return []
  const { sentence, advice } = decisionWords(latest)
  return [
    { status: 'refused', sentence: t`Refused last time. ${sentence}`, ...(advice && { advice }), tab: 'decisions' },
  ]
}

/** Of the certificates that still count, the one that lasts longest matters. */
function ofCertificates(
  { grantTypes }: Known['user'],
  certificates: Known['certificates'],
  now: number,
): UserAttention[] {
  if (!certificates || !grantTypes.some(({ method }) => method === 'certificate')) return []
  const item = (status: UserAttention['status'], sentence: string) => [
    { status, sentence, tab: 'certificates' as const },
  ]
  const good = certificates.filter(({ revoked }) => revoked === null)
  if (certificates.length === 0) {
    const isNeeded =
      grantTypes.length === 1 || grantTypes.some(({ method, isRequired }) => method === 'certificate' && isRequired)
    return isNeeded ? item('expiring', t`No certificate issued here, and none seen yet.`) : []
  }
  if (good.length === 0) return item('refused', t`All its certificates are revoked.`)
  const end = Math.max(...good.map(({ notAfter }) => Date.parse(notAfter)))
  const days = Math.floor((end - now) / dayMs)
  if (end < now) return item('refused', t`Its certificate has expired.`)
  if (days >= soonDays) return []
  return item(
    'expiring',
    days === 0
      ? t`Its certificate expires today.`
      : plural(days, { one: 'Its certificate expires in # day.', other: 'Its certificate expires in # days.' }),
  )
}

function ofFactor({ mfa }: Known['user']): UserAttention[] {
  if (!mfa.demanded || mfa.enabled) return []
  return [{ status: 'expiring', sentence: t`MFA is required and not set up.` }]
}
