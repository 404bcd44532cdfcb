/** The dialogs that answer the questions of `api/questions.ts`. Their code is loaded when a question is first asked. */
import type { Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
import { lazy } from 'react'
import { answerQuestions } from '../api/questions.ts'
import { defineModal } from '../ui/modals.tsx'

const ProofDialog = lazy(() =>
  import('../identity/sign-in/proof-dialog.tsx').then(({ ProofDialog: dialog }) => ({ default: dialog })),
)
const UnconfirmedDialog = lazy(() =>
  import('../certificates/authorities/unconfirmed-dialog.tsx').then(({ UnconfirmedDialog: dialog }) => ({
    default: dialog,
  })),
)

const proof = defineModal<void, boolean>(ProofDialog, { whenClosed: false })
const confirmation = defineModal<readonly UnconfirmedAuthority[], keyof Answered | null>(UnconfirmedDialog, {
  whenClosed: null,
})

export function answerWithDialogs(): void {
  answerQuestions({
    askForProof: () => proof.open(),
    askForConfirmation: (authorities) => confirmation.open(authorities),
  })
}
