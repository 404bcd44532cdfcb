import { expect, it } from 'vitest'
import type { Method } from '../../access/decision/outcome.ts'
import { endOf } from './connection.ts'

const [early, late] = [new Date('2026-01-01'), new Date('2027-01-01')]
const right = { password: { state: 'right' as const, credential: null } }

function endBy(method: Method, { password, certificate }: { password: Date | null; certificate: Date | null }) {
  const verdict = certificate && { trusted: true as const, validUntil: certificate }
  return endOf(right, { method, user: { passwordEndsAt: password }, verdict })
}

it.each<[string, Method, Date | null, Date | null, Date | null]>([
  ['a password ends with the password', 'password', early, null, early],
  ['both ends with the password, if it ends first', 'certificate+password', early, late, early],
  ['both ends with the certificate, if it ends first', 'certificate+password', late, early, early],
  ['both ends with the certificate, if the password has no end', 'certificate+password', null, late, late],
  [
    'a certificate ends with it, also after the right password that it sent has ended',
    'certificate',
    early,
    late,
    late,
  ],
])('a connection by %s', (_title, method, password, certificate, end) => {
  expect(endBy(method, { password, certificate })).toEqual(end)
})
