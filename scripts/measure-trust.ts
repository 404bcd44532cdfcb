/**
 * Measures how long a change of the trust store blocks the broker's thread: the CPU time of each turn of the event
 * loop, because wall-clock time would include other programs. Deletes and renames authorities one by one, and runs the
 * code of the broker that applies the change. `node scripts/measure-trust.ts [authorities]`, default 10,000, in a data
 * folder of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../apps/bff/src/brokers/embedded/store.ts'
import { insertAuthorities } from '../apps/bff/src/certificates/authorities/store.ts'
import { describeBuiltIn } from '../apps/bff/src/certificates/built-in-authority/built-in.ts'
import { Trust } from '../apps/bff/src/certificates/trust/trust.ts'
import { systemClock } from '../apps/bff/src/platform/base/clock.ts'
import { migrate } from '../apps/bff/src/platform/db/migrate.ts'
import { openDatabase } from '../apps/bff/src/platform/db/open.ts'
import { type Issued, issue, makeAuthority } from '../packages/pki/src/testing/certificates.ts'
import { measureTurns } from './turns.ts'

const count = Number(process.argv[2] ?? 10_000)
const changes = 20
/** The number of authorities that share one name. */
const namesakes = 1_000

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-trust-'))
const database = await openDatabase({ file: join(folder, 'gatehouse.db') })
try {
  await migrate(database)
  const made = await fill()
  const trust = new Trust(openStore({ file: join(folder, 'gatehouse.db') }), systemClock)
  console.log(`${count} authorities, read for the first time: ${await measured(() => trust.reload())}`)
  const turns: number[] = []
  for (let change = 0; change < changes; change++) {
    const { fingerprint } = made[change * 7] as Issued
    const { db } = database
    if (change % 2 === 0) await db.deleteFrom('authorities').where('fingerprint', '=', fingerprint).execute()
    else await db.updateTable('authorities').set({ name: 'Renamed' }).where('fingerprint', '=', fingerprint).execute()
    turns.push(...(await turnsOf(() => trust.reload())))
  }
  console.log(`${changes} changes, one after the other: ${spread(turns)}`)
  const one = made.at(-1) as Issued
  const impact = () => trust.withChange({ authority: one.fingerprint, change: { delete: true } })
  console.log(`What if one were deleted? ${await measured(async () => void (await impact()))}`)
  const leaf = issue(one, { subject: 'press-1' })
  const judge = async () => void trust.judge([leaf.der], { at: new Date(), trusted: null })
  console.log(`The first certificate by one of ${namesakes} with one name: ${await measured(judge)}`)
} finally {
  await database.close()
  await rm(folder, { recursive: true })
}

async function fill(): Promise<Issued[]> {
  const made: Issued[] = []
  for (let at = 0; at < count; at++) {
    const one = makeAuthority({ subject: at < count - namesakes ? `Authority ${at}` : 'Namesake' })
    const row = { ...(await describeBuiltIn(one, systemClock)), builtIn: false }
    await database.db.transaction().execute((trx) => insertAuthorities(trx, [row]))
    made.push(one)
  }
  return made
}

async function measured(work: () => Promise<void>): Promise<string> {
  return spread(await turnsOf(work))
}

async function turnsOf(work: () => Promise<void>): Promise<number[]> {
  const endTurns = measureTurns()
  await work()
  return endTurns()
}

function spread(taken: readonly number[]): string {
  const longest = taken.toSorted((a, b) => b - a).slice(0, 5)
  const sum = taken.reduce((all, each) => all + each, 0)
  return `${sum.toFixed(0)} ms in ${taken.length} turns, the longest ${longest.map((each) => each.toFixed(1)).join(', ')} ms`
}
