import './jitless.ts'
import './styles.ts'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { whenSessionEnds } from './api/client.ts'
import { makeQueryClient } from './api/query-client.ts'
import { sessionQuery } from './api/session.ts'
import { nonce } from './nonce.ts'
import { makeRouter } from './routes.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

const client = makeQueryClient()
const router = makeRouter(client)

whenSessionEnds(() => {
  // Nobody was signed in anyway: there is nothing to leave.
  if (!client.getQueryData(sessionQuery.queryKey)) return
  client.removeQueries({ queryKey: sessionQuery.queryKey })
  // The console's guard asks anew who is signed in, and leads to where the sign-in is completed and back.
  void router.invalidate()
})

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no #root')

createRoot(element).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
