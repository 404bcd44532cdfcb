/**
 * Backup codes that are being shown. They cannot be shown again, so the gate holds them over everything else: neither the
 * next stage of the session nor its end takes them away before they are saved.
 */
import { dialogSlot } from '../../ui/dialog-slot.ts'

export interface ShownCodes {
  username: string
  backupCodes: readonly string[]
}

export const shownCodes = dialogSlot<ShownCodes, void>()
