import { expect, test } from 'vitest'
import { eachWithUser } from './with-users.ts'

test('work on many slices gives way to other work, although each slice is short', async () => {
  const store = { findUsersById: async () => new Map() }
  let done = 0
  let doneBeforeOthers = 0
  setImmediate(() => {
    doneBeforeOthers = done
  })
  for (let slice = 0; slice < 40; slice++) {
    await eachWithUser(store, [{ userId: 'a' }], () => {
      for (const until = performance.now() + 1; performance.now() < until; );
      done++
    })
  }
  expect(done).toBe(40)
  expect(doneBeforeOthers).toBeGreaterThan(0)
  expect(doneBeforeOthers).toBeLessThan(40)
})
