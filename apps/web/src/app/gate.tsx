/**
 * The gate: shows what the stage of the session demands, whatever the URL is. After the sign-in the person is on the page that was
 * asked for. The console with its router is loaded only at the stage `full`.
 */
import type { Session } from '@gatehouse/contract/identity/sign-in'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { isFull, SessionContext, sessionQuery } from '../api/session.ts'
import { SignInPage } from '../identity/sign-in/sign-in-page.tsx'
import { ModalHost } from '../ui/modals.tsx'

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
export function Gate() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  return (
    <>
      <Suspense>{held ? <AtStage held={held} /> : <SignInPage />}</Suspense>
      <ModalHost place="gate" />
    </>
  )
}

function AtStage({ held }: { held: Session }) {
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
    </SessionContext>
  )
}
