/** What is said above the pages until it is dismissed: kept by the tab, so that a reload neither loses nor repeats it. */
import { useSyncExternalStore } from 'react'

interface Notices {
  /** After a sign-in with a backup code: how many are left. */
  backupCodesLeft?: number
  /** That the second factor was turned off has been read. */
  isResetRead?: true
}

const key = 'gatehouse-notices'
const listeners = new Set<() => void>()

export function useNotices(): Notices {
  return JSON.parse(useSyncExternalStore(subscribe, read)) as Notices
}

export function setNotices(next: Notices): void {
  write(JSON.stringify({ ...(JSON.parse(read()) as Notices), ...next }))
}

export function dropBackupCodesLeft(): void {
  const { backupCodesLeft: _read, ...others } = JSON.parse(read()) as Notices
  write(JSON.stringify(others))
}

/** Another sign-in: nothing of what was said before is true of it. */
export function forgetNotices(): void {
  write('{}')
}

function read(): string {
  return sessionStorage.getItem(key) ?? '{}'
}

function write(text: string): void {
  sessionStorage.setItem(key, text)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
