import { expect, test } from 'vitest'
import { defineModal } from './modals.tsx'

test('a dialog that is opened where no host shows it resolves as closed', async () => {
  const question = defineModal<string, 'yes' | 'closed'>(() => null, { whenClosed: 'closed' })
  expect(await question.open('Allow this CA?')).toBe('closed')
})
