/** The fields for a second factor: six boxes, or one field for a backup code; what was wrong stands below. */
import { t } from '@lingui/core/macro'
import { Button, TextInput } from '@mantine/core'
import { isRefusal } from '../../api/client.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { CodeField } from './code-field.tsx'
import type { FactorEntry } from './factor-entry.ts'
import classes from './factor-fields.module.css'

interface FactorFieldsProps {
  entry: FactorEntry
  /** A backup code will do as well. */
  takesBackupCode: boolean
  label?: string
  /** What to do after a wrong code, where the usual advice cannot help. */
  wrongCodeAdvice?: string | undefined
}

const spentBackupCode = t`Each backup code works once. Use one that you have not used.`

export function FactorFields({
  entry,
  takesBackupCode,
  label = t`Code from your authenticator app`,
  wrongCodeAdvice,
}: FactorFieldsProps) {
  const { way, typed, setTyped, attempt, isPending, error, waitSeconds, send, switchWay } = entry
  const isWrong = isRefusal(error, 'wrong_code')
  return (
    <>
      {way === 'code' ? (
        <CodeField
          key={attempt}
          label={label}
          value={typed}
          hasError={isWrong && typed === ''}
          isHeld={isPending || waitSeconds > 0}
          onChange={setTyped}
          onFull={send}
        />
      ) : (
        <TextInput
          label={t`Backup code`}
          placeholder="XXXX-XXXX-XXXXX"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          data-autofocus
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- one has just asked for this field
          autoFocus
          value={typed}
          error={isWrong}
          readOnly={isPending || waitSeconds > 0}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Refusal
        error={error}
        waitSeconds={waitSeconds}
        advice={isWrong ? (way === 'backupCode' ? spentBackupCode : wrongCodeAdvice) : undefined}
      />
      {takesBackupCode && (
        <div className={classes['otherWay']}>
          <Button variant="subtle" size="compact-sm" onClick={switchWay}>
            {way === 'code' ? t`Use a backup code` : t`Use a code from the app`}
          </Button>
        </div>
      )}
    </>
  )
}
