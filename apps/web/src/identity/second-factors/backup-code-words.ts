/** Backup codes as a file or on the clipboard: what they are for is said with them, for they are found again years later. */
import { plural, t } from '@lingui/core/macro'

export function backupCodesText(username: string, codes: readonly string[]): string {
  return [
    t`Gatehouse backup codes for ${username}`,
    t`Each code works once, instead of a code from the authenticator app.`,
    '',
    ...codes,
    '',
  ].join('\n')
}

/** A username has letters, digits and . _ @ : - only; the colon is no part of a file's name on Windows. */
export function backupCodesFileName(username: string): string {
  return `gatehouse-backup-codes-${username.replaceAll(':', '-')}.txt`
}

/** "4 backup codes" */
export function backupCodeCount(left: number): string {
  if (left === 0) return t`No backup codes left.`
  return plural(left, { one: '# backup code is left.', other: '# backup codes are left.' })
}
