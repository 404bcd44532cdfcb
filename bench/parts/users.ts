/**
 * Measures the list of users with few and many users, over HTTP as the console calls it. Each request comes right
 * after a write, so that the server's memory is empty (docs/decisions/0036-what-is-remembered.md).
 */
import { users as api } from '@gatehouse/contract/identity/users'
import { latencies, type Request } from '../load/requests.ts'
import type { Bench, Growth, Measured } from '../part.ts'
import { inTurn, makeRow, median } from '../row.ts'
import { admin, type Ours } from '../sides/gatehouse.ts'

const unit = 'ms'
const sizes = [1_000, 100_000, 1_000_000]

interface Question {
  name: string
  query: string
  target: number
}

const questions: Question[] = [
  { name: 'First page of users', query: 'limit=50', target: 1.5 },
  { name: 'Search of users, a rare word', query: 'limit=50&search=0000777', target: 5 },
  { name: 'Search of users, a common word', query: 'limit=50&search=press', target: 5 },
  { name: 'Users who may use a certificate', query: 'limit=50&method%5Beq%5D=certificate', target: 5 },
]

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const asked = few(40, 5)
  const measured: { size: number; of: Record<string, number[]> }[] = []
  for (const size of sizes.map((full) => few(full, Math.ceil(full / 1_000)))) {
    say(`${size} users …`)
    const ours = await installations.start(size)
    const write = await writing(ours)
    const sides = Object.fromEntries(
      questions.map(({ name, query }) => [
        name,
        async () => median(await latencies(requestOf(ours, query), asked, write)),
      ]),
    )
    await inTurn(1, sides)
    measured.push({ size, of: await inTurn(rounds, sides) })
    await ours.gatehouse.stop()
  }
  const [few1, , many] = measured
  return {
    rows: questions.map(({ name, target }) =>
      makeRow(
        { name: `${name}, a million beside a thousand`, unit, target },
        many?.of[name] ?? [],
        few1?.of[name] ?? [],
      ),
    ),
    growth: [chart(measured)],
  }
}

export const users = { name: 'users', run: measure }

/** An unrelated small change. */
async function writing({ call }: Ours): Promise<() => Promise<unknown>> {
  // A token does not change its own user: take another one than the administrator.
  const { items } = await call(api.list, { search: { limit: 2 } })
  const id = items.find(({ username }) => username !== admin.username)?.id ?? ''
  let changes = 0
  return () => call(api.update, { params: { id }, body: { displayName: `Change ${changes++}` } })
}

function requestOf({ gatehouse, token }: Ours, query: string): Request {
  return { url: new URL(`/api/users?${query}`, gatehouse.url), headers: { Authorization: `Bearer ${token}` } }
}

function chart(measured: { size: number; of: Record<string, number[]> }[]): Growth {
  const lines = questions.map(({ name }) => ({
    name,
    points: measured.map(({ size, of }) => ({ x: size, y: median(of[name] ?? []) })),
  }))
  return { name: 'A page of users', file: 'users', x: 'users', y: unit, lines }
}
