/** Authorities in API answers, with the connections and users that they vouch for now. */
import type { Authority, AuthorityDetails, AuthorityWarning } from '@gatehouse/contract/certificates/authorities'
import { judgeAuthority } from '@gatehouse/pki/read/authority'
import { readBundle } from '@gatehouse/pki/read/certificate'
import { usersById } from '../../identity/users/lookup-store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { AuthoritiesContext } from './context.ts'
import { isUnproven, limitedElsewhere } from './key-proof.ts'
import { keysBySubject, type StoredAuthority } from './store.ts'
import { describeCertificate, setIn } from './upload.ts'

export async function present(
  { reader, clock, enforcers }: AuthoritiesContext,
  stored: readonly StoredAuthority[],
): Promise<Authority[]> {
  const vouched = await enforcers.connectionsByAuthority()
  const keys = await keysBySubject(
    reader,
    stored.map(({ certificate }) => certificate.subject),
  )
  const elsewhere = await limitedElsewhere(
    reader,
    stored.map(({ certificate }) => certificate),
  )
  const limiters = await namesOfLimiters(reader, stored)
  return stored.map((authority) => {
    const { certificate, limitedBy, ...rest } = authority
    const counts = vouched === null ? null : (vouched.get(certificate.fingerprint) ?? { connections: 0, users: 0 })
    const more: Partial<Record<AuthorityWarning, boolean>> = {
      same_subject: (keys.get(certificate.subject)?.size ?? 0) > 1,
      limited_elsewhere: elsewhere.has(certificate.fingerprint),
      withdrawn: authority.withdrawnAt !== null,
    }
    return {
      ...describeCertificate(certificate),
      ...rest,
      limitedBy: limitedBy === null ? null : { id: limitedBy, username: limiters.get(limitedBy) ?? null },
      warnings: [...judgeAuthority(certificate, clock.now()).warnings, ...setIn(more)],
      connections: counts?.connections ?? null,
      users: counts?.users ?? null,
    }
  })
}

async function namesOfLimiters(reader: Db, stored: readonly StoredAuthority[]): Promise<Map<string, string>> {
  const ids = [...new Set(stored.flatMap(({ limitedBy }) => limitedBy ?? []))]
  const found = ids.length === 0 ? [] : await usersById(reader, ids)
  return new Map(found.map(({ id, username }) => [id, username]))
}

export async function presentOne(context: AuthoritiesContext, stored: StoredAuthority): Promise<Authority> {
  const [authority] = await present(context, [stored])
  if (!authority) throw new Error('Rows and presented authorities differ in number')
  return authority
}

/** All details, parsed from the certificate: the stored description may come from an older version. */
export async function presentDetails(context: AuthoritiesContext, stored: StoredAuthority): Promise<AuthorityDetails> {
  const [certificate] = await readBundle(stored.certificate.der)
  if (!certificate) throw new Error('A stored certificate can be parsed')
  const { warnings, ...authority } = await presentOne(context, stored)
  // Not in lists: each costs a signature verification.
  const more = setIn({ unproven_key: await isUnproven(context.reader, certificate) })
  return { ...describeCertificate(certificate), ...authority, warnings: [...warnings, ...more] }
}
