// oxlint-disable-next-line import/no-unassigned-import -- must run before any schema is made
import './jitless.ts'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import './styles.css'
import { ApiProblem } from '@gatehouse/contract/client'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { whenSessionEnds } from '../api/client.ts'
import { makeQueryClient } from '../api/query-client.ts'
import { sessionQuery } from '../api/session.ts'
import { Gate } from './gate.tsx'
import { nonce } from './nonce.ts'
import { pageSays } from './page-says.ts'
import { answerWithDialogs } from './questions.ts'
import { StartBoundary } from './start-boundary.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

const client = makeQueryClient()
answerWithDialogs()

// Without a cookie the server says in the page that nobody is signed in; else the question goes out before anything is drawn.
if (pageSays('session') === 'none') client.setQueryData(sessionQuery.queryKey, null)
else void client.prefetchQuery(sessionQuery)

whenSessionEnds(() => {
  // When nobody was signed in anyway, there is nothing to leave.
  if (client.getQueryData(sessionQuery.queryKey)) void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
})

/**
 * Of a page that was left open during an upgrade the files are gone: the new one is fetched, where the server answers at all.
 * One that is new itself has another fault.
 */
const newPageMs = 10_000
window.addEventListener('vite:preloadError', () => {
  if (performance.now() < newPageMs) return
  fetch('/', { method: 'HEAD' }).then(
    ({ ok }) => ok && location.reload(),
    () => {},
  )
})

/** What the error page says of a refusal is enough; anything else that had to be caught is a fault, and the console keeps its trace. */
function logFault(error: unknown): void {
  // oxlint-disable-next-line no-console -- as React does where nobody decides
  if (!(error instanceof ApiProblem && error.problem.status < 500)) console.error(error)
}

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')

createRoot(element, { onCaughtError: logFault }).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <StartBoundary>
          <Suspense>
            <Gate />
          </Suspense>
        </StartBoundary>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
