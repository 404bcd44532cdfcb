/**
 * What a page of users costs in one data folder and in another, as CPU time of the process: on a shared machine the clock
 * tells about the neighbours. `node scripts/measure-lists.ts <few users> <many users>`, folders made by `npm run seed`.
 */
import { join } from 'node:path'
import { type Db, openDatabase } from '../apps/bff/src/db/open.ts'
import { listUsers } from '../apps/bff/src/users/store.ts'
import { users } from '../packages/contract/src/users.ts'

const rounds = 15

const [few = '', many = ''] = process.argv.slice(2)
const databases = await Promise.all([few, many].map((folder) => openDatabase({ file: join(folder, 'gatehouse.db') })))
const roleIds = await Promise.all(databases.map(({ reader }) => rolesBySize(reader)))

type Search = Record<string, string | number | undefined>
const cases: Record<string, (at: number) => Search> = {
  'first page': () => ({}),
  'by creation': () => ({ sort: '-createdAt' }),
  'rare word': () => ({ search: '0000777' }),
  'word of some': () => ({ search: 'lindqvist' }),
  'common word': () => ({ search: 'press' }),
  'common, in a place': () => ({ search: 'turku-line-2' }),
  nothing: () => ({ search: 'xyzzy' }),
  'two letters': () => ({ search: 'ma' }),
  'the largest role': (at) => ({ 'role[eq]': roleIds[at]?.at(0) }),
  'a usual role': (at) => ({ 'role[eq]': roleIds[at]?.[Math.floor((roleIds[at]?.length ?? 0) / 2)] }),
  'by certificate': () => ({ 'method[eq]': 'certificate' }),
  'by token': () => ({ 'method[eq]': 'token' }),
  people: () => ({ 'kind[eq]': 'person' }),
  disabled: () => ({ 'state[eq]': 'disabled' }),
  'factor missing': () => ({ 'factor[eq]': 'missing' }),
  'role, by sign-in': (at) => ({ 'role[eq]': roleIds[at]?.at(0), sort: '-lastSignInAt' }),
  'people with a token': () => ({ 'kind[eq]': 'person', 'method[eq]': 'token' }),
  'disabled, word': () => ({ 'state[eq]': 'disabled', search: 'press' }),
}

console.log(`${'CPU ms'.padEnd(24)}${'few'.padStart(10)}${'many'.padStart(10)}${'×'.padStart(8)}`)
for (const [name, searchFor] of Object.entries(cases)) {
  await compare(name, async (_reader, at) => searchFor(at))
}
await compare('a later page', async (reader) => ({
  cursor: (await list(reader, { limit: 200 })).nextCursor ?? undefined,
}))
await Promise.all(databases.map(({ close }) => close()))

async function compare(name: string, searchFor: (reader: Db, at: number) => Promise<Search>): Promise<void> {
  const taken: number[] = []
  // One after the other: the CPU time is that of the process.
  for (const [at, { reader }] of databases.entries()) taken.push(await medianCpu(reader, await searchFor(reader, at)))
  const [small = 0, large = 0] = taken
  console.log(`${name.padEnd(24)}${ms(small)}${ms(large)}${(large / small).toFixed(1).padStart(8)}`)
}

async function medianCpu(reader: Db, search: Search): Promise<number> {
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    await list(reader, search)
    const { user, system } = process.cpuUsage(before)
    taken.push((user + system) / 1_000)
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
}

function list(reader: Db, search: Search) {
  return listUsers(reader, users.list.search.parse({ limit: 50, ...search }))
}

async function rolesBySize(reader: Db): Promise<string[]> {
  const rows = await reader
    .selectFrom('user_roles')
    .select(['role_id', (e) => e.fn.countAll().as('users')])
    .groupBy('role_id')
    .orderBy('users', 'desc')
    .execute()
  return rows.map(({ role_id }) => role_id)
}

function ms(taken: number): string {
  return taken.toFixed(2).padStart(10)
}
