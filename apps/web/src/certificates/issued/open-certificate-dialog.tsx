/** Which of the dialogs about a certificate is open. */
import type { OpenDialog } from '../../ui/dialog-slot.ts'
import { HandOver } from '../client-setup/client-setup-dialog.tsx'
import { RevokeCertificate } from '../revocations/revoke-certificate-dialog.tsx'
import { type CertificateQuestion, certificateDialog } from './certificate-dialogs.ts'
import { IssueCertificate } from './issue-certificate-dialog.tsx'

/** Mounted by the page while there is one. */
export function OpenCertificateDialog() {
  const open = certificateDialog.useOpen()
  return open && <Asked key={open.id} {...open} />
}

function Asked({ question, settle }: OpenDialog<CertificateQuestion, void>) {
  if (question.about === 'issue')
    return <IssueCertificate user={question.user} renews={question.renews} onClose={settle} />
  if (question.about === 'revoke') return <RevokeCertificate certificate={question.certificate} onClose={settle} />
  return <HandOver user={question.user} onClose={settle} />
}
