import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

/**
 * Audit events older than the retention time may be deleted. The deleting transaction first moves the mark; a statement
 * that does not still deletes nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isPostgres(db) ? 'text collate "C"' : 'text')
  await sql`create table audit_retention (kept_since ${text} not null, deleted integer not null)`.execute(db)
  await sql`insert into audit_retention (kept_since, deleted) values ('', 0)`.execute(db)
  await (isPostgres(db) ? guardOnPostgres(db) : guardOnSqlite(db))
}

async function guardOnSqlite(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger audit_events_stay`.execute(db)
  await sql`create trigger audit_events_stay before delete on audit_events
    when old.at >= (select kept_since from audit_retention)
    begin select raise(abort, 'audit events stay'); end`.execute(db)
}

async function guardOnPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger audit_events_stay on audit_events`.execute(db)
  await sql`create function refuse_early_deletion() returns trigger language plpgsql
    as 'begin
      if old.at >= (select kept_since from audit_retention) then raise exception ''audit events stay''; end if;
      return old;
    end'`.execute(db)
  await sql`create trigger audit_events_stay before delete on audit_events
    for each row execute function refuse_early_deletion()`.execute(db)
}
