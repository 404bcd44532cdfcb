/**
 * Finds text anywhere in users' names through a trigram index. Everything that differs between the databases is here.
 * The database maintains the index; a store only writes `username_folded` and `display_name_folded`.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import { containing } from './keyset.ts'

interface TextSearch {
  /** Creates the index and fills it with the existing users. */
  make(db: Kysely<unknown>): Promise<void>
  /** Does the name of this user contain the text? At least three characters, in lower case. */
  found(text: string): RawBuilder<boolean>
  /** The same users as rows to count, from the index alone if possible. */
  findings(text: string): RawBuilder<unknown>
}

/** Shorter text has no trigram; it is searched at the beginning of names. */
export const shortestSearched = 3

export function textSearchOf(db: Pick<Kysely<unknown>, 'getExecutor'>): TextSearch {
  return isPostgres(db) ? postgresTextSearch : sqliteTextSearch
}

/** Does the column begin with this? As a range, which an index on the column answers. */
export function beginningWith(column: string, text: string): RawBuilder<boolean> {
  const ref = sql.ref(column)
  return sql`(${ref} >= ${text} and ${ref} < ${`${text}\u{10ffff}`})`
}

/** Both names as one text. Neither can contain a line break. */
const namesOf = (row: string) =>
  sql.raw(`${row}.username_folded || char(10) || coalesce(${row}.display_name_folded, '')`)

const sqliteTextSearch: TextSearch = {
  async make(db) {
    // FTS5 identifies its rows by number. SQLite's own row ids may change with a VACUUM.
    await sql`alter table users add column number integer`.execute(db)
    await sql`update users set number = numbered.number
      from (select id, row_number() over (order by created_at, id) as number from users) as numbered
      where users.id = numbered.id`.execute(db)
    await sql`create index users_by_number on users (number, username_folded, id)`.execute(db)
    // Only the index: the text is in `users`. It is already lower case, so it is compared as it is.
    await sql`create virtual table user_trigrams using fts5
      (names, content = '', columnsize = 0, tokenize = 'trigram case_sensitive 1')`.execute(db)
    await sql`insert into user_trigrams (rowid, names) select number, ${namesOf('users')} from users`.execute(db)
    await makeTriggers(db)
  },
  found: (text) => sql`users.number in (${findTrigrams(text)})`,
  findings: findTrigrams,
}

/** In quotes it is one phrase: consecutive trigrams, so exactly the text. */
function findTrigrams(text: string): RawBuilder<unknown> {
  return sql`select rowid from user_trigrams where user_trigrams match ${`"${text.replaceAll('"', '""')}"`}`
}

async function makeTriggers(db: Kysely<unknown>): Promise<void> {
  const add = sql`insert into user_trigrams (rowid, names) select number, ${namesOf('users')} from users where id = new.id`
  const drop = sql`insert into user_trigrams (user_trigrams, rowid, names) values ('delete', old.number, ${namesOf('old')})`
  await sql`create trigger users_are_numbered after insert on users begin
    update users set number = (select coalesce(max(number), 0) + 1 from users) where id = new.id;
    ${add};
  end`.execute(db)
  await sql`create trigger users_are_renamed after update of username_folded, display_name_folded on users begin
    ${drop};
    ${add};
  end`.execute(db)
  await sql`create trigger users_are_forgotten after delete on users begin
    ${drop};
  end`.execute(db)
}

const postgresTextSearch: TextSearch = {
  async make(db) {
    await sql`create extension if not exists pg_trgm`.execute(db)
    await sql`create index users_by_trigrams on users
      using gin (username_folded gin_trgm_ops, display_name_folded gin_trgm_ops)`.execute(db)
  },
  found: inNames,
  findings: (text) => sql`select id from users where ${inNames(text)}`,
}

function inNames(text: string): RawBuilder<boolean> {
  const pattern = containing(text)
  return sql`(users.username_folded like ${pattern} escape '\\' or users.display_name_folded like ${pattern} escape '\\')`
}
