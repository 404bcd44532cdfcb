// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../../test/database.ts'
import type { OpenDatabase } from '../database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

const at = (minute: number) => `2026-11-01T10:${String(minute).padStart(2, '0')}:00.000Z`

let folder: string
let database: TestDatabase
let open: OpenDatabase
let ddl: Kysely<unknown>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-proofs-'))
  database = await makeDatabase(folder, 'template0')
  open = await openDatabase(database.place)
  ddl = open.ddl as unknown as Kysely<unknown>
  await migrate(open, '0022-access-changes')
  await fill()
  await migrate(open)
})
afterAll(async () => {
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows

describe('migration 0023', () => {
  it('copies the boxed TOTP secret and its last step unchanged', async () => {
    expect(await rows("select user_id, data, counter, created_at from authenticators where kind = 'totp'")).toEqual([
      { user_id: 'ada', data: 'box of ada', counter: 58_000_000, created_at: at(1) },
    ])
  })

  it('copies backup codes, and which of them are used', async () => {
    const codes = await rows(
      "select user_id, data, counter, last_used_at from authenticators where kind = 'backup-code' order by data",
    )
    expect(codes).toEqual([
      { user_id: 'ada', data: 'digest one', counter: null, last_used_at: null },
      { user_id: 'ada', data: 'digest two', counter: null, last_used_at: at(9) },
    ])
  })

  it('gives each authenticator an id of its own', async () => {
    const ids = (await rows('select id from authenticators')) as { id: string }[]
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3)
    for (const { id } of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('turns the two times of a session into proofs', async () => {
    expect(await rows('select session_id, kind, at from session_proofs order by session_id, kind')).toEqual([
      { session_id: 'both', kind: 'password', at: at(2) },
      { session_id: 'both', kind: 'totp', at: at(3) },
      { session_id: 'password-only', kind: 'password', at: at(4) },
    ])
    expect(await rows('select id, secret_hash from sessions order by id')).toEqual([
      { id: 'both', secret_hash: 'hash of both' },
      { id: 'password-only', secret_hash: 'hash of password-only' },
    ])
  })

  it('keeps pending enrolments, which still end with their session', async () => {
    expect(await rows('select * from enrolments')).toEqual([
      { session_id: 'password-only', kind: 'totp', user_id: 'bob', data: 'box of bob', started_at: at(5) },
    ])
    await rows("delete from sessions where id = 'password-only'")
    expect(await rows('select * from enrolments')).toEqual([])
    expect(await rows("select * from session_proofs where session_id = 'password-only'")).toEqual([])
  })
})

/** One user with a second factor, one without, as the schema of 0022 kept them. */
async function fill(): Promise<void> {
  const user = (id: string, enrolledAt: string | null) => sql`
    insert into users (id, username, username_folded, kind, identity_provider, mfa_enrolled_at, created_at, version)
    values (${id}, ${id}, ${id}, 'person', 'local', ${enrolledAt}, ${at(0)}, 1)`
  const session = (id: string, userId: string, [passwordAt, factorAt]: [string, string | null]) => sql`
    insert into sessions (id, secret_hash, user_id, created_at, password_proved_at, factor_proved_at, last_seen_at, expires_at, address)
    values (${id}, ${`hash of ${id}`}, ${userId}, ${at(2)}, ${passwordAt}, ${factorAt}, ${at(6)}, ${at(59)}, '127.0.0.1')`
  const statements = [
    user('ada', at(1)),
    user('bob', null),
    sql`insert into second_factors (user_id, secret_box, last_used_step) values ('ada', 'box of ada', 58000000)`,
    sql`insert into backup_codes (user_id, digest, used_at) values ('ada', 'digest one', null)`,
    sql`insert into backup_codes (user_id, digest, used_at) values ('ada', 'digest two', ${at(9)})`,
    session('both', 'ada', [at(2), at(3)]),
    session('password-only', 'bob', [at(4), null]),
    sql`insert into enrolments (session_id, user_id, secret_box, started_at)
      values ('password-only', 'bob', 'box of bob', ${at(5)})`,
  ]
  for (const statement of statements) await statement.execute(ddl)
}
