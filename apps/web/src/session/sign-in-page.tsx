/** Sign in: username, password, one button. A small page on purpose: it is what everybody waits for first. */
import { session } from '@gatehouse/contract/session'
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type SyntheticEvent, useState } from 'react'
import { call } from '../api/client.ts'
import { sessionQuery } from '../api/session.ts'
import { PasswordField } from '../form/password-field.tsx'
import classes from './credentials.module.css'
import { Frame } from './frame.tsx'
import { Refusal, useWait } from './refusal.tsx'

const page = getRouteApi('/sign-in')

export function SignInPage() {
  const { from = '/' } = page.useSearch()
  const { mutate, isPending, error } = useSignIn(from)
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

function useSignIn(from: string) {
  const client = useQueryClient()
  const router = useRouter()
  return useMutation({
    mutationFn: (body: { username: string; password: string }) => call(session.signIn, { body }),
    onSuccess: (answer) => {
      // What the one before saw is not shown to the next.
      client.clear()
      client.setQueryData(sessionQuery.queryKey, answer)
      // A stage that is not complete leads on from there, and back here after.
      router.history.replace(from)
    },
  })
}
