/** A stage that this console cannot complete: said as it is, with the way out. */
import type { Stage } from '@gatehouse/contract/route'
import { dueWords } from '../words/stages.ts'
import { Frame, SignOutButton } from './frame.tsx'

export function DuePage({ stage }: { stage: Stage }) {
  const words = dueWords[stage]
  return (
    <Frame title={words.title} description={words.sentence}>
      <SignOutButton />
    </Frame>
  )
}
