/** What has become of a certificate, beside its end. */

import type { ClientCertificate } from '@gatehouse/contract/certificates/issued'
import { Trans } from '@lingui/react/macro'
import { StatusBadge } from '../../ui/badges.tsx'
import { revocationReasonWords } from '../revocations/revocation-words.ts'

export function IssuedState({ certificate: { revoked, renewedBy } }: { certificate: ClientCertificate }) {
  return (
    <>
      {revoked && (
        <span title={revocationReasonWords[revoked.reason]}>
          <StatusBadge status="refused">
            <Trans>revoked</Trans>
          </StatusBadge>
        </span>
      )}
      {renewedBy !== null && (
        <StatusBadge status="off">
          <Trans>renewed</Trans>
        </StatusBadge>
      )}
    </>
  )
}
