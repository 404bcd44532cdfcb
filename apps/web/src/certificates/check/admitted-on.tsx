/** On which listeners a stored certificate would be admitted. Checked when it is opened. */

import { certificates } from '@gatehouse/contract/certificates/check'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { Trans } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { Problem } from '../../ui/problem.tsx'
import { CheckListeners } from './check-listeners.tsx'
import classes from './user-certificate-check.module.css'

function checkOf(fingerprint: string) {
  return queryOptions({
    queryKey: [certificates.check.id, { fingerprint }],
    queryFn: async ({ signal }) => {
      const pem = await call(clientCertificates.download, { params: { fingerprint }, signal })
      return call(certificates.check, { body: { certificates: pem }, signal })
    },
    staleTime: 0,
    retry: false,
  })
}

export function AdmittedOn({ fingerprint }: { fingerprint: string }) {
  const { can } = useSession()
  const [isOpen, setOpen] = useState(false)
  const { data, error } = useQuery({ ...checkOf(fingerprint), enabled: isOpen })
  if (!can(certificates.check) || !can(clientCertificates.download, { fingerprint })) return null
  return (
    <details className={classes['part']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Trans>On which listeners is it admitted?</Trans>
      </summary>
      <Problem error={error} />
      {data && <CheckListeners result={data} />}
    </details>
  )
}
