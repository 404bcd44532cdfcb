/** How soon something ends, as a filter. */

import type { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import { t } from '@lingui/core/macro'

export const expiryWords: Record<ExpiryWindow, string> = {
  expired: t`Expired`,
  '7-days': t`Within 7 days`,
  '30-days': t`Within 30 days`,
  '60-days': t`Within 60 days`,
}

export const expiryChoices = Object.entries(expiryWords).map(([value, label]) => ({ value, label }))
