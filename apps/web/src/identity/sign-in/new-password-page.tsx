/** The stage `password-change-required`: nothing else is possible before the own password is chosen. */

import { PasswordForm } from '../passwords/password-form.tsx'
import { Frame, SignOutButton } from './frame.tsx'

export function NewPasswordPage({ onDone }: { onDone: () => void }) {
  return (
    <Frame title="Choose your password" description="You signed in with a temporary password.">
      {/* An administrator who set the password has decided about the tokens. */}
      <PasswordForm submit="Set password and go on" endTokens={false} onDone={onDone} />
      <SignOutButton />
    </Frame>
  )
}
