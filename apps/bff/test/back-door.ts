/**
 * Writes to the database of a test app directly, for states that no route can create (an expired session), and reads
 * all tables. It bypasses every rule, so use it only for that.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Permission } from '@gatehouse/contract/access/permission'
import { type Call, createClient } from '@gatehouse/contract/client'
import { newId } from '../src/platform/base/id.ts'
import type { TestApp } from './app.ts'
import { keptFetch } from './kept-fetch.ts'
import { openSql, type SqlValue } from './sql.ts'

export interface UserFactColumns {
  /** Gives the user a TOTP authenticator whose secret nobody knows. */
  mfa_enrolled_at?: string
  mfa_required_at?: string
  password_change_required_at?: string
  disabled_at?: string
}

export interface SessionFacts {
  /** How long ago; default now. */
  provedMsAgo?: number
  seenMsAgo?: number
  expired?: boolean
}

export interface TokenFacts {
  expired?: boolean
  /** Permissions that the token is narrowed to. */
  permissions?: readonly Permission[]
  /** `console` unless told otherwise; null: from before that was kept. */
  origin?: 'login' | 'console' | null
}

export type BackDoor = ReturnType<typeof openBackDoor>

export function openBackDoor(app: Pick<TestApp, 'database' | 'url'>) {
  const sql = openSql(app.database)
  const idOf = (username: string) => sql.value<string>('select id from users where username = ?', username)
  const openToken = async (
    username: string,
    { expired = false, permissions, origin = 'console' }: TokenFacts = {},
  ): Promise<string> => {
    const secret = newSecret()
    await sql.insert('tokens', {
      id: newId(new Date()),
      secret_hash: hash(secret),
      user_id: await idOf(username),
      label: 'test',
      permissions: permissions ? JSON.stringify(permissions) : null,
      origin,
      created_at: ago(0),
      expires_at: ago(expired ? 1_000 : -3_600_000),
      last_used_at: ago(0),
    })
    return secret
  }
  return {
    ...sql,
    idOf,
    /** Creates a token as `POST /tokens` would. */
    openToken,
    /** Calls with such a token. */
    asToken: async (username: string): Promise<Call> =>
      createClient({
        baseUrl: app.url,
        headers: { Authorization: `Bearer ${await openToken(username)}` },
        fetch: keptFetch,
      }),
    async setFacts(username: string, facts: UserFactColumns): Promise<void> {
      if (facts.mfa_enrolled_at) {
        const id = newId(new Date())
        const user_id = await idOf(username)
        const created_at = facts.mfa_enrolled_at
        await sql.insert('authenticators', {
          id,
          user_id,
          kind: 'totp',
          data: id,
          counter: 0,
          created_at,
          last_used_at: null,
        })
      }
      for (const [column, value] of Object.entries(facts)) {
        await sql.run(`update users set ${column} = ? where username = ?`, value as SqlValue, username)
      }
    },
    /** Creates a session as a sign-in would. Returns the cookie. */
    async openSession(
      username: string,
      { provedMsAgo = 0, seenMsAgo = 0, expired = false }: SessionFacts = {},
    ): Promise<string> {
      const secret = newSecret()
      const id = newId(new Date())
      await sql.insert('sessions', {
        id,
        secret_hash: hash(secret),
        user_id: await idOf(username),
        created_at: ago(0),
        last_seen_at: ago(seenMsAgo),
        expires_at: ago(expired ? 1_000 : -3_600_000),
        address: '127.0.0.1',
        user_agent: null,
      })
      await sql.insert('session_proofs', { session_id: id, kind: 'password', at: ago(provedMsAgo) })
      return `gatehouse=${secret}`
    },
    /**
     * All rows of all tables as one text. Two equal texts prove that nothing changed in between. Times of last use and
     * what the broker reports are left out, because the server writes them some seconds later.
     */
    async everything(): Promise<string> {
      const texts: string[] = []
      const tables = (await sql.tables()).filter((name) => !toldByTheBroker.includes(name))
      for (const table of tables) {
        const rows = await sql.rows(`select * from ${table}`)
        texts.push(table, ...rows.map((row) => JSON.stringify(row, leaveOutUse)).toSorted())
      }
      return texts.join('\n')
    },
  }
}

/** Written every few seconds, independently of requests. */
const toldByTheBroker = [
  'activity',
  'decisions',
  'decision_totals',
  'decisions_left_out',
  'seen_certificates',
  'seen_chains',
]

function leaveOutUse(name: string, value: unknown): unknown {
  return ['last_seen_at', 'last_used_at', 'last_sign_in_at'].includes(name) ? undefined : value
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString()
}
