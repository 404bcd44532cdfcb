/**
 * The gate: shows what the stage of the session demands, whatever the URL is. After the sign-in the person is on the page that was
 * asked for. The console with its router is loaded only at the stage `full`.
 */
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { type HeldSession, isFull, SessionContext, sessionQuery } from '../api/session.ts'
import { isDonePage } from '../identity/sign-in/sign-in-options.ts'
import { SignInPage } from '../identity/sign-in/sign-in-page.tsx'
import { ModalHost } from '../ui/modals.tsx'
import { forgetPageSays } from './page-says.ts'
import { SessionWatch } from './session-watch.tsx'

const ConsoleApp = lazy(() => import('./console-app.tsx').then(({ ConsoleApp: page }) => ({ default: page })))
const CodePage = lazy(() =>
  import('../identity/sign-in/code-page.tsx').then(({ CodePage: page }) => ({ default: page })),
)
const NewPasswordPage = lazy(() =>
  import('../identity/sign-in/new-password-page.tsx').then(({ NewPasswordPage: page }) => ({ default: page })),
)
const EnrolmentPage = lazy(() =>
  import('../identity/second-factors/enrolment-page.tsx').then(({ EnrolmentPage: page }) => ({ default: page })),
)
const DonePage = lazy(() =>
  import('../identity/sign-in/done-page.tsx').then(({ DonePage: page }) => ({ default: page })),
)
const SignInAgain = lazy(() =>
  import('../identity/sign-in/sign-in-again-dialog.tsx').then(({ SignInAgain: dialog }) => ({ default: dialog })),
)

/** A tab that was opened only for the sign-in at a provider has no console. */
export function Gate() {
  return isDonePage() ? (
    <Suspense>
      <DonePage />
    </Suspense>
  ) : (
    <SessionGate />
  )
}

function SessionGate() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  // Synchronises with the outline in `index.html`: after the sign-in it is that of the console.
  useEffect(() => {
    if (held) forgetPageSays('session')
  }, [held])
  return (
    <>
      <Suspense>{held ? <AtStage held={held} /> : <SignInPage />}</Suspense>
      <ModalHost place="gate" />
    </>
  )
}

function AtStage({ held }: { held: HeldSession }) {
  // The second factor is offered once, after the first own password was set.
  const [isOffered, setOffered] = useState(false)
  if (held.stage === 'mfa-required') return <CodePage />
  if (held.stage === 'password-change-required') return <NewPasswordPage onDone={() => setOffered(true)} />
  if (!isFull(held)) return <EnrolmentPage />
  if (isOffered && !held.mfaEnabled) return <EnrolmentPage onSkip={() => setOffered(false)} />
  return (
    <SessionContext value={held}>
      {/* The key gives each user a new console. */}
      <ConsoleApp key={held.user.id} session={held} />
      <Suspense>{held.ended ? <SignInAgain held={held} /> : <SessionWatch />}</Suspense>
    </SessionContext>
  )
}
