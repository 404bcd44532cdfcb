/** The end of a tab that was opened only for the sign-in at a provider: the console goes on in the tab that opened it. */
import { t } from '@lingui/core/macro'
import { useEffect } from 'react'
import { tellOtherTabs } from '../../api/session-channel.ts'
import { Frame } from './frame.tsx'
import { ProviderRefusal } from './refused-by-provider.tsx'
import { refusalInUrl } from './sign-in-options.ts'

export function DonePage() {
  // It stays in the URL, so that a reload does not confirm what was refused.
  const refusal = refusalInUrl()
  // Synchronises with the tab that waits for this sign-in.
  useEffect(() => {
    if (refusal === null) tellOtherTabs({ event: 'signed-in' })
  }, [refusal])
  if (refusal === null)
    return (
      <Frame title={t`Confirmed`} description={t`You can close this tab. The console continues in the other one.`} />
    )
  return (
    <Frame title={t`Not confirmed`} description={t`Close this tab and try again in the other one.`}>
      <ProviderRefusal code={refusal} />
    </Frame>
  )
}
