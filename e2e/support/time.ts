/**
 * Lets time pass for one user: makes the stored times of that user older. The server must not offer this, so it changes
 * the database in the data folder, which only a test has access to.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Gatehouse } from './server.ts'

const stepsPerMinute = 2
const older = (column: string) => `${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, $ago)`

export function letMinutesPass({ dataFolder }: Gatehouse, username: string, minutes: number): void {
  const database = new DatabaseSync(join(dataFolder, 'gatehouse.db'), { timeout: 5_000 })
  const moments = ['created_at', 'last_seen_at', 'expires_at']
  const ofUser = 'user_id = (select id from users where username = $username)'
  const facts = { $username: username, $ago: `-${minutes} minutes` }
  database.prepare(`update sessions set ${moments.map(older).join(', ')} where ${ofUser}`).run(facts)
  database
    .prepare(`update session_proofs set ${older('at')} where session_id in (select id from sessions where ${ofUser})`)
    .run(facts)
  database.prepare(`update enrolments set ${older('started_at')} where ${ofUser}`).run(facts)
  database
    .prepare(`update authenticators set counter = counter - $steps where kind = 'totp' and ${ofUser}`)
    .run({ $username: username, $steps: minutes * stepsPerMinute })
  database.close()
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

/** As after a hundred wrong passwords within half an hour, from addresses that the server has not seen before. */
export function closeForStrangers({ dataFolder }: Gatehouse, username: string): void {
  const database = new DatabaseSync(join(dataFolder, 'gatehouse.db'), { timeout: 5_000 })
  const pool = `password|user|${createHash('sha256').update(username).digest('base64url')}`
  database.prepare('delete from known_sources where user_id = (select id from users where username = ?)').run(username)
  database
    .prepare('insert or replace into attempts (pool, failures, window_started_at, blocked_until) values (?, 100, ?, ?)')
    .run(pool, inMinutes(-30), inMinutes(30))
  database.close()
}
