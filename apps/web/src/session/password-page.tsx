/** Settings → Password. */
import { useState } from 'react'
import { passwordPolicyQuery } from '../api/password-policy.ts'
import type { Loading } from '../api/session.ts'
import { toast } from '../feedback/toast.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import classes from './credentials.module.css'
import { PasswordForm } from './password-form.tsx'

export async function load({ context }: Loading): Promise<void> {
  await context.client.ensureQueryData(passwordPolicyQuery)
}

export function PasswordPage() {
  const [edition, setEdition] = useState(0)

  function done(): void {
    toast({ message: 'Password changed. Your other sessions have ended.' })
    setEdition(edition + 1)
  }

  return (
    <>
      <PageHeader title="Password" description="For signing in here. Changing it ends your other sessions." />
      <div className={classes['page']}>
        <PasswordForm key={edition} submit="Change password" onDone={done} />
      </div>
    </>
  )
}
