/** The dialogs about a certificate that was issued or is to be. They close with the page from which they were opened. */
import type { ClientCertificate } from '@gatehouse/contract/certificates/issued'
import { lazy } from 'react'
import { defineModal } from '../../ui/modals.tsx'

export interface Holder {
  id: string
  username: string
}

/** What has just been issued. */
export interface JustIssued {
  user: Holder
  /** PEM, with those between it and the root. */
  certificate: string
  /** PKCS#8, DER. Null: the person who made the CSR has the key. */
  privateKey: Uint8Array<ArrayBuffer> | null
}

const IssueCertificate = lazy(() =>
  import('./issue-certificate-dialog.tsx').then(({ IssueCertificate: dialog }) => ({ default: dialog })),
)
const RevokeIssued = lazy(() =>
  import('./revoke-issued-dialog.tsx').then(({ RevokeIssued: dialog }) => ({ default: dialog })),
)
const ClientSetup = lazy(() =>
  import('../client-setup/client-setup-dialog.tsx').then(({ ClientSetup: dialog }) => ({ default: dialog })),
)
const JustIssuedDialog = lazy(() =>
  import('./just-issued-dialog.tsx').then(({ JustIssuedDialog: dialog }) => ({ default: dialog })),
)

const ofPage = { whenClosed: undefined, closesWithPage: true } as const

export const issueCertificate = defineModal<{ user: Holder; renews?: ClientCertificate }, void>(
  IssueCertificate,
  ofPage,
)

/** PEM. */
export const revokeIssued = defineModal<string, void>(RevokeIssued, ofPage)

/** The files and settings for the client of a user. */
export const clientSetup = defineModal<Holder, void>(ClientSetup, ofPage)

/** The key exists here and nowhere else: the gate shows it over everything, even after the end of the session, until it is saved. */
export const justIssued = defineModal<JustIssued, void>(JustIssuedDialog, {
  whenClosed: undefined,
  place: 'gate',
  isShownOnce: true,
})
