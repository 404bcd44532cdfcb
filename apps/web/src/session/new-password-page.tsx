/** The stage `password-change-required`: nothing else is possible before the own password is chosen. */
import type { QueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Frame } from './frame.tsx'
import { PasswordForm, passwordPolicyQuery } from './password-form.tsx'
import { SignOutButton } from './sign-out-button.tsx'

export async function load({ context }: { context: { client: QueryClient } }): Promise<void> {
  await context.client.ensureQueryData(passwordPolicyQuery)
}

const page = getRouteApi('/new-password')

export function NewPasswordPage() {
  const { from = '/' } = page.useSearch()
  const router = useRouter()
  return (
    <Frame
      title="Choose your password"
      description="The password that you signed in with was set by somebody else, and works once."
    >
      <PasswordForm submit="Set password and go on" onDone={() => router.history.replace(from)} />
      <SignOutButton />
    </Frame>
  )
}
