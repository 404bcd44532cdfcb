/** The stage `password-change-required`: nothing else is possible before the own password is chosen. */

import { t } from '@lingui/core/macro'
import { PasswordForm } from '../passwords/password-form.tsx'
import { Frame, SignOutButton } from './frame.tsx'

export function NewPasswordPage({ onDone }: { onDone: () => void }) {
  return (
    <Frame title={t`Choose your password`} description={t`You signed in with a temporary password. Choose your own.`}>
      {/* An administrator who set the password has decided about the tokens. */}
      <PasswordForm submit={t`Set password and continue`} endTokens={false} onDone={onDone} />
      <SignOutButton />
    </Frame>
  )
}
