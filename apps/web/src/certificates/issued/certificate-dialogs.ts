/** The dialogs about a certificate that was issued or is to be: opened from its list, mounted by the page. */
import type { ClientCertificate } from '@gatehouse/contract/certificates/issued'
import { dialogSlot } from '../../ui/dialog-slot.ts'

export interface Holder {
  id: string
  username: string
}

export type CertificateQuestion =
  | { about: 'issue'; user: Holder; renews?: ClientCertificate }
  /** PEM. */
  | { about: 'revoke'; certificate: string }
  | { about: 'hand-over'; user: Holder }

export const certificateDialog = dialogSlot<CertificateQuestion, void>()

/** What has just been issued. The key exists here and nowhere else: the gate holds it over everything until it is saved. */
export interface JustIssued {
  user: Holder
  /** PEM, with those between it and the root. */
  certificate: string
  /** PKCS#8, DER; null where somebody else made it. */
  privateKey: Uint8Array<ArrayBuffer> | null
}

export const justIssued = dialogSlot<JustIssued, void>()
