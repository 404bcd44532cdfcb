/** The policy for clients of an authority whose CRL has expired, and the clients that it affects now. */

import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import classes from './policies.module.css'
import type { PolicyValues } from './policy-groups.ts'
import { expiredWords } from './policy-words.ts'

const choices = [
  { value: 'accept', label: expiredWords.accept },
  { value: 'refuse', label: expiredWords.refuse },
] as const

const loadHelp: LoadHelp = () => import('./help.ts').then(({ expiredCrlsHelp }) => expiredCrlsHelp)

const listsQuery = queryFor(revocationLists.list, {})

export function ListRules({ form, isReadOnly }: { form: UseFormReturnType<PolicyValues>; isReadOnly: boolean }) {
  const { can } = useSession()
  const { data } = useQuery({ ...listsQuery, enabled: can(revocationLists.list) })
  const outdated = data?.items.filter(({ warnings }) => warnings.includes('outdated')) ?? []
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Expired CRLs</Trans>
      </legend>
      <p>
        <Trans>
          When the next update of a CRL is overdue and no newer CRL was uploaded. Certificates that the CRL revokes are
          refused in either case.
        </Trans>{' '}
        <HelpLink about={t`Expired CRLs`} load={loadHelp} />
      </p>
      <SegmentedControl
        aria-label={t`When a CRL has expired`}
        disabled={isReadOnly}
        data={[...choices]}
        value={form.values.crl.whenExpired}
        onChange={(value) => form.setFieldValue('crl.whenExpired', value)}
      />
      {form.isDirty('crl') && form.values.crl.whenExpired === 'refuse' && (
        <div className={classes['consequence']}>
          {outdated.length === 0
            ? t`Live connections end when a CRL expires.`
            : t`Expired now: ${outdated.map(({ authority, issuer }) => authority?.name ?? issuer).join(', ')}. Live connections with certificates of these CAs end when you save.`}
        </div>
      )}
    </fieldset>
  )
}
