import type { ModalProps } from '../../ui/modals.tsx'
import { RevokeCertificate } from '../revocations/revoke-certificate-dialog.tsx'

export function RevokeIssued({ question: certificate, settle }: ModalProps<string, void>) {
  return <RevokeCertificate certificate={certificate} onClose={() => settle()} />
}
