/** How long the audit keeps its entries. */

import { policyBounds } from '@gatehouse/contract/operations/settings'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { WholeNumber } from '../../ui/whole-number.tsx'
import classes from './policies.module.css'
import { boundsWords, type PolicyValues } from './policy-groups.ts'

interface AuditRulesProps {
  form: UseFormReturnType<PolicyValues>
  isReadOnly: boolean
}

const choices = [
  { value: 'ever', label: t`Forever` },
  { value: 'days', label: t`Limited` },
] as const

/** Offered to whoever chooses that entries go: what most rules for logs ask for. */
const usualDays = 365

export function AuditRules({ form, isReadOnly }: AuditRulesProps) {
  const isLimited = form.values.audit.keepDays !== null
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Audit</Trans>
      </legend>
      <p>
        <Trans>
          How long entries are kept. Entries cannot be deleted individually and are kept for at least 30 days.
        </Trans>
      </p>
      <SegmentedControl
        aria-label={t`Audit retention`}
        disabled={isReadOnly}
        data={[...choices]}
        value={isLimited ? 'days' : 'ever'}
        onChange={(value) => form.setFieldValue('audit.keepDays', value === 'ever' ? null : usualDays)}
      />
      {isLimited && (
        <div className={classes['fields']}>
          <WholeNumber
            label={t`Deleted after (days)`}
            description={boundsWords(policyBounds.audit.keepDays)}
            readOnly={isReadOnly}
            {...form.getInputProps('audit.keepDays')}
          />
        </div>
      )}
      {form.isDirty('audit') && isLimited && (
        <div className={classes['consequence']}>
          <Trans>
            Older entries are deleted permanently within an hour, and an entry records their number. Export them first
            to keep a copy.
          </Trans>
        </div>
      )}
    </fieldset>
  )
}
