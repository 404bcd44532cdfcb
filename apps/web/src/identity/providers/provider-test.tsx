/** A test of a provider, with the person that it shall find, and its steps. */
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Problem } from '../../ui/problem.tsx'
import { TestSteps } from '../../ui/test-steps.tsx'
import { PasswordField } from '../passwords/password-field.tsx'
import { outcomeWords, stepWords } from './provider-words.ts'
import classes from './providers.module.css'

interface ProviderTestProps {
  /** A directory can look for a person. An OpenID provider cannot be asked. */
  takesPerson: boolean
  run: (person: Person) => void
  isPending: boolean
  error: unknown
  steps: readonly ProviderTestStep[] | undefined
  whyNot?: string | undefined
}

/** Of a directory: whom to look for, and a password to try. Neither is stored. */
export interface Person {
  username?: string
  password?: string
}

export function ProviderTest({ takesPerson, run, isPending, error, steps, whyNot }: ProviderTestProps) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const person = { ...(username.trim() && { username: username.trim(), ...(password && { password }) }) }
  return (
    <>
      <div className={classes['tryLine']}>
        {takesPerson && (
          <TextInput
            label={t`Person to look for`}
            description={t`Optional. A username, as typed at the sign-in.`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
        )}
        {username.trim() !== '' && (
          <PasswordField
            label={t`Password of the person`}
            description={t`Optional. It is not stored.`}
            autoComplete="off"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        <Button variant="default" loading={isPending} disabled={whyNot !== undefined} onClick={() => run(person)}>
          <Trans>Test</Trans>
        </Button>
      </div>
      {whyNot && <p className={classes['note']}>{whyNot}</p>}
      <Problem error={error} />
      <output>
        {steps && !isPending && (
          <TestSteps
            steps={steps.map((step) => ({
              name: stepWords[step.step],
              outcome: step.outcome,
              found: outcomeWords(step),
            }))}
          />
        )}
      </output>
    </>
  )
}
