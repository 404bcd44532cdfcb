/** Would this certificate get in? For the engineer with a device that does not. */

import { t } from '@lingui/core/macro'
import { PageHeader } from '../../ui/page-header.tsx'
import { CertificateCheck } from './certificate-check.tsx'

export function CheckPage() {
  return (
    <>
      <PageHeader
        title={t`Check a certificate`}
        description={t`Would it get in? The same checks, in the same order, as the broker makes them. Nothing is connected, and nothing changed.`}
      />
      <CertificateCheck />
    </>
  )
}
