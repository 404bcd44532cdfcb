/**
 * A door into the database of a test app, for facts that no route can make (a second factor that is demanded, a session that
 * ran out by itself) and for a look at everything at once. It goes around every rule: tests only, and only for these.
 */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Call, createClient } from '@gatehouse/contract/client'
import type { Permission } from '@gatehouse/contract/permissions'
import SqliteDatabase from 'better-sqlite3'
import { newId } from '../src/base/id.ts'
import type { TestApp } from './app.ts'

export interface UserFactColumns {
  mfa_enrolled_at?: string
  mfa_required_at?: string
  password_change_required_at?: string
  disabled_at?: string
}

export interface SessionFacts {
  /** How long ago; now unless told otherwise. */
  provedMsAgo?: number
  seenMsAgo?: number
  expired?: boolean
}

export interface TokenFacts {
  expired?: boolean
  /** Narrowed to these. */
  permissions?: readonly Permission[]
}

export type BackDoor = ReturnType<typeof openBackDoor>

export function openBackDoor(app: Pick<TestApp, 'dataDir' | 'url'>) {
  const database = new SqliteDatabase(join(app.dataDir, 'gatehouse.db'))
  const idOf = (username: string) =>
    database.prepare('select id from users where username = ?').pluck().get(username) as string
  const openToken = (username: string, { expired = false, permissions }: TokenFacts = {}): string => {
    const secret = newSecret()
    insert(database, 'tokens', {
      id: newId(new Date()),
      secret_hash: hash(secret),
      user_id: idOf(username),
      label: 'test',
      permissions: permissions ? JSON.stringify(permissions) : null,
      created_at: ago(0),
      expires_at: ago(expired ? 1_000 : -3_600_000),
      last_used_at: ago(0),
    })
    return secret
  }
  return {
    database,
    idOf,
    /** A token as `/login` would have made it. */
    openToken,
    /** Calls with such a token. */
    asToken: (username: string): Call =>
      createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${openToken(username)}` } }),
    setFacts(username: string, facts: UserFactColumns): void {
      for (const [column, value] of Object.entries(facts)) {
        database.prepare(`update users set ${column} = ? where username = ?`).run(value, username)
      }
    },
    /** A session as a sign-in would have made it; answers with its cookie. */
    openSession(username: string, { provedMsAgo = 0, seenMsAgo = 0, expired = false }: SessionFacts = {}): string {
      const secret = newSecret()
      insert(database, 'sessions', {
        id: newId(new Date()),
        secret_hash: hash(secret),
        user_id: idOf(username),
        created_at: ago(0),
        password_proved_at: ago(provedMsAgo),
        factor_proved_at: null,
        last_seen_at: ago(seenMsAgo),
        expires_at: ago(expired ? 1_000 : -3_600_000),
        address: '127.0.0.1',
        user_agent: null,
      })
      return `gatehouse=${secret}`
    },
    /**
     * All rows of all tables, as one text: two that are equal say that nothing happened in between. When a session or a token
     * was last used is left out: a request is noted there now and then, whatever becomes of it.
     */
    everything(): string {
      const tables = database
        .prepare(
          "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and sql not like 'create virtual%' order by name",
        )
        .pluck()
        .all() as string[]
      return tables
        .map((name) => JSON.stringify([name, database.prepare(`select * from ${name}`).all()], leaveOutUse))
        .join('\n')
    },
    /** Another number after each commit of the server: cheaper than `everything`, and stricter. */
    commits: (): unknown => database.pragma('data_version', { simple: true }),
    close: () => void database.close(),
  }
}

function leaveOutUse(name: string, value: unknown): unknown {
  return name === 'last_seen_at' || name === 'last_used_at' ? undefined : value
}

function insert(database: SqliteDatabase.Database, table: string, row: Record<string, string | null>): void {
  const names = Object.keys(row)
  database
    .prepare(`insert into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`)
    .run(row)
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
