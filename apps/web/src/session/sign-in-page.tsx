/** Sign in: username, password, one button. A small page on purpose: it is what everybody waits for first. */
import { session } from '@gatehouse/contract/session'
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SyntheticEvent, useState } from 'react'
import { call } from '../api/client.ts'
import { beginSession } from '../api/session.ts'
import { Refusal, useWait } from '../feedback/refusal.tsx'
import { PasswordField } from '../form/password-field.tsx'
import { Frame } from '../shell/frame.tsx'
import classes from './credentials.module.css'

export function SignInPage() {
  const { mutate, isPending, error } = useSignIn()
  const waitSeconds = useWait(error)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')

  function send(event: SyntheticEvent): void {
    event.preventDefault()
    mutate({ username, password })
  }

  return (
    <Frame title="Sign in">
      <form onSubmit={send} className={classes['fields']}>
        <TextInput
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this form
          autoFocus
          required
          withAsterisk={false}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordField
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Refusal error={error} waitSeconds={waitSeconds} />
        <Button type="submit" fullWidth loading={isPending} disabled={waitSeconds > 0}>
          Sign in
        </Button>
      </form>
    </Frame>
  )
}

function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { username: string; password: string }) => call(session.signIn, { body }),
    onSuccess: (answer) => beginSession(client, answer),
  })
}
