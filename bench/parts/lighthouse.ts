/** Lighthouse's performance score of the sign-in page and of Users with 3,000 users, as a desktop and as a phone. */
import type { Bench, Measured } from '../part.ts'
import { makeRow, median, type Row } from '../row.ts'
import { admin } from '../sides/gatehouse.ts'
import { type Device, Lighthouse, type Score } from '../sides/lighthouse.ts'

const userCount = 3_000

interface Goal {
  page: string
  path: string
  device: Device
  target: number
}

const goals: readonly Goal[] = [
  { page: 'sign-in', path: '/', device: 'desktop', target: 95 },
  { page: 'sign-in', path: '/', device: 'mobile', target: 85 },
  { page: 'Users, 3,000 users', path: '/users', device: 'desktop', target: 90 },
  { page: 'Users, 3,000 users', path: '/users', device: 'mobile', target: 70 },
]

async function measure({ installations, rounds, say }: Bench): Promise<Measured> {
  const lighthouse = await Lighthouse.open()
  if (!lighthouse) {
    say('left out: LIGHTHOUSE does not name the folder in which Lighthouse is installed')
    return { rows: [] }
  }
  const { gatehouse } = await installations.start(userCount)
  const cookie = await signIn(gatehouse.url)
  const rows: Row[] = []
  for (const { page, path, device, target } of goals) {
    const scores: Score[] = []
    for (let round = 0; round < rounds; round++) {
      scores.push(await lighthouse.measure(gatehouse.url + path, device, path === '/' ? null : cookie))
    }
    say(`${page}, ${device}: ${describe(scores)}`)
    const name = `Lighthouse performance, ${page}, ${device}`
    const goal = { name, unit: 'points', target, atLeast: true }
    const points = scores.map(({ score }) => score)
    rows.push(makeRow(goal, points, null))
  }
  return { rows }
}

export const lighthouse = { name: 'lighthouse', run: measure }

async function signIn(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'X-Requested-With': 'gatehouse', 'Content-Type': 'application/json' },
    body: JSON.stringify(admin),
  })
  const [cookie] = answer.headers.getSetCookie()
  if (!answer.ok || !cookie) throw new Error(`Signing in: ${answer.status} ${await answer.text()}`)
  return cookie.split(';')[0] ?? ''
}

/** The median of each metric. */
function describe(scores: readonly Score[]): string {
  const names = Object.keys(scores[0]?.parts ?? {})
  const medians = names.map((name) => {
    const value = median(scores.map(({ parts }) => parts[name] ?? Number.NaN))
    return `${name} ${name === 'CLS' ? value.toFixed(3) : Math.round(value)}`
  })
  return medians.join(', ')
}
