/** Strangers who make attempts, and users who come from many addresses: a trusted proxy says which address each call comes from. */
import { createHash } from 'node:crypto'
import { createClient } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { expect } from 'vitest'
import { type Browser, goodPassword, refused, startApp } from './app.ts'
import { openBackDoor } from './back-door.ts'

export const wrongPassword = 'not the password'
export type Strangers = Awaited<ReturnType<typeof startStrangers>>

export const signIn = ({ call }: Pick<Browser, 'call'>, username: string, password = goodPassword, code?: string) =>
  call(session.signIn, { body: { username, password, ...(code !== undefined && { code }) } })

/** The key of the pool of this user. */
export function poolOf(secret: string, username: string): string {
  return `${secret}|user|${createHash('sha256').update(username).digest('base64url')}`
}

export async function startStrangers() {
  const app = await startApp({ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' })
  const door = openBackDoor(app)
  let seen = 0
  /** A browser that moves from address to address. */
  const browserAt = (address: string) => {
    let at = address
    const browser = app.browser(() => ({ 'X-Forwarded-For': at }))
    return Object.assign(browser, { goTo: (next: string) => void (at = next) })
  }
  /** A browser at an address that nobody came from. */
  const stranger = () => browserAt(`10.1.${seen >> 8}.${seen++ & 255}`)
  const script = (address: string) => createClient({ baseUrl: app.url, headers: { 'X-Forwarded-For': address } })
  /** Two attempts that fail, with 97 more counted in between: each would take a hash (`throttling.test.ts` makes them all). */
  const reachCeiling = async (pool: string, attempt: () => Promise<unknown>, code: ErrorCode = 'wrong_credentials') => {
    await refused(attempt(), code)
    await door.run('update attempts set failures = 99 where pool = ?', pool)
    expect(await door.value('select failures from attempts where pool = ?', pool)).toBe(99)
    await refused(attempt(), code)
  }
  return {
    app,
    door,
    browserAt,
    stranger,
    script,
    reachCeiling,
    login: (address: string, username: string, password = goodPassword) =>
      script(address)(session.login, { body: { username, password } }),
    makeUser: async (username: string) => {
      const admin = browserAt('203.0.113.254')
      await signIn(admin, 'admin')
      const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
      const body = { username, password: goodPassword, mustChangePassword: false, grantTypes }
      return admin.call(users.create, { body })
    },
    /** A hundred wrong passwords for this user, each from an address that nobody came from. */
    hunt: (username: string) =>
      reachCeiling(poolOf('password', username), () => signIn(stranger(), username, wrongPassword)),
    /** A hundred invented names from this address. */
    exhaust: (address: string) =>
      reachCeiling(`password|address|${address}`, () =>
        signIn(browserAt(address), `invented-${seen++}`, wrongPassword),
      ),
    stop: async () => {
      await door.close()
      await app.stop()
    },
  }
}
