/** The token that was just made: its secret is nowhere else, so it is shown until it is put away. */
import type { TokenMade } from '@gatehouse/contract/identity/tokens'
import { dialogSlot } from '../../ui/dialog-slot.ts'

export const shownToken = dialogSlot<TokenMade, void>()
