/** A password for somebody else: typed or generated, with the rules ticked. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { CopyButton } from '../../ui/copy-button.tsx'
import { generatePassword } from './generate-password.ts'
import classes from './new-password-field.module.css'
import { PasswordField } from './password-field.tsx'
import { passwordPolicyQuery } from './password-policy.ts'
import { passwordRules } from './password-rule-words.ts'
import { PasswordRules } from './password-rules.tsx'

interface NewPasswordFieldProps {
  label: string
  description?: ReactNode
  value: string
  error?: ReactNode
  onChange: (value: string) => void
}

export function NewPasswordField({ value, onChange, ...field }: NewPasswordFieldProps) {
  const { data: policy } = useSuspenseQuery(passwordPolicyQuery)
  return (
    <div className={classes['new']}>
      <div className={classes['line']}>
        <PasswordField
          {...field}
          className={classes['field'] ?? ''}
          inputWrapperOrder={['label', 'description', 'input', 'error']}
          autoComplete="new-password"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Button variant="default" onClick={() => onChange(generatePassword(policy))}>
          <Trans>Generate</Trans>
        </Button>
      </div>
      {value !== '' && (
        <div className={classes['line']}>
          <PasswordRules rules={passwordRules(policy, value)} checksCommon={policy.blocklist} />
          <CopyButton value={value} label={t`Copy password`} />
        </div>
      )}
    </div>
  )
}
