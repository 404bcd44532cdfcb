/** The end of a tab that was opened only for the sign-in at a provider: the console goes on in the tab that opened it. */
import { t } from '@lingui/core/macro'
import { useEffect, useState } from 'react'
import { tellOtherTabs } from '../../api/session-channel.ts'
import { Frame } from './frame.tsx'
import { RefusedByProvider } from './refused-by-provider.tsx'
import { refusalInUrl } from './sign-in-options.ts'

export function DonePage() {
  const [isRefused] = useState(() => refusalInUrl() !== null)
  // Synchronises with the tab that waits for this sign-in.
  useEffect(() => {
    if (!isRefused) tellOtherTabs({ event: 'signed-in' })
  }, [isRefused])
  return (
    <Frame
      title={isRefused ? t`Not confirmed` : t`Confirmed`}
      description={
        isRefused
          ? t`Close this tab and try again in the other one.`
          : t`You can close this tab. The console continues in the other one.`
      }
    >
      <RefusedByProvider />
    </Frame>
  )
}
