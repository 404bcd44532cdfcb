import { type RawBuilder, sql } from 'kysely'
import { compileOnce, type Take } from '../../platform/db/compile-once.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

/** `console` and `mqtt` are addresses, kept apart. */
export type SourceKind = 'device' | 'console' | 'mqtt'

export interface KnownSource {
  kind: SourceKind
  /** The hash of a device's secret, or a network. */
  source: string
  lastRightAt: string
}

export type NamedSource = Pick<KnownSource, 'kind' | 'source'>

/** How many users may share one browser. */
export const devicesInCookie = 5

type SourceOfUser = NamedSource & { userId: string }

/** When the user last signed in from this source. Null: never. */
export async function findLastRight(db: Db, source: SourceOfUser): Promise<string | null> {
  return (await selectLastRight(db, source))[0]?.last_right_at ?? null
}

const selectLastRight = compileOnce((db, take: Take<SourceOfUser>) =>
  db
    .selectFrom('known_sources')
    .select('last_right_at')
    .where(
      'user_id',
      '=',
      take(({ userId }) => userId),
    )
    .where(
      'kind',
      '=',
      take(({ kind }) => kind),
    )
    .where(
      'source',
      '=',
      take(({ source }) => source),
    ),
)

/** Which of these devices the user has signed in from. */
export async function findDevices(db: Db, userId: string, devices: readonly string[]): Promise<string[]> {
  if (devices.length === 0) return []
  const rows = await db
    .selectFrom('known_sources')
    .select('source')
    .where('user_id', '=', userId)
    .where('kind', '=', 'device')
    .where('source', 'in', devices)
    .execute()
  return rows.map(({ source }) => source)
}

/** A condition on `known_sources`. False without any. */
export function isAmong(wanted: readonly NamedSource[]): RawBuilder<unknown> {
  if (wanted.length === 0) return sql`1 = 0`
  return sql.join(
    wanted.map(({ kind, source }) => sql`(kind = ${kind} and source = ${source})`),
    sql` or `,
  )
}

export async function writeSource(
  trx: Trx,
  { userId, kind, source, lastRightAt }: KnownSource & { userId: string },
): Promise<void> {
  await trx
    .insertInto('known_sources')
    .values({ user_id: userId, kind, source, last_right_at: lastRightAt })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'kind', 'source']).doUpdateSet({ last_right_at: lastRightAt }),
    )
    .execute()
}

export async function deleteSources(
  trx: Trx,
  { userId, kind, sources }: { userId: string; kind: SourceKind; sources: readonly string[] },
): Promise<void> {
  if (sources.length === 0) return
  await trx
    .deleteFrom('known_sources')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where('source', 'in', sources)
    .execute()
}

/** Keeps the sources that were right last. */
export async function deleteSourcesBeyond(
  trx: Trx,
  { userId, kind, most }: { userId: string; kind: SourceKind; most: number },
): Promise<void> {
  const rows = await trx
    .selectFrom('known_sources')
    .select('source')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .orderBy('last_right_at', 'desc')
    .orderBy('source')
    .execute()
  await deleteSources(trx, { userId, kind, sources: rows.slice(most).map(({ source }) => source) })
}

/** Call it with a new password: the old one made these sources known. */
export async function deleteSourcesOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('known_sources').where('user_id', '=', userId).execute()
}

/** Deletes expired sources, and those from a wrong clock, which would stay known for too long. */
export async function deleteSourcesOutside(
  trx: Trx,
  { before, after }: { before: string; after: string },
): Promise<void> {
  await trx
    .deleteFrom('known_sources')
    .where((e) => e.or([e('last_right_at', '<', before), e('last_right_at', '>', after)]))
    .execute()
}
