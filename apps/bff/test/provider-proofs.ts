/** Writes the proofs of a session that `directory` and `single-sign-on` write when a person has proved the identity there. */
import { hashSecret } from '../src/platform/base/secret.ts'
import type { TestApp } from './app.ts'
import type { BackDoor } from './back-door.ts'

export type ProvedThere = readonly ('directory' | 'oidc' | 'provider-factor')[]

/** Opens a session with these proofs. Returns the cookie. */
export async function openSessionThere(
  { app, door }: { app: TestApp; door: BackDoor },
  username: string,
  kinds: ProvedThere,
): Promise<string> {
  const cookie = await door.openSession(username)
  await door.run('delete from session_proofs where session_id = ?', await sessionOf(door, cookie))
  await proveInSession({ app, door }, cookie, kinds)
  return cookie
}

export async function proveInSession(
  { app, door }: { app: TestApp; door: BackDoor },
  cookie: string,
  kinds: ProvedThere,
): Promise<void> {
  const id = await sessionOf(door, cookie)
  for (const kind of kinds) {
    await door.run('delete from session_proofs where session_id = ? and kind = ?', id, kind)
    await door.insert('session_proofs', { session_id: id, kind, at: app.now().toISOString() })
  }
}

function sessionOf(door: BackDoor, cookie: string): Promise<string> {
  const secret = cookie.slice(cookie.indexOf('=') + 1)
  return door.value<string>('select id from sessions where secret_hash = ?', hashSecret(secret))
}
