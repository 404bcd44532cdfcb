// oxlint-disable-next-line import/no-unassigned-import -- must run before any schema is made
import './jitless.ts'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import './styles.css'
import { ApiProblem } from '@gatehouse/contract/client'
import { I18nProvider } from '@lingui/react'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { watchActivity } from '../api/activity.ts'
import { whenSessionEnds } from '../api/client.ts'
import { whenPageResets } from '../api/page-reset.ts'
import { makeQueryClient } from '../api/query-client.ts'
import { watchNetwork } from '../api/reachability.ts'
import { afterSessionEnd, followOtherTabs, sessionQuery } from '../api/session.ts'
import { holdSignInOptions } from '../identity/sign-in/sign-in-options.ts'
import { i18n } from '../messages/language.ts'
import { colorSchemeManager } from './color-scheme.ts'
import { Gate } from './gate.tsx'
import { nonce } from './nonce.ts'
import { pageSays } from './page-says.ts'
import { answerWithDialogs } from './questions.ts'
import { StartBoundary } from './start-boundary.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

const client = makeQueryClient()
answerWithDialogs()

// Without a cookie the server writes into the page that nobody is signed in. Otherwise the request starts before the first render.
if (pageSays('session') === 'none') client.setQueryData(sessionQuery.queryKey, null)
else void client.prefetchQuery(sessionQuery)
const signInOptions = pageSays('sign-in')
if (signInOptions !== undefined) holdSignInOptions(client, signInOptions)

whenSessionEnds(() => afterSessionEnd(client))
followOtherTabs(client)
watchNetwork()
watchActivity()

/**
 * After an upgrade the files of an open page no longer exist: reloads the page, if the server answers. A page that was loaded
 * less than ten seconds ago has another fault and is not reloaded.
 */
const newPageMs = 10_000
window.addEventListener('vite:preloadError', () => {
  if (performance.now() < newPageMs) return
  fetch('/', { method: 'HEAD' }).then(
    ({ ok }) => ok && location.reload(),
    () => {},
  )
})

/** Logs every caught error except refusals, which the error page already explains. */
function logFault(error: unknown): void {
  // oxlint-disable-next-line no-console -- as React does where nobody decides
  if (!(error instanceof ApiProblem && error.problem.status < 500)) console.error(error)
}

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')

const page = createRoot(element, { onCaughtError: logFault })
whenPageResets(() => page.unmount())

page.render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      getStyleNonce={() => nonce}
      withGlobalClasses={false}
    >
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={client}>
          <StartBoundary>
            <Suspense>
              <Gate />
            </Suspense>
          </StartBoundary>
        </QueryClientProvider>
      </I18nProvider>
    </MantineProvider>
  </StrictMode>,
)
