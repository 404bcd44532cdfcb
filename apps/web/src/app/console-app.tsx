/** The console, for one person: its router, with what the pages' loaders need. */
import { useQueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { FullSession } from '../api/session.ts'
import { forgetDrafts } from '../ui/drafts.ts'
import { ValueWordsContext } from '../ui/value-words.ts'
import { makeRouter } from './routes.tsx'

/** Only the audit and edit conflicts show them. */
async function loadValueWords() {
  return (await import('../operations/audit/value-words.ts')).valueWords
}

export function ConsoleApp({ session }: { session: FullSession }) {
  const client = useQueryClient()
  const [router] = useState(() => makeRouter({ client, session }))
  // Synchronises the drafts, which outlive the pages, with the session.
  useEffect(() => forgetDrafts, [])
  return (
    <ValueWordsContext value={loadValueWords}>
      <RouterProvider router={router} context={{ client, session }} />
    </ValueWordsContext>
  )
}
