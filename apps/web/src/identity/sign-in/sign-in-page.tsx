/** The sign-in page. It must stay small: everybody loads it first. */

import { t } from '@lingui/core/macro'
import { useQueryClient } from '@tanstack/react-query'
import { beginSession } from '../../api/session.ts'
import { Frame } from './frame.tsx'
import { SignInForm } from './sign-in-form.tsx'

export function SignInPage() {
  const client = useQueryClient()
  return (
    <Frame title={t`Sign in`}>
      <SignInForm onSignedIn={(answer) => beginSession(client, answer)} />
    </Frame>
  )
}
