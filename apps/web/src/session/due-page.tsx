/** A stage that this console cannot complete: said as it is, with the way out. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/session.ts'
import { dueWords } from '../words/stages.ts'
import { Frame } from './frame.tsx'
import { SignOutButton } from './sign-out-button.tsx'

export function DuePage() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  const words = dueWords[held?.stage ?? 'full']
  return (
    <Frame title={words.title} description={words.sentence}>
      <SignOutButton />
    </Frame>
  )
}
