import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

/** Takes more of the thread than one turn may. */
function writeSlowly(): void {
  const until = performance.now() + 5
  while (performance.now() < until);
}

test('spreads slow writes over several turns, and runs tasks after them', async () => {
  const turns = new Turns()
  const order: string[] = []
  for (let i = 0; i < 5; i++) {
    turns.flushLater({
      flush: () => {
        writeSlowly()
        order.push('write')
      },
      failed: () => undefined,
    })
  }
  turns.later({ run: () => order.push('task'), failed: () => undefined })
  while (!order.includes('task')) {
    await new Promise((resolve) => setImmediate(resolve))
    order.push('turn')
  }
  expect(order.filter((each) => each !== 'turn')).toEqual(['write', 'write', 'write', 'write', 'write', 'task'])
  expect(order.join(' ')).not.toContain('write write')
})

test('hands an error of a task to that task, and runs the others', async () => {
  const turns = new Turns()
  const seen: unknown[] = []
  const error = new Error('broken')
  const broken = (): void => {
    throw error
  }
  turns.later({ run: broken, failed: (each) => seen.push(each) })
  turns.later({ run: () => seen.push('next'), failed: () => undefined })
  await expect.poll(() => seen).toEqual([error, 'next'])
})
