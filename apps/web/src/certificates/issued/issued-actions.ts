/** The actions on an issued certificate, for all lists. */

import { type ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { t } from '@lingui/core/macro'
import { call } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import type { RowAction } from '../../ui/column.ts'
import { download, fileNameFrom } from '../../ui/download.ts'
import { toastError } from '../../ui/toast.tsx'
import { clientSetup, issueCertificate, revokeIssued } from './certificate-dialogs.ts'

/** Issuing asks the policy first. */
export function useWhyNotIssue(): string | undefined {
  const { whyNot } = useSession()
  return whyNot(clientCertificates.create) ?? whyNot(clientCertificates.policy)
}

export function useIssuedActions(): (certificate: ClientCertificate) => RowAction[] {
  const { whyNot } = useSession()
  const whyNotIssue = useWhyNotIssue()
  return (certificate) => {
    const { fingerprint, user, issued, revoked } = certificate
    const { id, username } = user
    const params = { fingerprint }
    return [
      {
        label: t`Download certificate`,
        onSelect: () => void download(clientCertificates.download, { params }, fileNameFrom(username, 'crt')),
        whyNot: whyNot(clientCertificates.download, params),
      },
      {
        label: t`Client setup…`,
        onSelect: () => {
          if (id !== null) void clientSetup.open({ id, username })
        },
        whyNot: id === null ? userIsGone : undefined,
      },
      {
        label: t`Renew…`,
        onSelect: () => {
          if (id !== null) void issueCertificate.open({ user: { id, username }, renews: certificate })
        },
        whyNot: whyNotIssue ?? (id === null ? userIsGone : issued ? undefined : fromElsewhere),
      },
      {
        label: t`Revoke…`,
        dangerous: true,
        onSelect: () => void revoke(fingerprint),
        whyNot: whyNot(revocations.create) ?? (revoked ? t`Already revoked.` : undefined),
      },
    ]
  }
}

const userIsGone = t`Its user was deleted.`
const fromElsewhere = t`Issued by another CA.`

async function revoke(fingerprint: string): Promise<void> {
  try {
    const certificate = await call(clientCertificates.download, { params: { fingerprint } })
    await revokeIssued.open(certificate)
  } catch (error) {
    toastError(error)
  }
}

/** It is revoked or renewed and should not be used any more. */
export function isOver({ revoked, renewedBy }: ClientCertificate): boolean {
  return revoked !== null || renewedBy !== null
}
