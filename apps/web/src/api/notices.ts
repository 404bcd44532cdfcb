/** The messages above the pages until they are dismissed. The tab keeps them, so that a reload neither loses nor repeats them. */
import { create } from 'zustand'

interface Notices {
  /** After a sign-in with a backup code: how many are left. */
  backupCodesLeft?: number
  /** That the second factor was turned off has been read. */
  isResetRead?: true
}

const key = 'gatehouse-notices'

const useStore = create<Notices>(() => JSON.parse(sessionStorage.getItem(key) ?? '{}') as Notices)
useStore.subscribe((notices) => sessionStorage.setItem(key, JSON.stringify(notices)))

export function useNotices(): Notices {
  return useStore()
}

export function setNotices(next: Notices): void {
  useStore.setState(next)
}

export function dropBackupCodesLeft(): void {
  useStore.setState(({ backupCodesLeft: _read, ...others }) => others, true)
}

/** After another sign-in, nothing that was said before holds. */
export function forgetNotices(): void {
  useStore.setState({}, true)
}
