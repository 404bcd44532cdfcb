/**
 * The gate: which stage the session is at decides what is shown, and the URL has no part in it. Whoever has to sign in on
 * the way to a page is on that page afterwards. The console behind it, router and all, is loaded when one may enter.
 */
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { isFull, SessionContext, sessionQuery } from './api/session.ts'
import { SignInPage } from './session/sign-in-page.tsx'

const ConsoleApp = lazy(() => import('./console-app.tsx').then(({ ConsoleApp: page }) => ({ default: page })))
const NewPasswordPage = lazy(() =>
  import('./session/new-password-page.tsx').then(({ NewPasswordPage: page }) => ({ default: page })),
)
const DuePage = lazy(() => import('./session/due-page.tsx').then(({ DuePage: page }) => ({ default: page })))

export function Gate() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  if (!held) return <SignInPage />
  if (isFull(held)) {
    return (
      <SessionContext value={held}>
        <Suspense>
          {/* Another person gets a console of their own. */}
          <ConsoleApp key={held.user.id} session={held} />
        </Suspense>
      </SessionContext>
    )
  }
  return (
    <Suspense>
      {held.stage === 'password-change-required' ? <NewPasswordPage /> : <DuePage stage={held.stage} />}
    </Suspense>
  )
}
