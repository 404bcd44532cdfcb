/** The token that was just made: its secret is nowhere else, so the dialog stays until the person closes it. */
import type { TokenMade } from '@gatehouse/contract/identity/tokens'
import { lazy } from 'react'
import { defineModal } from '../../ui/modals.tsx'

const MadeToken = lazy(() => import('./made-token.tsx').then(({ MadeToken: dialog }) => ({ default: dialog })))

export const shownToken = defineModal<TokenMade, void>(MadeToken, { whenClosed: undefined, isShownOnce: true })
