/**
 * In front of a console whose session has ended. The pages behind it are covered, and keep what was typed for the same user. Another
 * user gets a new page: see `updateSession`.
 */

import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect } from 'react'
import { callQuietly, isRefusal } from '../../api/client.ts'
import { resetPage } from '../../api/page-reset.ts'
import { type FullSession, type SessionEnd, sessionQuery, updateSession } from '../../api/session.ts'
import { Dialog, DialogBody } from '../../ui/dialog.tsx'
import { PasswordForm } from '../passwords/password-form.tsx'
import { EnableMfa } from '../second-factors/enable-mfa.tsx'
import { CodeForm } from './code-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { donePage, type NamedProvider, startAt } from './sign-in-options.ts'

const reasons: Record<Exclude<SessionEnd, 'demand'>, string> = {
  idle: t`You were signed out because the console was not used for a while.`,
  limit: t`You were signed out because a sign-in is valid for a limited time.`,
  ended: t`Your session was ended: by you in another session, by an administrator, or by a change of your password.`,
  'signed-out': t`You signed out in another tab.`,
  'second-factor': t`Multi-factor authentication was turned on for your account in another session.`,
}

/** The steps that have words of their own, as their pages before the console have. */
const steps = {
  'password-change-required': {
    title: t`Choose your password`,
    reason: t`You signed in with a temporary password. Choose your own.`,
  },
  'mfa-enrolment-required': {
    title: t`Set up multi-factor authentication`,
    reason: t`Your organization requires multi-factor authentication. Signing in also takes a code from an app on your phone. The setup takes a minute.`,
  },
}

export function SignInAgain({ held }: { held: FullSession }) {
  useInertPage()
  const { title, reason } = wordsOf(held)
  return (
    <Dialog title={title} isCovering onClose={null}>
      <DialogBody>
        <div>
          {reason} <Trans>What you entered on this page is kept.</Trans>
        </div>
        {/* Of its own: without the dialog, the page behind it could be read. */}
        <Suspense>
          <Step held={held} />
        </Suspense>
        <Button variant="subtle" size="compact-sm" onClick={() => resetPage()}>
          <Trans>Discard it and leave</Trans>
        </Button>
      </DialogBody>
    </Dialog>
  )
}

function wordsOf({ due, ended = 'ended' }: FullSession): { title: string; reason: string } {
  if (due === 'password-change-required' || due === 'mfa-enrolment-required') return steps[due]
  return { title: t`Sign in again`, reason: reasons[ended === 'demand' ? 'ended' : ended] }
}

function Step({ held: { user, due, provider } }: { held: FullSession }) {
  const client = useQueryClient()
  const take = (answer: Session) => updateSession(client, answer)
  if (due === 'mfa-required') {
    return <CodeStep onDone={take} onTooLate={() => void client.invalidateQueries(sessionQuery)} />
  }
  // An administrator who set the password has decided about the tokens.
  if (due === 'password-change-required')
    return <PasswordForm submit={t`Set password and continue`} endTokens={false} />
  if (due === 'mfa-enrolment-required') return <EnableMfa isFullWidth />
  if (provider) return <AtProvider provider={provider} />
  return <SignInForm username={user.username} onSignedIn={take} />
}

/** In a tab of its own, which tells this one when it is done: see `done-page.tsx`. */
function AtProvider({ provider: { name, label } }: { provider: NamedProvider }) {
  return (
    <Button component="a" href={startAt(name, 'sign-in', donePage)} target="_blank" fullWidth data-autofocus>
      {t`Sign in with ${label}`}
    </Button>
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
