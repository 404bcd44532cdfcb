/** Would this certificate get in? For the engineer with a device that does not. */

import { t } from '@lingui/core/macro'
import { PageHeader } from '../../ui/page-header.tsx'
import { CertificateCheck } from './certificate-check.tsx'

export function CheckPage() {
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ checkHelp }) => checkHelp)}
        title={t`Check a certificate`}
        description={t`Runs the same checks as the broker, in the same order. No client is connected and nothing is changed.`}
      />
      <CertificateCheck />
    </>
  )
}
