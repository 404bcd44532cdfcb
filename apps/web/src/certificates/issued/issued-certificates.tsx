/** In Edit User: the certificates that were issued to this user, and the way to another. */

import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { pagesFor } from '../../api/queries.ts'
import { Expiry } from '../../ui/expiry.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { serialNumberWords } from '../revocations/revocation-words.ts'
import { clientSetup, issueCertificate } from './certificate-dialogs.ts'
import { isOver, useIssuedActions, useWhyNotIssue } from './issued-actions.ts'
import classes from './issued-certificates.module.css'
import { IssuedState } from './issued-state.tsx'

export type CertificateHolder = Pick<User, 'id' | 'username' | 'grantTypes'>

export function IssuedCertificates({ user }: { user: CertificateHolder }) {
  const { id, username, grantTypes } = user
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(
    pagesFor(clientCertificates.list, { search: { 'kind[eq]': 'issued', 'user[eq]': id, sort: '-issuedAt' } }),
  )
  const whyNotIssue = useWhyNotIssue()
  const actionsOf = useIssuedActions()
  const issued = data.pages.flatMap(({ items }) => items)
  const holder = { id, username }
  return (
    <section aria-label={t`Certificates`} className={classes['part']}>
      <div className={classes['head']}>
        <div className={classes['note']}>
          {grantTypes.some(({ method }) => method === 'certificate')
            ? t`Issued here, newest first. Gatehouse does not store the private keys.`
            : t`This user cannot sign in with a certificate yet. Turn it on under User, in Advanced mode.`}
        </div>
        <Button size="xs" variant="default" onClick={() => void clientSetup.open(holder)}>
          <Trans>Client setup…</Trans>
        </Button>
        <GuardedButton size="xs" whyNot={whyNotIssue} onClick={() => void issueCertificate.open({ user: holder })}>
          <Trans>Issue certificate…</Trans>
        </GuardedButton>
      </div>
      {issued.length === 0 && (
        <div className={classes['none']}>
          <Trans>No certificates issued here.</Trans>
        </div>
      )}
      <ul className={classes['list']}>
        {issued.map((certificate) => (
          <li key={certificate.fingerprint} data-off={certificate.revoked !== null || undefined}>
            <Expiry {...certificate} isOver={isOver(certificate)} />
            <div>
              {certificate.keyAlgorithm} <IssuedState certificate={certificate} />
              <div className={classes['note']}>
                {certificate.issued && (
                  <>
                    <Trans>
                      Issued <RelativeTime at={certificate.issued.at} /> by {certificate.issued.by}.
                    </Trans>{' '}
                  </>
                )}
                {certificate.seen ? (
                  <>
                    <Trans>
                      Last seen <RelativeTime at={certificate.seen.lastAt} />.
                    </Trans>
                  </>
                ) : (
                  t`Not seen yet.`
                )}
              </div>
              <div className={classes['number']}>{serialNumberWords(certificate.serialNumber)}</div>
            </div>
            <RowMenu
              name={`certificate ${serialNumberWords(certificate.serialNumber)}`}
              actions={actionsOf(certificate)}
            />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </section>
  )
}
