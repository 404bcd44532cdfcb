/**
 * Backup codes that are being shown. They cannot be shown again, so the gate shows them over everything else: neither the next
 * stage of the session nor its end takes them away before they are saved.
 */
import { lazy } from 'react'
import { defineModal } from '../../ui/modals.tsx'

export interface ShownCodes {
  username: string
  backupCodes: readonly string[]
}

const BackupCodes = lazy(() => import('./backup-codes.tsx').then(({ BackupCodes: dialog }) => ({ default: dialog })))

/** Resolves when the codes are saved. */
export const shownCodes = defineModal<ShownCodes, void>(BackupCodes, {
  whenClosed: undefined,
  place: 'gate',
  isShownOnce: true,
})
