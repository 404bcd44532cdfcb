/** How soon something ends, as a filter. */
import type { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'

export const expiryWords: Record<ExpiryWindow, string> = {
  expired: 'Expired',
  '7-days': 'Within 7 days',
  '30-days': 'Within 30 days',
  '60-days': 'Within 60 days',
}

export const expiryChoices = Object.entries(expiryWords).map(([value, label]) => ({ value, label }))
