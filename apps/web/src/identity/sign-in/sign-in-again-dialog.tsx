/**
 * In front of a console whose session has ended. The pages behind it are covered, and keep what was typed for the same user. Another
 * user gets a new page: see `continueSession`.
 */

import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { callQuietly, isRefusal } from '../../api/client.ts'
import { resetPage } from '../../api/page-reset.ts'
import { continueSession, type FullSession, type SessionEnd } from '../../api/session.ts'
import { Dialog, DialogBody } from '../../ui/dialog.tsx'
import { CodeForm } from './code-form.tsx'
import { SignInForm } from './sign-in-form.tsx'

const reasons: Record<SessionEnd, string> = {
  idle: t`You were signed out because the console was not used for a while.`,
  limit: t`You were signed out because a sign-in is valid for a limited time.`,
  ended: t`Your session was ended: by you in another session, by an administrator, or by a change of your password.`,
  'signed-out': t`You signed out in another tab.`,
  'second-factor': t`Multi-factor authentication was turned on for your account in another session.`,
}

export function SignInAgain({ held: { user, ended = 'ended' } }: { held: FullSession }) {
  const client = useQueryClient()
  const [isCodeDue, setCodeDue] = useState(ended === 'second-factor')
  useInertPage()

  function take(answer: Session): void {
    if (answer.stage === 'mfa-required') setCodeDue(true)
    else continueSession(client, answer)
  }

  return (
    <Dialog title={t`Sign in again`} isCovering onClose={null}>
      <DialogBody>
        <div>
          {reasons[ended]} <Trans>What you entered on this page is kept.</Trans>
        </div>
        {isCodeDue ? (
          <CodeStep onDone={take} onTooLate={() => setCodeDue(false)} />
        ) : (
          <SignInForm username={user.username} onSignedIn={take} />
        )}
        <Button variant="subtle" size="compact-sm" onClick={resetPage}>
          <Trans>Discard it and leave</Trans>
        </Button>
      </DialogBody>
    </Dialog>
  )
}

/** The page behind is covered for the eyes; this keeps the keyboard and screen readers out of it. */
function useInertPage(): void {
  // Synchronises with the document: the dialog stands outside of the page's element.
  useEffect(() => {
    const page = document.getElementById('root')
    page?.toggleAttribute('inert', true)
    return () => page?.removeAttribute('inert')
  }, [])
}

interface CodeStepProps {
  onDone: (answer: Session) => void
  /** The password was too long ago: the server has forgotten it. */
  onTooLate: () => void
}

function CodeStep({ onDone, onTooLate }: CodeStepProps) {
  function giveUpIfTooLate(error: unknown): never {
    if (isRefusal(error, 'not_signed_in') || isRefusal(error, 'stage_not_allowed')) onTooLate()
    throw error
  }

  const prove = (body: FactorProof) => callQuietly(session.secondFactor, { body }).catch(giveUpIfTooLate)
  return <CodeForm prove={prove} onDone={onDone} />
}
