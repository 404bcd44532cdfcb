/** The rules for a new password, ticked while typing; the server decides. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { PasswordRule } from './password-rule-words.ts'
import classes from './password-rules.module.css'

export function PasswordRules({ rules, checksCommon }: { rules: readonly PasswordRule[]; checksCommon: boolean }) {
  return (
    <ul className={classes['rules']} aria-label={t`Rules for the new password`}>
      {rules.map(({ sentence, isMet }) => (
        <li key={sentence} data-met={isMet}>
          <span aria-hidden>{isMet ? '✓' : '○'}</span>
          {sentence}
          <span className={classes['state']}> {isMet ? t`(met)` : t`(not yet met)`}</span>
        </li>
      ))}
      {checksCommon && (
        <li>
          <Trans>
            <span aria-hidden>○</span>
            Not a common password, and not the username
          </Trans>
        </li>
      )}
    </ul>
  )
}
