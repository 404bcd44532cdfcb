/** Username, password, one button: on the sign-in page, and in front of a console whose session has ended. */

import { ApiProblem } from '@gatehouse/contract/client'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type SyntheticEvent, useState } from 'react'
import { callQuietly } from '../../api/client.ts'
import { Refusal, useWait } from '../../ui/refusal.tsx'
import classes from '../passwords/credentials.module.css'
import { PasswordField } from '../passwords/password-field.tsx'

interface SignInFormProps {
  /** The user who has to sign in; undefined: any. */
  username?: string
  onSignedIn: (answer: Session) => void
}

export function SignInForm({ username: fixed, onSignedIn }: SignInFormProps) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { username: string; password: string; code?: string }) => callQuietly(session.signIn, { body }),
    onSuccess: onSignedIn,
  })
  const waitSeconds = useWait(error)
  const [username, setUsername] = useState(fixed ?? '')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const asksForCode = useAsksForCode(error)
  // The wait is for a password alone.
  const mustWait = waitSeconds > 0 && !(takesCode(error) && code !== '')

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    mutate({ username, password, ...(asksForCode && code !== '' && { code }) })
  }

  return (
    <form onSubmit={send} className={classes['fields']}>
      <TextInput
        label={t`Username`}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this form
        autoFocus={fixed === undefined}
        readOnly={fixed !== undefined}
        required
        withAsterisk={false}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordField
        label={t`Password`}
        autoComplete="current-password"
        data-autofocus={fixed !== undefined || undefined}
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {asksForCode && (
        <TextInput
          label={t`Code from your authenticator app`}
          description={t`There were too many wrong passwords for this user. With multi-factor authentication you can sign in now: enter the code as well.`}
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={6}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, ''))}
        />
      )}
      <Refusal error={error} waitSeconds={waitSeconds} advice={asksForCode ? checkAll : undefined} />
      <Button type="submit" fullWidth loading={isPending} disabled={mustWait}>
        <Trans>Sign in</Trans>
      </Button>
    </form>
  )
}

/** Nothing says which of them was wrong. */
const checkAll = t`Check the username, the password and the code.`

function takesCode(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.facts?.['takesCode'] === true
}

/** From the first refusal that takes a code until the page is left: a wrong code must not hide the field. */
function useAsksForCode(error: unknown): boolean {
  const [asks, setAsks] = useState(false)
  if (!asks && takesCode(error)) setAsks(true)
  return asks
}
