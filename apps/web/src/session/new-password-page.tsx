/** The stage `password-change-required`: nothing else is possible before the own password is chosen. */
import { Frame, SignOutButton } from './frame.tsx'
import { PasswordForm } from './password-form.tsx'

export function NewPasswordPage() {
  return (
    <Frame title="Choose your password" description="The one that you signed in with was set by somebody else.">
      <PasswordForm submit="Set password and go on" />
      <SignOutButton />
    </Frame>
  )
}
