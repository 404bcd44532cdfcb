/** The token of an agent that was just made: its secret is nowhere else, so the dialog stays until the person closes it. */
import { lazy } from 'react'
import { defineModal } from '../../ui/modals.tsx'
import type { Enrolment } from './made-enrolment.tsx'

const MadeEnrolment = lazy(() =>
  import('./made-enrolment.tsx').then(({ MadeEnrolment: dialog }) => ({ default: dialog })),
)

export const shownEnrolment = defineModal<Enrolment, void>(MadeEnrolment, { whenClosed: undefined, isShownOnce: true })
