/** In Edit User, about certificates: what is loaded only when somebody opens it. */

import { certificates } from '@gatehouse/contract/certificates/check'
import { Trans } from '@lingui/react/macro'
import { lazy, Suspense, useState } from 'react'
import { useSession } from '../../api/session.ts'
import classes from './user-certificate-check.module.css'

const CertificateCheck = lazy(async () => ({
  default: (await import('./certificate-check.tsx')).CertificateCheck,
}))

export function UserCertificates({ username }: { username: string }) {
  const { can } = useSession()
  const [isOpen, setOpen] = useState(false)
  if (!can(certificates.check)) return null
  return (
    <details className={classes['part']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Trans>Check a certificate of {username}</Trans>
      </summary>
      <p className={classes['note']}>
        <Trans>Uses the saved settings. Changes above apply after Save.</Trans>
      </p>
      {isOpen && (
        <Suspense>
          <CertificateCheck username={username} />
        </Suspense>
      )}
    </details>
  )
}
