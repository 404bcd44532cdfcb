import type { Decision } from '@gatehouse/contract/brokers/broker'
import type { ClientCertificate } from '@gatehouse/contract/certificates/issued'
import { describe, expect, it } from 'vitest'
import { attentionOn } from './user-attention.ts'

const now = Date.parse('2026-11-29T00:00:00Z')
const user: Parameters<typeof attentionOn>[0]['user'] = {
  disabledAt: null,
  kind: 'machine',
  grantTypes: [{ method: 'certificate', isRequired: false }],
  mfa: { enabled: false, required: false, demanded: false },
}

function certificateUntil(notAfter: string, isRevoked = false): ClientCertificate {
  const revoked = isRevoked ? { id: 'r', at: notAfter, reason: 'unspecified' as const } : null
  return { notAfter, revoked } as ClientCertificate
}

const sentences = (known: Partial<Parameters<typeof attentionOn>[0]>) =>
  attentionOn({ user, certificates: [certificateUntil('2030-01-01T00:00:00Z')], latest: undefined, ...known }, now).map(
    ({ sentence }) => sentence,
  )

describe('what needs attention', () => {
  it('is nothing for a device with a certificate that lasts', () => expect(sentences({})).toEqual([]))

  it('is nothing about certificates that the caller may not read', () => {
    expect(sentences({ certificates: undefined })).toEqual([])
  })

  it.each([
    ['no certificate', [], ['No certificate issued here, and none seen yet.']],
    ['an expired one', [certificateUntil('2026-11-28T00:00:00Z')], ['Its certificate has expired.']],
    ['one that expires soon', [certificateUntil('2026-12-01T00:00:00Z')], ['Its certificate expires in 2 days.']],
    ['only revoked ones', [certificateUntil('2030-01-01T00:00:00Z', true)], ['All its certificates are revoked.']],
    [
      'a new one beside an expired one',
      [certificateUntil('2026-01-01T00:00:00Z'), certificateUntil('2030-01-01T00:00:00Z')],
      [],
    ],
  ])('with %s', (_what, certificates, expected) => expect(sentences({ certificates })).toEqual(expected))

  it('is no missing certificate while a password is enough', () => {
    const grantTypes = [...user.grantTypes, { method: 'password' as const, isRequired: false }]
    expect(sentences({ user: { ...user, grantTypes }, certificates: [] })).toEqual([])
  })

  it('is the reason of the last refusal, and not an older one', () => {
    const refused = { outcome: 'refused', reason: 'expired', certificate: null } as Decision
    expect(sentences({ latest: refused })).toEqual(['Refused last time. The certificate has expired.'])
    expect(sentences({ latest: { ...refused, outcome: 'admitted', reason: null } })).toEqual([])
  })

  it('is a user who cannot sign in at all', () => {
    expect(sentences({ user: { ...user, disabledAt: '2026-01-01T00:00:00Z' } })).toEqual(['Disabled. Cannot sign in.'])
    expect(sentences({ user: { ...user, grantTypes: [] } })).toEqual(['No sign-in method is enabled.'])
  })

  it('is a required second factor that is not set up', () => {
    const mfa = { enabled: false, required: true, demanded: true }
    expect(sentences({ user: { ...user, mfa } })).toEqual(['MFA is required and not set up.'])
  })
})
