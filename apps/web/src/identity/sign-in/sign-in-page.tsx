/** The sign-in page. It must stay small: everybody loads it first. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { beginSession } from '../../api/session.ts'
import { Frame } from './frame.tsx'
import { ProviderButtons } from './provider-buttons.tsx'
import { RefusedByProvider } from './refused-by-provider.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { signInOptionsQuery } from './sign-in-options.ts'

export function SignInPage() {
  const client = useQueryClient()
  const { data } = useSuspenseQuery(signInOptionsQuery)
  const { providers, passwordSignIn } = data
  const [isPasswordShown, setPasswordShown] = useState(
    passwordSignIn || providers.length === 0 || location.hash === '#password',
  )
  return (
    <Frame title={t`Sign in`}>
      <RefusedByProvider />
      {isPasswordShown && <SignInForm onSignedIn={(answer) => beginSession(client, answer)} />}
      <ProviderButtons providers={providers} isBelowForm={isPasswordShown} />
      {!isPasswordShown && (
        <Button variant="subtle" onClick={() => setPasswordShown(true)}>
          <Trans>Sign in with password</Trans>
        </Button>
      )}
    </Frame>
  )
}
