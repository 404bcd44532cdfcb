/** How far a change of many users has come, within the dialog that started it. Closing the dialog stops it after the current call. */
import { t } from '@lingui/core/macro'
import { useEffect } from 'react'
import { create } from 'zustand'
import { formatNumber } from '../../messages/format.ts'
import { useLeaveWarning } from '../../ui/leave-warning.ts'
import { ProgressBar } from '../../ui/progress-bar.tsx'

interface Progress {
  done: number
  of: number
}

const useStore = create<{ progress: Progress | null; isWanted: boolean }>(() => ({ progress: null, isWanted: true }))

export function beginProgress(of: number): void {
  useStore.setState({ progress: { done: 0, of }, isWanted: true })
}

export function showProgress(done: number): void {
  useStore.setState(({ progress }) => ({ progress: progress && { ...progress, done } }))
}

export function endProgress(): void {
  useStore.setState({ progress: null })
}

/** False once the dialog was closed. */
export function isProgressWanted(): boolean {
  return useStore.getState().isWanted
}

export function BulkProgress() {
  const progress = useStore((state) => state.progress)
  // Synchronises with the calls, which go on outside of React.
  useEffect(() => () => useStore.setState({ isWanted: false }), [])
  return progress && <Bar {...progress} />
}

function Bar({ done, of }: Progress) {
  useLeaveWarning()
  return (
    <ProgressBar done={done} of={of}>
      {t`${formatNumber(done)} of ${formatNumber(of)} users. Closing the dialog stops here.`}
    </ProgressBar>
  )
}
