import { describe, expect, test, vi } from 'vitest'
import { makeDecisionUser } from '../../../test/decision-facts.ts'
import { Passwords } from './passwords.ts'
import type { PasswordAttempt, PasswordResult } from './port.ts'

const user = (credential: string | null) => makeDecisionUser({ username: 'alice', credential })
const attempt = (password: string, address = '10.0.0.1'): PasswordAttempt => ({ username: 'alice', password, address })

function scripted(answer: (attempt: PasswordAttempt) => PasswordResult = () => 'right') {
  const asked: PasswordAttempt[] = []
  const passwords = new Passwords(async (each) => {
    asked.push(each)
    const given = answer(each)
    if (given === 'busy') throw new Error('the console cannot say')
    return given
  })
  return { asked, passwords }
}

describe('a right password is remembered', () => {
  test('for the same user, address and credential', async () => {
    const { asked, passwords } = scripted()
    for (let at = 0; at < 3; at++) expect(await passwords.verify(attempt('p'), user('hash'))).toBe('right')
    expect(asked).toHaveLength(1)
    await passwords.verify(attempt('p', '10.0.0.2'), user('hash'))
    expect(asked).toHaveLength(2)
    await passwords.verify(attempt('p'), user('another hash'))
    expect(asked).toHaveLength(3)
  })

  test('until the first wrong one from the same address, so that guessing is always counted', async () => {
    let throttled = false
    const { passwords } = scripted(({ password }) => (throttled ? 'throttled' : password === 'p' ? 'right' : 'wrong'))
    expect(await passwords.verify(attempt('p'), user('hash'))).toBe('right')
    expect(await passwords.verify(attempt('guess'), user('hash'))).toBe('wrong')
    throttled = true
    expect(await passwords.verify(attempt('p'), user('hash'))).toBe('throttled')
  })

  test('not for an unknown user, and not for a user without a password', async () => {
    const { asked, passwords } = scripted(() => 'wrong')
    for (const someone of [null, user(null)]) {
      for (let at = 0; at < 2; at++) expect(await passwords.verify(attempt('p'), someone)).toBe('wrong')
    }
    expect(asked).toHaveLength(4)
  })
})

test('checks two passwords at a time, lets a bounded number wait, and refuses the others as busy', async () => {
  let running = 0
  let most = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const passwords = new Passwords(async () => {
    most = Math.max(most, ++running)
    await promise
    running--
    return 'wrong'
  })
  const all = Array.from({ length: 300 }, (_, at) => passwords.verify(attempt(String(at)), null))
  const settled = await Promise.all(all.slice(202))
  expect(new Set(settled)).toEqual(new Set(['busy']))
  resolve()
  expect(new Set(await Promise.all(all.slice(0, 202)))).toEqual(new Set(['wrong']))
  expect(most).toBe(2)
  expect(await passwords.verify(attempt('later'), null)).toBe('wrong')
})

test('is busy when the main thread fails, and refuses a password that is too long without a check', async () => {
  const { asked, passwords } = scripted(() => 'busy')
  expect(await passwords.verify(attempt('p'), user('hash'))).toBe('busy')
  expect(await passwords.verify(attempt('x'.repeat(1_025)), user('hash'))).toBe('wrong')
  expect(asked).toHaveLength(1)
})

test('a refusal takes as long as the main thread requires, and holds none of the two slots meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const waits: { ms: number; end: () => void }[] = []
    const { promise: allWait, resolve } = Promise.withResolvers<void>()
    const wait = (ms: number) =>
      new Promise<void>((end) => {
        if (waits.push({ ms, end }) === 4) resolve()
      })
    const passwords = new Passwords(async ({ password }) => {
      if (password === 'slow') vi.advanceTimersByTime(400)
      return password === 'right' ? 'right' : { result: 'wrong', lastsMs: 1_000 }
    }, wait)
    const held = Array.from({ length: 3 }, (_, at) => passwords.verify(attempt(`wrong ${at}`), null))
    expect(await passwords.verify(attempt('right'), user('hash'))).toBe('right')
    held.push(passwords.verify(attempt('slow'), null))
    await allWait
    // The last check took 400 ms itself, so only 600 ms are left.
    expect(waits.map(({ ms }) => ms)).toEqual([1_000, 1_000, 1_000, 600])
    for (const { end } of waits) end()
    expect(await Promise.all(held)).toEqual(['wrong', 'wrong', 'wrong', 'wrong'])
  } finally {
    vi.useRealTimers()
  }
})
