/** The client certificates of one user: those that were issued here, and those of other issuers that the broker has seen. */

import { type ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toCertificatesOf } from '../../links.ts'
import { Expiry } from '../../ui/expiry.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { Section } from '../../ui/section.tsx'
import { AdmittedOn } from '../check/admitted-on.tsx'
import { serialNumberWords } from '../revocations/revocation-words.ts'
import { clientSetup, issueCertificate } from './certificate-dialogs.ts'
import { isOver, useIssuedActions, useWhyNotIssue } from './issued-actions.ts'
import { IssuedState } from './issued-state.tsx'
import classes from './user-certificates.module.css'

/** The newest of each origin. */
const shownAtMost = 50

/** `kind` is the origin as the list calls it: `seen` also has certificates that were issued here and then presented. */
export function certificatesOf(userId: string, kind: 'issued' | 'seen') {
  return queryFor(clientCertificates.list, {
    search: {
      'kind[eq]': kind,
      'user[eq]': userId,
      sort: kind === 'issued' ? '-issuedAt' : '-lastSeenAt',
      limit: shownAtMost,
    },
  })
}

/** Undefined until both lists are loaded, and where the caller may not read them. */
export function useCertificatesOf(userId: string): readonly ClientCertificate[] | undefined {
  const { can } = useSession()
  const enabled = can(clientCertificates.list)
  const { data: issued } = useQuery({ ...certificatesOf(userId, 'issued'), enabled })
  const { data: seen } = useQuery({ ...certificatesOf(userId, 'seen'), enabled })
  return issued && seen ? inOrder([...issued.items, ...seen.items]) : undefined
}

/** Each once: those that still count first, then by the last use. */
function inOrder(certificates: readonly ClientCertificate[]): ClientCertificate[] {
  const unique = [...new Map(certificates.map((each) => [each.fingerprint, each])).values()]
  return unique.toSorted((a, b) => Number(isOver(a)) - Number(isOver(b)) || (lastUse(a) < lastUse(b) ? 1 : -1))
}

function lastUse({ seen, issued }: ClientCertificate): string {
  return seen?.lastAt ?? issued?.at ?? ''
}

type CertificateHolder = Pick<User, 'id' | 'username' | 'grantTypes'>

export function CertificatesOfUser({ user }: { user: CertificateHolder }) {
  const { id, username, grantTypes } = user
  const { data: issued } = useSuspenseQuery(certificatesOf(id, 'issued'))
  const { data: seen } = useSuspenseQuery(certificatesOf(id, 'seen'))
  const whyNotIssue = useWhyNotIssue()
  const actionsOf = useIssuedActions()
  const certificates = inOrder([...issued.items, ...seen.items])
  const holder = { id, username }
  return (
    <Section
      title={t`Certificates`}
      actions={
        <div className={classes['buttons']}>
          <Button size="xs" variant="default" onClick={() => void clientSetup.open(holder)}>
            <Trans>Client setup…</Trans>
          </Button>
          <GuardedButton size="xs" whyNot={whyNotIssue} onClick={() => void issueCertificate.open({ user: holder })}>
            <Trans>Issue certificate…</Trans>
          </GuardedButton>
        </div>
      }
      empty={certificates.length === 0 && t`No certificates issued here or seen yet.`}
    >
      {!grantTypes.some(({ method }) => method === 'certificate') && (
        <p className={classes['note']}>
          <Trans>Signing in with a certificate is off for this user: turn it on under Edit.</Trans>
        </p>
      )}
      <ul className={classes['list']} aria-label={t`Certificates of ${username}`}>
        {certificates.map((certificate) => (
          <li key={certificate.fingerprint} data-off={isOver(certificate) || undefined}>
            <Expiry {...certificate} isOver={isOver(certificate)} />
            <Described certificate={certificate} />
            <RowMenu
              name={t`certificate ${serialNumberWords(certificate.serialNumber)}`}
              actions={actionsOf(certificate)}
            />
          </li>
        ))}
      </ul>
      {(issued.nextCursor ?? seen.nextCursor) !== null && (
        <Link {...toCertificatesOf(username)}>
          <Trans>View all</Trans>
        </Link>
      )}
    </Section>
  )
}

function Described({ certificate }: { certificate: ClientCertificate }) {
  const { issued, issuer, seen, keyAlgorithm, serialNumber } = certificate
  return (
    <div>
      {keyAlgorithm} <IssuedState certificate={certificate} />
      <div className={classes['note']}>
        {issued ? (
          <Trans>
            Issued here <RelativeTime at={issued.at} /> by {issued.by}.
          </Trans>
        ) : (
          <Trans>Issued by {issuer}.</Trans>
        )}{' '}
        {seen ? (
          <Trans>
            Last used <RelativeTime at={seen.lastAt} />.
          </Trans>
        ) : (
          <Trans>Not used yet.</Trans>
        )}
      </div>
      <div className={classes['number']}>{serialNumberWords(serialNumber)}</div>
      {!isOver(certificate) && <AdmittedOn fingerprint={certificate.fingerprint} />}
    </div>
  )
}
